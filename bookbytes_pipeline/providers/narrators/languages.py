"""Which of a narrator's languages is the right one for a book."""

from collections.abc import Iterable, Mapping

from bookbytes_pipeline.domain.errors import Refused

_MAX_DISTANCE = 9
"""The most that two languages may differ, in langcodes' measure: Austrian German is 4 from German and the Swiss 8;
from 10 on a listener would hear a foreigner (Breton read out as French is 20)."""


def closest(tag: str, spoken: Iterable[str], narrator: str) -> str:
    """Return the best match for `tag` among the `spoken` BCP 47 tags; raises `Refused` if none does.

    `spoken` must be well-formed, see `well_formed`.
    """
    import langcodes  # noqa: PLC0415 - a tenth of a second that only those who speak should wait

    refused = Refused(f"{narrator} does not speak the language {tag!r}. Choose another TTS_PROVIDER for this book.")
    try:
        match, distance = langcodes.closest_match(tag, list(spoken), max_distance=_MAX_DISTANCE)
    except langcodes.tag_parser.LanguageTagError as error:
        raise refused from error
    if distance > _MAX_DISTANCE:
        raise refused
    return match


def voice_for(tag: str, voices: Mapping[str, str], default: str) -> str:
    """Return the voice of the language in `voices` that is closest to `tag`, or `default` where none is close."""
    try:
        return voices[closest(tag, voices, "")] if voices else default
    except Refused:
        return default


def well_formed(tag: str) -> str | None:
    """`tag` as BCP 47 spells it (`en-us` is `en-US`), or None if it is not of that form."""
    import langcodes  # noqa: PLC0415 - as above

    try:
        return langcodes.standardize_tag(tag)
    except langcodes.tag_parser.LanguageTagError:
        return None
