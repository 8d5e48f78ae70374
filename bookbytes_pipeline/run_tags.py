"""What a request says about a book, as tags of the run that makes it, which Dagster's UI shows and can set."""

import re
from collections.abc import Mapping

from bookbytes_pipeline.constants import MINUTES_TAG, VOICE_TAG
from bookbytes_pipeline.domain.book_choices import MAX_VOICE_CHARS, VOICE_NAME, BookChoices
from bookbytes_pipeline.domain.errors import InvalidSettings
from bookbytes_pipeline.domain.minutes import parse_minutes


def choice_tags(choices: BookChoices) -> dict[str, str]:
    """Return the tags that say what was chosen: none for what is usual."""
    minutes = {} if choices.minutes is None else {MINUTES_TAG: f"{choices.minutes:g}"}
    return minutes | ({} if choices.voice is None else {VOICE_TAG: choices.voice})


def choices_in(tags: Mapping[str, str]) -> BookChoices:
    """Return what the tags of a run say; raises `InvalidSettings` if that cannot be chosen."""
    return BookChoices(_minutes(tags.get(MINUTES_TAG)), _voice(tags.get(VOICE_TAG)))


def _minutes(said: str | None) -> float | None:
    try:
        return None if said is None else parse_minutes(said)
    except ValueError as error:
        raise InvalidSettings(f"The tag {MINUTES_TAG} of this run is {said!r}: {error}.") from error


def _voice(said: str | None) -> str | None:
    if said is not None and not (len(said) <= MAX_VOICE_CHARS and re.fullmatch(VOICE_NAME, said)):
        raise InvalidSettings(
            f"The tag {VOICE_TAG} of this run is {said[:MAX_VOICE_CHARS]!r}: it should be the name of a voice."
        )
    return said
