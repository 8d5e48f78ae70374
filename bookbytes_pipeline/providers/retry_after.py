"""How long a server asks to be left alone, in seconds."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DURATION = r"(?:\d+(?:\.\d+)? ?(?:milliseconds?|seconds?|minutes?|hours?|ms|[hms])(?![a-z]) ?)+"
_ASKED = re.compile(rf"(?:try again|retry) (?:in|after) ({_DURATION})", re.IGNORECASE)
_PART = re.compile(r"(\d+(?:\.\d+)?) ?(ms|mil|[hms])", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "mil": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def pause_asked(headers: Mapping[str, str], message: str) -> float | None:
    """The pause named by `retry-after-ms`, else `retry-after`, else the message (`try again in 6m0s`); else None.

    The `x-ratelimit-*` headers are not asked: some servers fill them with -1 and 0, and who believes them never rests.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    named = headers.get("retry-after", "")
    for reading in (_number(named), _until(named), _in_words(message)):
        if reading is not None:
            return reading
    return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _in_words(message: str) -> float | None:
    asked = _ASKED.search(message)
    if asked is None:
        return None
    return sum(float(number) * _SECONDS[unit.lower()] for number, unit in _PART.findall(asked[1]))
