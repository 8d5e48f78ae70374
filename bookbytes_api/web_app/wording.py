"""Numbers, times and languages as people read them."""

import unicodedata
from datetime import UTC, datetime

from langcodes import Language
from langcodes.tag_parser import LanguageTagError

_MINUTE_S, _HOUR_S = 60, 3_600
_KILO = 1_000
_CENT = 0.01
_RIGHT_TO_LEFT = {"R", "AL"}


def duration(seconds: float | None) -> str:
    """Return a length: `45 s`, `12 min`, `3 h 5 min`; empty for None."""
    if seconds is None:
        return ""
    if seconds < _MINUTE_S:
        return f"{round(seconds)} s"
    minutes = round(seconds / _MINUTE_S)
    hours, rest = divmod(minutes, _MINUTE_S)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def clock(seconds: float | None) -> str:
    """Return a place in a clip: `4:03`, `1:04:03`; empty for None."""
    if seconds is None:
        return ""
    hours, rest = divmod(int(seconds), _HOUR_S)
    minutes, left = divmod(rest, _MINUTE_S)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def byte_count(number: int) -> str:
    """Return the size of a file: `512 kB`, `14.2 MB`."""
    if number < _KILO * _KILO:
        return f"{max(1, round(number / _KILO))} kB"
    return f"{number / _KILO / _KILO:.1f} MB"


def dollars(amount: float) -> str:
    """Return an amount of US dollars: `$12.30`, `less than 1 cent`."""
    return "less than 1 cent" if 0 < amount < _CENT else f"${amount:,.2f}"


def day(moment: datetime | None) -> str:
    """Return the day of a moment: `28 November 2026`; empty for None."""
    return f"{moment.astimezone(UTC):%-d %B %Y}" if moment else ""


def language_name(tag: str | None) -> str:
    """Return what a language is called in English; the tag itself if nobody knows it, and nothing for none."""
    if not tag:
        return ""
    try:
        name = Language.get(tag).display_name()
    except LanguageTagError:
        return tag
    return tag if name.startswith("Unknown") else name


def direction(text: str | None) -> str:
    """Return `rtl` where the first letter of a text is written from right to left, else `ltr`."""
    for character in text or "":
        kind = unicodedata.bidirectional(character)
        if kind in _RIGHT_TO_LEFT:
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"
