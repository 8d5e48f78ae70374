"""The language model over HTTP, against a server of its kind on loopback."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bookbytes_pipeline.domain.errors import Refused, UnusableAnswer
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.models.openai import connect
from tests.fakes.openai_api import Canned, OpenAIApi
from tests.fakes.server import serving

SCHEMA = {
    "type": "object",
    "properties": {"known": {"type": "boolean"}, "summary": {"type": "string"}},
    "required": ["known", "summary"],
    "additionalProperties": False,
}
TASK = WritingRequest(
    name="chapter_summary",
    instructions="Summarise in 40 words.",
    prompt="The pond froze early that winter and the ice was cut.",
    schema=SCHEMA,
    text="",
    words=40,
    language="en",
)
OVERLOADED = Canned(503, {"error": {"message": "overloaded"}}, {"Retry-After": "0"})


def written(api: OpenAIApi, *tasks: WritingRequest, key: str = "sk-test", concurrency: int = 1) -> Sequence[Answer]:
    async def ask(base_url: str) -> Sequence[Answer]:
        async with connect(key, f"{base_url}/v1", "made-up", 10.0, concurrency) as model:
            return await asyncio.gather(*map(model.write, tasks))

    with serving(api.application()) as base_url:
        return asyncio.run(ask(base_url))


def said(content: Any, finish_reason: str = "stop", tokens: tuple[int, int] = (0, 0)) -> Canned:
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": content}}
    return Canned(body={"choices": [choice], "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}})


def forms(api: OpenAIApi) -> list[str]:
    return [asked.get("response_format", {}).get("type", "none") for asked in api.requests]


def test_an_answer_meets_the_schema() -> None:
    """The content of an answer is the JSON object that the task's schema asks for."""
    (answer,) = written(OpenAIApi(), TASK)

    assert (answer.content["known"], len(answer.content["summary"].split())) == (True, 40)


def test_a_request_holds_nothing_a_model_may_refuse() -> None:
    """A request has the task and its schema, and neither a temperature nor a limit of tokens."""
    api = OpenAIApi()

    written(api, TASK)

    messages = [{"role": "system", "content": TASK.instructions}, {"role": "user", "content": TASK.prompt}]
    schema = {"name": "chapter_summary", "strict": True, "schema": SCHEMA}
    response_format = {"type": "json_schema", "json_schema": schema}
    assert [{"model": "made-up", "messages": messages, "response_format": response_format}] == api.requests


def test_every_answered_call_is_counted() -> None:
    """An unusable answer is asked for again, and its tokens count as much as those of the good one."""
    good = json.dumps({"known": True, "summary": "Ice."})
    api = OpenAIApi(script=[said("{", "length", (10, 1)), OVERLOADED, said(good, tokens=(10, 5))])

    (answer,) = written(api, TASK)

    assert TokenUsage(calls=2, input_tokens=20, output_tokens=6) == answer.usage


@pytest.mark.parametrize(
    "canned",
    [
        said(None),
        said(""),
        said([{"type": "text", "text": "{}"}]),
        said('{"known": true}'),
        said('{"known": "yes", "summary": "Ice."}'),
        said('{"known": true, "summary": "Ice'),
        said("The pond froze."),
        Canned(body={"choices": []}),
        Canned(body={"choices": [{}]}),
        Canned(body="{"),
        Canned(body="[]"),
        Canned(body="<html>Welcome</html>", headers={"Content-Type": "text/html"}),
    ],
    ids=lambda canned: str(canned.body)[:70],
)
def test_what_is_no_answer_is_asked_for_again(canned: Canned) -> None:
    """Three answers without the object that was asked for are an `UnusableAnswer`."""
    api = OpenAIApi(script=[canned] * 3)

    with pytest.raises(UnusableAnswer):
        written(api, TASK)

    assert len(api.requests) == 3


def test_a_model_that_declines_is_not_asked_again() -> None:
    """A refusal that comes as a success is a `Refused` at the first answer."""
    api = OpenAIApi(script=[said(None, "content_filter")])

    with pytest.raises(Refused, match="declines"):
        written(api, TASK)

    assert len(api.requests) == 1


def test_a_pause_that_the_server_asks_for_is_taken() -> None:
    """After a 429 with `Retry-After` the task is done all the same."""
    limited = Canned(429, {"error": {"message": "Rate limit reached"}}, {"Retry-After": "0"})
    api = OpenAIApi(script=[limited])

    (answer,) = written(api, TASK)

    assert (len(api.requests), answer.usage.calls) == (2, 1)


def test_only_so_many_calls_are_under_way() -> None:
    """Of many tasks at once, the server sees as many as the connection allows."""
    api = OpenAIApi(latency=0.02)

    written(api, *[TASK] * 6, concurrency=2)

    assert api.peak == 2


def test_a_call_that_waits_leaves_its_place_to_others() -> None:
    """Between two attempts of one task another one is done."""
    api = OpenAIApi(script=[replace(OVERLOADED, when="first")])

    written(api, replace(TASK, prompt="first"), replace(TASK, prompt="second"), concurrency=1)

    assert [asked["messages"][-1]["content"] for asked in api.requests] == ["first", "second", "first"]


def test_a_server_without_schemas_is_told_in_words() -> None:
    """A server that refuses schemas gets a JSON object's request with the schema in its instructions, from then on."""
    api = OpenAIApi(refuses=["json_schema"])

    written(api, TASK, replace(TASK, prompt="Another one."))

    assert forms(api) == ["json_schema", "json_object", "json_object"]
    assert json.dumps(SCHEMA) in api.requests[1]["messages"][0]["content"]


def test_a_server_without_any_form_is_understood() -> None:
    """A server that knows no `response_format` at all may wrap its object in a fence and in words."""
    api = OpenAIApi(refuses=["json_schema", "json_object"])

    (answer,) = written(api, TASK)

    assert forms(api) == ["json_schema", "json_object", "none"]
    assert answer.content["known"] is True


def test_a_server_that_ignores_the_schema_is_told_in_words() -> None:
    """An answer that is no JSON shows that the schema went unread, so the next attempt spells it out."""
    api = OpenAIApi(script=[said("The pond froze.")])

    written(api, TASK)

    assert forms(api) == ["json_schema", "json_object"]


def test_a_refused_parameter_of_another_kind_is_no_reason_to_try_other_forms() -> None:
    """A 400 that is not about the form of the answer is a `Refused` at once."""
    api = OpenAIApi(script=[Canned(400, {"error": {"message": "Unsupported parameter: 'max_tokens'"}})])

    with pytest.raises(Refused):
        written(api, TASK)

    assert len(api.requests) == 1


def test_a_wrong_key_is_named_but_never_shown() -> None:
    """The message about a wrong key says which setting is wrong, at which server, and not what it holds."""
    with pytest.raises(Refused) as caught:
        written(OpenAIApi(), TASK, key="sk-wrong-0123456789")

    expected = "OPENAI_API_KEY is not accepted by the language model at 127.0.0.1. Check the key."
    assert expected == str(caught.value)


def test_a_server_without_keys_never_sees_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the environment stays there when the settings name none."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-server")

    (answer,) = written(OpenAIApi(key="none"), TASK, key="")

    assert answer.content["known"] is True
