"""What model servers of all kinds really send, each against a server on loopback that does so."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bookbytes_pipeline.domain.errors import BookBytesError, Refused, TooLong, Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.models.openai import connect
from bookbytes_pipeline.writing.chapter_summary import SCHEMA
from tests.fakes.openai_api import Canned, OpenAIApi, canned_completion
from tests.fakes.server import serving

REQUEST = WritingRequest("chapter_summary", "Summarise in 40 words.", "The pond froze early.", SCHEMA, "", 40, "en")
ANSWER = {"known": True, "summary": "The pond froze early that winter, and the ice was cut."}
GOOD = json.dumps(ANSWER)
AGAIN = {"Retry-After": "0"}


def written(api: OpenAIApi, *requests: WritingRequest) -> Sequence[Answer]:
    async def ask(base_url: str) -> Sequence[Answer]:
        async with connect("sk-test", f"{base_url}/v1", "made-up", 10.0, CallSlots(1)) as model:
            return [await model.write(request) for request in requests]

    with serving(api.application()) as base_url:
        return asyncio.run(ask(base_url))


def failed(*script: Canned) -> BookBytesError:
    with pytest.raises(BookBytesError) as caught:
        written(OpenAIApi(script=list(script)), REQUEST)
    return caught.value


def message(**fields: Any) -> Canned:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **fields}}
    return Canned(body={"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 5}})


def forms(api: OpenAIApi) -> list[str]:
    return [body.get("response_format", {}).get("type", "none") for body in api.requests]


def streamed() -> Canned:
    parts = [{"choices": [{"delta": {"content": GOOD[start : start + 9]}}]} for start in range(0, len(GOOD), 9)]
    lines = "\n\n".join(f"data: {json.dumps(part)}" for part in parts)
    return Canned(body=f"{lines}\n\ndata: [DONE]\n\n", headers={"Content-Type": "text/event-stream"})


@pytest.mark.parametrize(
    "canned",
    [
        pytest.param(
            message(
                content=[
                    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
                    {"type": "text", "text": GOOD},
                ]
            ),
            id="parts",
        ),
        pytest.param(message(content=None, reasoning_content=GOOD), id="in reasoning_content"),
        pytest.param(message(content="", reasoning=f"So: {GOOD}"), id="in reasoning"),
        pytest.param(
            message(content=GOOD, reasoning_content='{"known": true, "summary": "DRAFT"}'), id="beside a draft"
        ),
        pytest.param(streamed(), id="streamed although nobody asked for that"),
    ],
)
def test_the_answer_is_read_at_once(canned: Canned) -> None:
    """One call: nothing is asked, or paid, twice."""
    api = OpenAIApi(script=[canned])

    (answer,) = written(api, REQUEST)

    assert (ANSWER, 1) == (answer.content, len(api.requests))


@pytest.mark.parametrize(
    ("error", "kind", "expected"),
    [
        ({"message": "The engine is overloaded", "code": 503}, Unavailable, "engine is overloaded"),
        ({"message": "Rate limit reached", "code": 429}, Unavailable, "no more requests"),
        ({"message": "Overloaded"}, Unavailable, "Overloaded"),
        ({"message": "No such key", "code": 401}, Refused, "OPENAI_API_KEY is not accepted"),
        ({"message": "Not for you"}, Refused, "Not for you"),
        ("Something broke", Refused, "Something broke"),
        ({"message": "prompt is too long: 9000 tokens > 4096 maximum"}, TooLong, "too long.*4096 tokens"),
    ],
)
def test_an_error_under_status_200_is_an_error(error: Any, kind: type[BookBytesError], expected: str) -> None:
    """Its code decides whether trying again helps, and its reason is told."""
    canned = Canned(body={"error": error}, headers=AGAIN)
    with pytest.raises(kind, match=expected) as caught:
        raise failed(canned, canned, canned)

    assert kind is type(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        {
            "choices": [
                {"error": {"message": "Overloaded", "code": 502}, "finish_reason": "error", "message": {"content": "{"}}
            ]
        },
        [{"error": {"message": "Overloaded", "code": 503}}],
        {"detail": "Overloaded, try again"},
        {"errors": [{"message": "Overloaded"}]},
        {"object": "error", "message": "Overloaded", "code": 503},
        'data: {"choices": [{"delta": {"content": "{"}}]}\n\ndata: {"error": {"message": "Overloaded"}}\n\n',
    ],
    ids=lambda body: str(body)[:40],
)
def test_an_error_is_found_wherever_a_success_has_it(body: Any) -> None:
    """In the choice, in a list, without a choice, and at the end of a stream that began well."""
    canned = Canned(body=body, headers=AGAIN)

    error = failed(canned, canned, canned)

    assert (Unavailable, True) == (type(error), "Overloaded" in str(error))


@pytest.mark.parametrize(
    "body",
    [
        [{"error": {"message": "Bad thing", "code": 400}}],
        {"detail": {"message": "Bad thing"}},
        {"detail": [{"loc": ["body"], "msg": "Bad thing"}]},
        {"error": {"detail": {"message": "Bad thing"}}},
        {"error": "Bad thing"},
        {"message": "Bad thing"},
        "Bad thing",
    ],
    ids=str,
)
def test_the_reason_reaches_the_person(body: Any) -> None:
    """However deep a server buries it."""
    error = failed(*[Canned(400, body)] * 3)

    assert Refused is type(error)
    assert str(error).endswith("refused the request (HTTP 400): Bad thing.")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"message": "This schema is not supported by xgrammar"}}),
        (400, {"error": {"message": "Unknown parameter: 'strict'"}}),
        (422, {"detail": [{"msg": "Extra inputs are not permitted"}]}),
        (400, [{"error": {"message": "Invalid JSON payload received"}}]),
        (400, {"error": {"message": "Bad request"}}),
        (500, {"error": {"message": "JSON schema conversion failed"}}),
        (501, {"error": {"message": "response_format is not implemented"}}),
    ],
    ids=str,
)
def test_what_may_be_about_the_form_leads_to_the_next(status: int, body: Any) -> None:
    """The answer is asked for as a JSON object, and so are all others of the run."""
    api = OpenAIApi(script=[Canned(status, body)])

    written(api, REQUEST, replace(REQUEST, prompt="Another one."))

    assert ["json_schema", "json_object", "json_object"] == forms(api)


def test_a_failed_validation_is_asked_for_once_more_in_the_same_form() -> None:
    """Another answer may fit; the third is asked for in another form."""
    invalid = Canned(400, {"error": {"message": "Failed to generate JSON", "code": "json_validate_failed"}})
    api = OpenAIApi(script=[invalid, invalid])

    written(api, REQUEST)

    assert ["json_schema", "json_schema", "json_object"] == forms(api)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "System role not supported"),
        (500, "System role not supported"),
        (400, "Conversation roles must alternate user/assistant/user/assistant/..."),
        (400, "Developer instruction is not enabled for this model"),
    ],
)
def test_a_server_without_a_system_role_gets_one_message(status: int, said: str) -> None:
    """With the instructions before the question, for the rest of the run."""
    api = OpenAIApi(script=[Canned(status, {"error": {"message": said}})])

    written(api, REQUEST, replace(REQUEST, prompt="Another one."))

    roles = [[part["role"] for part in body["messages"]] for body in api.requests]
    assert [["system", "user"], ["user"], ["user"]] == roles
    assert f"{REQUEST.instructions}\n\n{REQUEST.prompt}" == api.requests[1]["messages"][0]["content"]


def test_a_short_answer_is_asked_for_with_a_limit_of_its_own() -> None:
    """The server's default is a hundred tokens; a server that knows only the old name gets that."""
    cut = canned_completion('{"known": true, "summary": "The pond', "length")
    refused = Canned(400, {"error": {"message": "Unrecognized request argument supplied: max_completion_tokens"}})
    api = OpenAIApi(script=[cut, refused])

    written(api, REQUEST, replace(REQUEST, prompt="Another one."))

    limits = [{name: value for name, value in body.items() if "tokens" in name} for body in api.requests]
    assert [{}, {"max_completion_tokens": 620}, {"max_tokens": 620}, {"max_tokens": 620}] == limits


