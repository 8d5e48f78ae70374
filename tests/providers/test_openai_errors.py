"""How errors of the SDK are translated."""

from typing import Any

import httpx2
import openai
import pytest

from bookbytes_pipeline.domain.errors import BookBytesError, Refused, Unavailable
from bookbytes_pipeline.providers.models.openai_errors import to_provider_error

REQUEST = httpx2.Request("POST", "https://api.example/v1/chat/completions")


def of_status(status: int, body: Any, headers: dict[str, str] | None = None) -> BookBytesError:
    response = httpx2.Response(status, headers=headers, request=REQUEST)
    return translated(openai.APIStatusError("message of the SDK", response=response, body=body))


def translated(error: openai.OpenAIError) -> BookBytesError:
    return to_provider_error(error, server="The language model at api.example", model="big-1")


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [(429, "", 1.5), (503, "", 1.5), (409, "Please try again in 20s.", 1.5), (429, "Please try again in 20s.", 1.5)],
)
def test_the_pause_requested_by_the_server_is_passed_on(status: int, message: str, expected: float) -> None:
    """For every kind of error, the header takes precedence."""
    error = of_status(status, {"message": message}, {"retry-after-ms": "1500"})

    assert isinstance(error, Unavailable)
    assert expected == error.retry_after


def test_the_pause_may_be_in_the_message() -> None:
    """Without a header, the message is parsed."""
    error = of_status(429, {"message": "Please try again in 6m0s."})

    assert isinstance(error, Unavailable)
    assert 360 == error.retry_after


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (402, {"message": "Insufficient Balance"}, "no credit left"),
        (429, {"message": "", "type": "insufficient_quota", "code": None}, "no credit left"),
        (429, {"message": "Request too large: Limit 30,000, Requested 36,278."}, "larger limit than big-1"),
        (429, {"message": "Request too large."}, "larger limit than big-1"),
        (403, {"message": "no"}, "model big-1.*OPENAI_MODEL"),
        (404, "404 page not found", "model big-1.*OPENAI_MODEL"),
        (400, {"message": "maximum context length is 8192 tokens", "code": 400}, "too long.*big-1.*OPENAI_MODEL"),
        (413, "<html>too large</html>", "too long"),
        (400, {"choices": [{"finish_reason": "content_filter"}]}, "content filter"),
        (422, {"detail": "messages: field required"}, r"HTTP 422\): messages: field required"),
        (400, "'messages' is missing", r"HTTP 400\): 'messages' is missing"),
        (400, "<html>Bad request</html>", r"HTTP 400\)\.$"),
        (400, None, r"HTTP 400\)\.$"),
    ],
)
def test_permanent_errors_are_refused(status: int, body: Any, expected: str) -> None:
    """A refusal says what is wrong and how to fix it."""
    error = of_status(status, body)

    with pytest.raises(Refused, match=expected):
        raise error


@pytest.mark.parametrize("status", [302, 408, 409, 500, 502, 503, 520, 529])
def test_a_failing_server_is_unavailable(status: int) -> None:
    """Any kind of server-side failure is worth a retry."""
    assert isinstance(of_status(status, "<html>Bad gateway</html>"), Unavailable)


def test_a_small_request_is_never_too_large() -> None:
    """A server that calls 546 of 250000 tokens too large means its rate limit, and the request is retried."""
    error = of_status(429, {"message": "Request too large for big-1: Limit 250000, Requested 546."})

    assert isinstance(error, Unavailable)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (openai.APITimeoutError(REQUEST), "The language model at api.example did not answer in time. Try again later."),
        (
            openai.APIConnectionError(request=REQUEST),
            "The language model at api.example cannot be reached. Check its address and the network.",
        ),
    ],
)
def test_no_response_is_unavailable(error: openai.OpenAIError, expected: str) -> None:
    """A server that does not respond may respond later."""
    assert (Unavailable, expected) == (type(translated(error)), str(translated(error)))


@pytest.mark.parametrize(
    "secret",
    ["sk-proj-abc", "sk-XXXXX*********XXXX", "Bearer abcdef", "org-SECRET", "0123456789abcdef0123456789abcdef"],
)
def test_a_reason_never_shows_a_key(secret: str) -> None:
    """Anything that looks like a key is masked in the quoted part of the server's message."""
    error = of_status(400, {"message": f"Wrong value {secret} given."})

    assert str(error).endswith(": Wrong value *** given.")


def test_a_reason_is_short() -> None:
    """A server that returns the whole prompt does not make the message long."""
    assert len(str(of_status(400, {"message": "word " * 10_000}))) < 300


def test_the_setting_that_chose_the_model_is_named() -> None:
    """The caller passes the name of the setting that chose the model."""
    response = httpx2.Response(404, request=REQUEST)
    error = openai.NotFoundError("", response=response, body=None)

    message = str(to_provider_error(error, server="The narrator at api.example", model="voice-1", setting="TTS_MODEL"))

    assert "Check TTS_MODEL" in message
