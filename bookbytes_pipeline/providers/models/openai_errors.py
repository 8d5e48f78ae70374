"""What an error of the OpenAI SDK means here: whether trying again helps, and what the user can do.

The same status says different things. A 429 is a pause, an account without credit or a request that is too large for
any pause; a 400 is a chapter that is too long, a content filter or a wrong parameter. Servers that only speak OpenAI's
dialect put a number where a code belongs, a page of HTML where JSON belongs, or an ordinary completion under a status
of 400.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from bookbytes_pipeline.domain.errors import BookBytesError, Refused, TooLong, Unavailable
from bookbytes_pipeline.providers.retry_after import retry_after

if TYPE_CHECKING:
    import openai

_MAX_ERROR_CHARS = 4000
"""How much of an error's body is read. Some servers send the whole prompt back."""

_MAX_REASON_CHARS = 200
"""How much of a server's own words users see."""

_REASON_KEYS = ("message", "detail", "error", "msg", "reason", "title")
_SENTENCE_ENDS = (".", "!", "?", "…")
_MAX_DEPTH = 5
_OVERFLOW_STATUSES = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
}
_TRANSIENT = re.compile(
    r"overloaded|rate.?limit|temporar|try again|timeout|timed out|unavailable|capacity", re.IGNORECASE
)
_SECRET = re.compile(r"(?i:bearer)\s+\S+|\b(?:sk|pk|rk|gsk|xai|key|org|proj)[-_][\w*-]+|(?=[\w*-]*[\d*])[\w*-]{24,}")
_NO_CREDIT = re.compile(r"insufficient_quota|billing_hard_limit|insufficient.balance", re.IGNORECASE)
_FILTERED = re.compile(r"content_filter|content_policy|content management policy", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context.{0,20}(?:length|window|overflow)|context the overflows|exceed_context"
    r"|(?:exceeds?|available).{0,20}context size"
    r"|(?:prompt|input|request) is too long"
    r"|too many (?:input )?tokens|exceeds? (?:the )?(?:maximum|max)\b.{0,40}\b(?:length|tokens|characters)"
    r"|input.{0,20}(?:length|too (?:long|large))|string_too_long|string_above_max_length"
    r"|maximum.{0,20}(?:input|tokens)",
    re.IGNORECASE | re.DOTALL,
)
_MAX_TOKENS = re.compile(
    r"n_ctx\W{1,6}(\d+)|context length (?:of|is)(?: only)? (\d+)|context size \(?(\d+)|> (\d+) maximum"
    r"|tokens allowed \(?(\d+)|(?:limit|maximum)(?: is| of|:) (\d+) tokens",
    re.IGNORECASE,
)
_LIMITS = re.compile(r"limit:? ([\d,]+).*?requested:? ([\d,]+)", re.IGNORECASE | re.DOTALL)


def to_provider_error(
    error: "openai.OpenAIError", *, server: str, model: str, setting: str = "OPENAI_MODEL"
) -> BookBytesError:
    """The `Unavailable` or `Refused` that `error` amounts to.

    `server` begins the sentence (`The language model at api.openai.com`); `setting` is where `model` was chosen.
    Nothing the server says is passed on, except a short reason for a refusal that is not foreseen here, with keys
    masked.
    """
    response = getattr(error, "response", None)
    if response is None:
        return Unavailable(f"{server} {_no_response(error)}")
    said = getattr(error, "body", None)
    return error_of(response.status_code, said, response.headers, server=server, model=model, setting=setting)


def error_of(
    status: int, body: object, headers: Mapping[str, str], *, server: str, model: str, setting: str = "OPENAI_MODEL"
) -> BookBytesError:
    """The error that an answer of this status and body amounts to; see `to_provider_error`."""
    said = error_text(body)
    pause = retry_after(headers, said)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        refusal = _permanent_limit(said, server, model, setting)
        return refusal or Unavailable(f"{server} allows no more requests for now. Try again later.", retry_after=pause)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or (status in _OVERFLOW_STATUSES and _TOO_LONG.search(said)):
        return _too_long(said, model, setting)
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT} or not 400 <= status < 500:  # noqa: PLR2004 - HTTP
        sentence = f"{server} failed to answer (HTTP {status}){_reason(body)} Try again later."
        return Unavailable(sentence, retry_after=pause)
    return Refused(_refusal(body, status, server, model, setting))