@pytest.mark.parametrize(
    "said",
    [
        "max_tokens is too large: 16384. This model supports at most 4,096 completion tokens, and you provided 16384.",
        "max_tokens: 16384 > 4096, which is the maximum allowed number of output tokens for this model",
        "`max_completion_tokens` must be less than or equal to `4096`, the maximum value for this model",
        "Invalid max_tokens value, the valid range of max_tokens is [1, 4096]",
        "Input should be less than or equal to 4096: max_completion_tokens",
    ],
    ids=lambda said: said[:30],
)
def test_the_longest_answer_of_a_server_is_learned(said: str) -> None:
    """It is asked for at once, in the same form, and remembered."""
    cut = canned_completion('{"known": true, "summary": "The pond', "length")
    api = OpenAIApi(script=[cut, cut, Canned(400, {"error": {"message": said}})])

    written(api, REQUEST, replace(REQUEST, prompt="Another one."))

    assert [0, 620, 16384, 4096, 4096] == [body.get("max_completion_tokens", 0) for body in api.requests]
    assert {"json_schema"} == set(forms(api))


def test_a_context_without_room_for_a_large_answer_gets_a_small_one() -> None:
    """It is not the chapter that is too long, but what was asked for beside it."""
    cut = canned_completion('{"known": true, "summary": "The pond', "length")
    said = (
        "This model's maximum context length is 8192 tokens. However, you requested 16984 tokens (600 in the messages, "
    )
    full = Canned(400, {"error": {"message": f"{said}16384 in the completion). Please reduce the length."}})
    api = OpenAIApi(script=[cut, cut, full])

    written(api, REQUEST)

    assert [0, 620, 16384, 620] == [body.get("max_completion_tokens", 0) for body in api.requests]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("/models/tiny-q4.gguf", "tiny-q4.gguf"),
        (r"C:\models\tiny-q4.gguf", "tiny-q4.gguf"),
        ("meta-llama/llama-3-8b", "meta-llama/llama-3-8b"),
        ("llama3.1:8b", "llama3.1:8b"),
    ],
)
def test_a_model_is_called_by_its_name(told: str, kept: str) -> None:
    """Not by the place of a file on somebody's machine."""
    (answer,) = written(OpenAIApi(script=[Canned(body={**canned_completion(GOOD).body, "model": told})]), REQUEST)

    assert kept == answer.model


