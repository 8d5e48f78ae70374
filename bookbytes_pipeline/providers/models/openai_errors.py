"""What an error of the OpenAI SDK means here: whether trying again helps, and what the user can do.

The same status says different things. A 429 is a pause, an account without credit or a request that is too large for
any pause; a 400 is a chapter that is too long, a content filter or a wrong parameter. Servers that only speak OpenAI's
dialect put a number where a code belongs, a page of HTML where JSON belongs, or an ordinary completion under a status
of 400.
"""

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from bookbytes_pipeline.domain.errors import BookBytesError, Refused, Unavailable
from bookbytes_pipeline.providers.retry_after import retry_after

if TYPE_CHECKING:
    import openai

_MAX_ERROR_CHARS = 4000
"""How much of an error's body is read. Some servers send the whole prompt back."""

_MAX_REASON_CHARS = 200
"""How much of a server's own words users see."""

_SECRET = re.compile(r"(?i:bearer)\s+\S+|\b(?:sk|pk|rk|gsk|xai|key|org|proj)[-_][\w*-]+|(?=[\w*-]*[\d*])[\w*-]{24,}")
_NO_CREDIT = re.compile(r"insufficient_quota|billing_hard_limit|insufficient.balance", re.IGNORECASE)
_FILTERED = re.compile(r"content_filter|content_policy|content management policy", re.IGNORECASE)
_TOO_LONG = re.compile(r"context.{0,20}(?:length|window|size)|prompt is too long|too many tokens", re.IGNORECASE)
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
    status: int = response.status_code
    pause = retry_after(response.headers, error_text(error))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        refusal = _permanent_limit(error, server, model, setting)
        return refusal or Unavailable(f"{server} allows no more requests for now. Try again later.", retry_after=pause)
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT} or not 400 <= status < 500:  # noqa: PLR2004 - HTTP
        return Unavailable(f"{server} failed to answer (HTTP {status}). Try again later.", retry_after=pause)
    return Refused(_refusal(error, status, server, model, setting))


def error_text(error: "openai.OpenAIError") -> str:
    """All that the server said about `error`, as one string to search in; users do not see it."""
    return str(getattr(error, "body", None) or "")[:_MAX_ERROR_CHARS]


def _no_response(error: "openai.OpenAIError") -> str:
    import openai  # noqa: PLC0415 - over a second, and loaded already by whoever has an error of it

    if isinstance(error, openai.APITimeoutError):
        return "did not answer in time. Try again later."
    return "cannot be reached. Check its address and the network."


def _permanent_limit(error: "openai.OpenAIError", server: str, model: str, setting: str) -> Refused | None:
    """Return the refusal in a 429 that no pause can solve; None for an ordinary 429."""
    if _NO_CREDIT.search(error_text(error)):
        return Refused(_no_credit(server))
    if _is_too_large(error_text(error)):
        return Refused(
            f"{server} takes less text at once than this chapter needs. "
            f"Choose a model with a larger limit than {model} has ({setting}), or ask for fewer words."
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


def _refusal(error: "openai.OpenAIError", status: int, server: str, model: str, setting: str) -> str:
    if status == HTTPStatus.PAYMENT_REQUIRED or _NO_CREDIT.search(error_text(error)):
        return _no_credit(server)
    if _FILTERED.search(error_text(error)):
        return (
            f"{server} declines this text: its content filter was triggered. Another model may accept it ({setting})."
        )
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or _TOO_LONG.search(error_text(error)):
        return f"The chapter is too long for the model {model}. Choose one with a larger context ({setting})."
    by_status: dict[int, str] = {
        HTTPStatus.UNAUTHORIZED: f"OPENAI_API_KEY is not accepted by {server[:1].lower()}{server[1:]}. Check the key.",
        HTTPStatus.FORBIDDEN: f"{server} denies this key the model {model}. Choose another one ({setting}).",
        HTTPStatus.NOT_FOUND: f"{server} does not know the model {model}. Check {setting} and the server's address.",
    }
    return by_status.get(status) or f"{server} refused the request (HTTP {status}){_reason(error)}"


def _no_credit(server: str) -> str:
    return f"{server} stopped: the account has no credit left. Check its plan and billing."


def _reason(error: "openai.OpenAIError") -> str:
    """What the server gives as its reason, shortened and without anything that looks like a key."""
    body = getattr(error, "body", None)
    words = (body.get("message") or body.get("detail")) if isinstance(body, dict) else body
    if not isinstance(words, str) or words.lstrip().startswith("<"):
        return "."
    masked = _SECRET.sub("***", " ".join(words[:_MAX_ERROR_CHARS].split()))
    return f": {masked[:_MAX_REASON_CHARS]}" if masked else "."
