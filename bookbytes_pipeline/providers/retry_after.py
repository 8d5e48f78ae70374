"""How long a server asks us to wait before the next request, in seconds."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_DURATION = rf"(?:{_NUMBER} ?(?:milliseconds?|seconds?|minutes?|hours?|ms|[hms])(?![a-z]) ?)+"
_IN_WORDS = re.compile(rf"(?:try again|retry) (?:in|after) ({_DURATION})", re.IGNORECASE)
_PART = re.compile(rf"({_NUMBER}) ?(ms|mil|[hms])", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "mil": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def retry_after(headers: Mapping[str, str], message: str = "") -> float | None:
    """Return the pause in `retry-after-ms`, else `Retry-After`, else the message (`try again in 6m0s`), else None.

    `headers` finds names in any case, as those of httpx do. The `x-ratelimit-*` headers are not read: some servers
    fill them with -1 and 0, and a client that believes them never pauses.
    """
    milliseconds = _number(headers.get("Retry-After-Ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    header = headers.get("Retry-After", "")
    pauses = (_number(header), _until(header), _in_words(message))
    return next((pause for pause in pauses if pause is not None), None)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(_NUMBER, text) else None


def _until(date: str) -> float | None:
    """Return the seconds from now to an HTTP date; 0 for one in the past."""
    try:
        end = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (end.replace(tzinfo=end.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _in_words(message: str) -> float | None:
    pause = _IN_WORDS.search(message)
    if pause is None:
        return None
    return sum(float(number) * _SECONDS[unit.lower()] for number, unit in _PART.findall(pause[1]))