def error_in_success(error: object, *, server: str, model: str, setting: str = "OPENAI_MODEL") -> BookBytesError:
    """The error that a server reports in the body of a success; its code decides whether trying again helps."""
    code = str(error.get("code") or error.get("status") or "") if isinstance(error, dict) else ""
    status = int(code) if code.isdecimal() and 400 <= int(code) < 600 else None  # noqa: PLR2004 - HTTP
    said = error_text(error)
    if status is None and _TOO_LONG.search(said):
        status = HTTPStatus.BAD_REQUEST
    if status is None and _TRANSIENT.search(said):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return error_of(status or HTTPStatus.BAD_REQUEST, error, {}, server=server, model=model, setting=setting)


def is_too_long(said: str) -> bool:
    """Whether the words of an error say that the request is longer than the model reads at once."""
    return _TOO_LONG.search(said) is not None


def error_text(body: object) -> str:
    """All that a server said about an error, as one string to search in; users do not see it."""
    return str(body or "")[:_MAX_ERROR_CHARS]


def _too_long(said: str, model: str, setting: str) -> TooLong:
    limits = [int(number) for found in _MAX_TOKENS.findall(said.replace(",", "")) for number in found if number]
    at_once = f", which reads {limits[0]} tokens at once" if limits else ""
    return TooLong(
        f"The chapter is too long for the model {model}{at_once}. Choose one with a larger context ({setting}).",
        max_tokens=limits[0] if limits else None,
    )


def _no_response(error: "openai.OpenAIError") -> str:
    import openai  # noqa: PLC0415 - over a second, and loaded already by whoever has an error of it

    if isinstance(error, openai.APITimeoutError):
        return "did not answer in time. Try again later."
    return "cannot be reached. Check its address and the network."


def _permanent_limit(said: str, server: str, model: str, setting: str) -> Refused | None:
    """Return the refusal in a 429 that no pause can solve; None for an ordinary 429."""
    if _NO_CREDIT.search(said):
        return Refused(_no_credit(server))
    if _is_too_large(said):
        limits = _LIMITS.search(said)
        return TooLong(
            f"{server} takes less text at once than this chapter needs. "
            f"Choose a model with a larger limit than {model} has ({setting}), or ask for fewer words.",
            max_tokens=int(limits[1].replace(",", "")) if limits else None,
        )
    return None


def _is_too_large(message: str) -> bool:
    """Whether one request is more than a whole minute's allowance.

    The words alone are not enough: `Limit 250000, Requested 546` has been seen under `Request too large`.
    """
    limits = _LIMITS.search(message)
    if limits is None:
        return "request too large" in message.lower()
    limit, requested = (int(number.replace(",", "") or 0) for number in limits.groups())
    return requested > limit


def _refusal(body: object, status: int, server: str, model: str, setting: str) -> str:
    said = error_text(body)
    if status == HTTPStatus.PAYMENT_REQUIRED or _NO_CREDIT.search(said):
        return _no_credit(server)
    if _FILTERED.search(said):
        return (
            f"{server} declines this text: its content filter was triggered. Another model may accept it ({setting})."
        )
    key = "OPENAI_API_KEY" if setting == "OPENAI_MODEL" else "TTS_API_KEY (without one, OPENAI_API_KEY)"
    by_status: dict[int, str] = {
        HTTPStatus.UNAUTHORIZED: f"{key} is not accepted by {server[:1].lower()}{server[1:]}. Check the key.",
        HTTPStatus.FORBIDDEN: f"{server} denies this key the model {model}. Choose another one ({setting}).",
        HTTPStatus.NOT_FOUND: f"{server} does not know the model {model}. Check {setting} and the server's address.",
    }
    return by_status.get(status) or f"{server} refused the request (HTTP {status}){_reason(body)}"


def _no_credit(server: str) -> str:
    return f"{server} stopped: the account has no credit left. Check its plan and billing."


def _reason(body: object) -> str:
    """What the server gives as its reason, shortened and without anything that looks like a key."""
    words = reason_in(body)
    return f": {words}{'' if words.endswith(_SENTENCE_ENDS) else '.'}" if words else "."


def reason_in(body: object) -> str:
    """The reason in the body of an error, as a person may read it; empty where there is none, or only a web page."""
    words = " ".join(_words(body)[:_MAX_ERROR_CHARS].split())
    return _SECRET.sub("***", words)[:_MAX_REASON_CHARS] if not words.startswith("<") else ""


def _words(body: object, depth: int = 0) -> str:
    """The first text in what servers say of errors: a string, an object with a message, or such things nested."""
    if isinstance(body, str) or depth > _MAX_DEPTH:
        return body if isinstance(body, str) else ""
    if isinstance(body, dict):
        parts = [body.get(key) for key in _REASON_KEYS]
    else:
        parts = list(body) if isinstance(body, list) else []
    return next((words for part in parts if (words := _words(part, depth + 1))), "")
