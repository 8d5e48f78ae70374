"""The OpenAI language model over HTTP, against a fake server on loopback."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bookbytes_pipeline.domain.errors import Refused, UnusableAnswer
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.models.openai import connect
from tests.fakes.openai_api import Canned, OpenAIApi, canned_completion
from tests.fakes.server import serving

SCHEMA = {
    "type": "object",
    "properties": {"known": {"type": "boolean"}, "summary": {"type": "string"}},
    "required": ["known", "summary"],
    "additionalProperties": False,
}
REQUEST = WritingRequest(
    name="chapter_summary",
    instructions="Summarise in 40 words.",
    prompt="The pond froze early that winter and the ice was cut.",
    schema=SCHEMA,
    text="",
    words=40,
    language="en",
)
OVERLOADED = Canned(503, {"error": {"message": "overloaded"}}, {"Retry-After": "0"})


def written(api: OpenAIApi, *requests: WritingRequest, key: str = "sk-test", concurrency: int = 1) -> Sequence[Answer]:
    async def ask(base_url: str) -> Sequence[Answer]:
        async with connect(key, f"{base_url}/v1", "made-up", 10.0, CallSlots(concurrency)) as model:
            return await asyncio.gather(*map(model.write, requests))

    with serving(api.application()) as base_url:
        return asyncio.run(ask(base_url))


def response_formats(api: OpenAIApi) -> list[str]:
    return [body.get("response_format", {}).get("type", "none") for body in api.requests]


def test_an_answer_matches_the_schema() -> None:
    """The content of an answer is the JSON object that the request's schema describes."""
    (answer,) = written(OpenAIApi(), REQUEST)

    assert answer.content["known"] is True
    assert 30 <= len(answer.content["summary"].split()) <= 50


def test_a_request_has_nothing_a_model_may_refuse() -> None:
    """The body has the prompts and the schema, and neither a temperature nor a token limit."""
    api = OpenAIApi()

    written(api, REQUEST)

    messages = [{"role": "system", "content": REQUEST.instructions}, {"role": "user", "content": REQUEST.prompt}]
    schema = {"name": "chapter_summary", "strict": True, "schema": SCHEMA}
    response_format = {"type": "json_schema", "json_schema": schema}
    assert [{"model": "made-up", "messages": messages, "response_format": response_format}] == api.requests


def test_every_answered_call_is_counted() -> None:
    """An unusable answer is requested again, and its tokens are counted like those of the good one."""
    good = json.dumps({"known": True, "summary": "Ice."})
    api = OpenAIApi(
        script=[canned_completion("{", "length", (10, 1)), OVERLOADED, canned_completion(good, tokens=(10, 5))]
    )

    (answer,) = written(api, REQUEST)

    assert TokenUsage(calls=2, input_tokens=20, output_tokens=6) == answer.usage


@pytest.mark.parametrize(
    "canned",
    [
        canned_completion(None),
        canned_completion(""),
        canned_completion([{"type": "text", "text": "{}"}]),
        canned_completion('{"known": true}'),
        canned_completion('{"known": "perhaps", "summary": "Ice."}'),
        canned_completion('{"known": true, "summary": "Ice'),
        canned_completion("The pond froze."),
        Canned(body={"choices": []}),
        Canned(body={"choices": [{}]}),
        Canned(body="{"),
        Canned(body="[]"),
        Canned(body="<html>Welcome</html>", headers={"Content-Type": "text/html"}),
    ],
    ids=lambda canned: str(canned.body)[:70],
)
def test_an_unusable_answer_is_requested_again(canned: Canned) -> None:
    """Three answers without the requested object are an `UnusableAnswer`."""
    api = OpenAIApi(script=[canned] * 3)

    with pytest.raises(UnusableAnswer):
        written(api, REQUEST)

    assert len(api.requests) == 3


def test_a_model_that_declines_is_not_asked_again() -> None:
    """A refusal with a success status is a `Refused` at the first answer."""
    api = OpenAIApi(script=[canned_completion(None, "content_filter")])

    with pytest.raises(Refused, match="declines"):
        written(api, REQUEST)

    assert len(api.requests) == 1


def test_a_rate_limited_request_is_retried() -> None:
    """After a 429 with `Retry-After` the request still succeeds."""
    limited = Canned(429, {"error": {"message": "Rate limit reached"}}, {"Retry-After": "0"})
    api = OpenAIApi(script=[limited])

    (answer,) = written(api, REQUEST)

    assert (len(api.requests), answer.usage.calls) == (2, 1)


def test_calls_are_limited_to_the_concurrency() -> None:
    """Of many requests at once, the server receives as many as the connection allows."""
    api = OpenAIApi(latency=0.02)

    written(api, *[REQUEST] * 6, concurrency=2)

    assert api.peak == 2


def test_a_waiting_call_gives_its_slot_to_others() -> None:
    """Between two attempts of a request another one is sent."""
    api = OpenAIApi(script=[replace(OVERLOADED, when="first")])

    written(api, replace(REQUEST, prompt="first"), replace(REQUEST, prompt="second"), concurrency=1)

    assert [body["messages"][-1]["content"] for body in api.requests] == ["first", "second", "first"]


def test_a_server_without_schemas_gets_the_schema_in_the_prompt() -> None:
    """A server that refuses schemas gets `json_object` and the schema in the instructions, from then on."""
    api = OpenAIApi(refuses=["json_schema"])

    written(api, REQUEST, replace(REQUEST, prompt="Another one."))

    assert response_formats(api) == ["json_schema", "json_object", "json_object"]
    assert json.dumps(SCHEMA) in api.requests[1]["messages"][0]["content"]


def test_a_server_without_response_formats_is_supported() -> None:
    """A server that supports no `response_format` at all may wrap its object in a fence and in words."""
    api = OpenAIApi(refuses=["json_schema", "json_object"])

    (answer,) = written(api, REQUEST)

    assert response_formats(api) == ["json_schema", "json_object", "none"]
    assert answer.content["known"] is True


def test_a_server_that_ignores_the_schema_gets_it_in_the_prompt() -> None:
    """An answer that is not JSON shows that the schema was ignored, so the next attempt has it in the instructions."""
    api = OpenAIApi(script=[canned_completion("The pond froze.")])

    written(api, REQUEST)

    assert response_formats(api) == ["json_schema", "json_object"]


def test_another_refused_parameter_does_not_change_the_response_format() -> None:
    """A 400 that is not about the response format is a `Refused` immediately."""
    api = OpenAIApi(script=[Canned(400, {"error": {"message": "Unsupported parameter: 'max_tokens'"}})])

    with pytest.raises(Refused):
        written(api, REQUEST)

    assert len(api.requests) == 1


def test_a_wrong_key_is_named_but_never_shown() -> None:
    """The message about a wrong key names the setting and the server, and not the key."""
    with pytest.raises(Refused) as caught:
        written(OpenAIApi(), REQUEST, key="sk-wrong-0123456789")

    expected = "OPENAI_API_KEY is not accepted by the language model at 127.0.0.1. Check the key."
    assert expected == str(caught.value)


def test_a_server_without_keys_never_sees_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the environment is not sent if the settings have none."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-server")

    (answer,) = written(OpenAIApi(key="none"), REQUEST, key="")

    assert answer.content["known"] is True
