"""Recorded responses of OpenAI and compatible servers, replayed by a real server to the real client."""

import asyncio
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from bookbytes_pipeline.domain.errors import BookBytesError, Refused, TooLong, Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.models.openai import connect
from bookbytes_pipeline.providers.models.openai_errors import to_provider_error
from tests.conformance.shared import SHARED, needs_shared_data
from tests.fakes.openai_api import Canned, OpenAIApi
from tests.fakes.server import serving

pytestmark = needs_shared_data

_CONNECTION_HEADERS = {"connection", "content-encoding", "content-length", "date", "server", "transfer-encoding"}
_SPEECH = "audio_speech_ok"

EVENT = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "participants": {"type": "array", "items": {"type": "string"}}},
    "required": ["name", "participants"],
}
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@cache
def recorded() -> dict[str, Mapping[str, Any]]:
    """Return every recorded response by name."""
    files = (path for path in sorted((SHARED / "openai").glob("*.json")) if path.name != "index.json")
    return {path.stem: json.loads(path.read_text()) for path in files}


def names(*, errors: bool) -> list[str]:
    found = recorded() if SHARED.is_dir() else {}
    return [name for name, response in found.items() if (response["http_status"] >= 400) == errors and name != _SPEECH]


def canned(name: str, **more: str) -> Canned:
    response = recorded()[name]
    recorded_headers = {
        key: value for key, value in response["headers"].items() if key.lower() not in _CONNECTION_HEADERS
    }
    headers = {**recorded_headers, "content-type": response["content_type"], **more}
    return Canned(response["http_status"], response["body"], {key.lower(): value for key, value in headers.items()})


def written(name: str, schema: Mapping[str, Any]) -> Answer:
    """Return the answer to a request when the server sends that response, up to three times, without pauses."""

    async def write(base_url: str) -> Answer:
        async with connect("sk-test", f"{base_url}/v1", "gpt-4o", 10.0, CallSlots(1)) as model:
            return await model.write(WritingRequest("event", "Extract the event.", "Who comes?", schema, "", 0, "en"))

    api = OpenAIApi(script=[canned(name, **{"retry-after-ms": "0"})] * 3)
    with serving(api.application()) as base_url:
        return asyncio.run(write(base_url))


def failed(name: str) -> BookBytesError:
    """Return the error that the response is translated to, with all of its own headers."""

    async def ask(base_url: str) -> BookBytesError:
        import openai  # noqa: PLC0415 - as the project does

        async with openai.AsyncOpenAI(api_key="sk-test", base_url=f"{base_url}/v1", max_retries=0) as client:
            with pytest.raises(openai.OpenAIError) as caught:
                await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])
            return to_provider_error(caught.value, server="The language model", model="gpt-4o")

    with serving(OpenAIApi(script=[canned(name)]).application()) as base_url:
        return asyncio.run(ask(base_url))


@pytest.mark.parametrize("name", names(errors=True))
def test_errors_are_retryable_as_recorded(name: str) -> None:
    """An error is `Unavailable` exactly if a retry helped or may help, else `Refused`, also as `TooLong`."""
    expected = {Unavailable} if recorded()[name]["retryable"] else {Refused, TooLong}

    with pytest.raises(BookBytesError) as caught:
        written(name, EVENT)

    assert type(caught.value) in expected


@pytest.mark.parametrize("name", names(errors=True))
def test_no_message_shows_a_secret(name: str) -> None:
    """A message is short and contains no key, no organisation and no markup."""
    message = str(failed(name))

    assert len(message) < 350
    assert [secret for secret in ("sk-", "XXXX", "org-", "<", "req_") if secret in message] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("429_rate_limit_requests", 20),
        ("429_rate_limit_tokens", 0.125),
        ("429_rate_limit_2023_form", 0.006),
        ("429_rate_limit_tokens_114h", 411_480),
        ("429_anthropic_form_through_proxy", None),
        ("headers_429_without_ratelimit", None),
        ("headers_azure_ratelimit_minus_one", None),
        ("502_cloudflare_html", None),
    ],
)
def test_the_recorded_pause_is_read(name: str, expected: float | None) -> None:
    """The pause is in seconds if the server gives it, and None if it does not."""
    error = failed(name)

    assert isinstance(error, Unavailable)
    assert error.retry_after == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("400_azure_content_filter", "content filter"),
        ("400_completion_shaped_body", "content filter"),
        ("400_context_length_exceeded", "chapter is too long"),
        ("400_context_length_exceeded_with_completion", "chapter is too long"),
        ("400_tts_token_limit", "2000 tokens"),
        ("400_unsupported_parameter_max_tokens", "'max_tokens' is not supported"),
        ("401_invalid_api_key", "OPENAI_API_KEY"),
        ("404_model_not_found", "gpt-4o.*OPENAI_MODEL"),
        ("429_insufficient_quota", "no credit left"),
        ("429_insufficient_quota_code_null", "no credit left"),
        ("429_request_too_large", "fewer words"),
    ],
)
def test_a_refusal_says_why(name: str, expected: str) -> None:
    """A permanent error is explained."""
    error = failed(name)

    with pytest.raises(Refused, match=expected):
        raise error


@pytest.mark.parametrize(
    ("name", "schema", "expected"),
    [
        (
            "chat_ok_structured",
            EVENT,
            Answer(
                {"name": "Science Fair", "date": "Friday", "participants": ["Alice", "Bob"]},
                "gpt-4o-2024-08-06",
                TokenUsage(1, 92, 17),
            ),
        ),
        (
            "chat_n3_structured",
            WEATHER,
            Answer(
                {"city": "San Francisco", "temperature": 64, "units": "f"}, "gpt-4o-2024-08-06", TokenUsage(1, 79, 44)
            ),
        ),
    ],
)
def test_a_good_answer_is_read(name: str, schema: Mapping[str, Any], expected: Answer) -> None:
    """The first choice's object, the model's own name and the tokens are what was recorded."""
    assert expected == written(name, schema)


@pytest.mark.parametrize("name", ["chat_content_filter", "chat_content_filter_minimal", "chat_refusal"])
def test_a_refusal_with_a_success_status_is_detected(name: str) -> None:
    """A model that declines with HTTP 200 is a `Refused`."""
    with pytest.raises(Refused):
        written(name, EVENT)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in names(errors=False)
        if name
        not in {
            "chat_ok_structured",
            "chat_n3_structured",
            "chat_content_filter",
            "chat_content_filter_minimal",
            "chat_refusal",
        }
    ],
)
def test_no_other_success_is_accepted_as_an_answer(name: str) -> None:
    """Prose, truncated text, tool calls, an empty body and responses of other endpoints are an `UnusableAnswer`."""
    with pytest.raises(UnusableAnswer):
        written(name, EVENT)