def test_a_limit_that_does_not_help_is_named() -> None:
    """The sentence says what was allowed, and what to do."""
    cut = canned_completion('{"known": true, "summary": "The pond', "length")

    api = OpenAIApi(script=[cut, cut, cut])
    with pytest.raises(UnusableAnswer) as caught:
        written(api, REQUEST)
    error = caught.value

    assert [0, 620, 16384] == [body.get("max_completion_tokens", 0) for body in api.requests]
    assert "although 16384 tokens were allowed" in str(error)


@pytest.mark.parametrize(
    ("status", "said", "tokens"),
    [
        (
            400,
            "the request exceeds the available context size, try increasing it: n_prompt_tokens 9000, n_ctx: 4096",
            4096,
        ),
        (500, "the request exceeds the available context size. try increasing the context size", None),
        (
            400,
            "Trying to keep the first 8994 tokens when context the overflows. However, the model is loaded with "  # noqa: ISC004 - one sentence
            "context length of only 4096 tokens, which is not enough.",
            4096,
        ),
        (400, "This model's maximum context length is 8192 tokens. However, you requested 9,000 tokens", 8192),
        (500, "input length exceeds maximum context length", None),
        (413, "Payload too large", None),
        (400, "prompt is too long: 9000 tokens > 4096 maximum", 4096),
        (400, "The input token count (9000) exceeds the maximum number of tokens allowed (4096).", 4096),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_overflow_is_too_long_and_never_try_again_later(status: int, said: str, tokens: int | None) -> None:
    """In the words of llama.cpp, LM Studio, vLLM, Ollama, Anthropic and Google; asked once."""
    api = OpenAIApi(script=[Canned(status, {"error": {"message": said}})])

    with pytest.raises(TooLong) as caught:
        written(api, REQUEST)

    assert (tokens, 1, False) == (caught.value.max_tokens, len(api.requests), caught.value.try_again)
    assert "later" not in str(caught.value)


def test_a_prompt_that_the_server_cut_is_too_long() -> None:
    """It says what it read; the answer is of no use, and its cost is counted by whoever asked."""
    long = replace(REQUEST, prompt="The pond froze early that winter. " * 500)

    with pytest.raises(TooLong, match="read only 2050 of at least") as caught:
        written(OpenAIApi(script=[canned_completion(GOOD, tokens=(2050, 50))]), long)

    assert 2050 == caught.value.max_tokens


@pytest.mark.parametrize("tokens", [0, 2_500, 4_000])
def test_a_prompt_that_was_read_is_not_suspected(tokens: int) -> None:
    """Servers count differently, or not at all."""
    long = replace(REQUEST, prompt="The pond froze early that winter. " * 500)

    (answer,) = written(OpenAIApi(script=[canned_completion(GOOD, tokens=(tokens, 50))]), long)

    assert ANSWER == answer.content


def test_prose_instead_of_json_is_explained() -> None:
    """After three paid answers, in the words of somebody who can choose another model."""
    prose = canned_completion("The pond froze early that winter.")

    error = failed(prose, prose, prose)

    assert "did not answer with a JSON object. Another model may do better (OPENAI_MODEL)." in str(error)
