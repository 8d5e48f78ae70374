"""What users may choose for a book, and what is usual here."""

from typing import Annotated

import msgspec

from bookbytes_api.voices.known import known_voices
from bookbytes_pipeline.domain.book_choices import MAX_VOICE_CHARS, VOICE_NAME, BookChoices, require_voice
from bookbytes_pipeline.domain.minutes import MAX_MINUTES, MIN_MINUTES
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import Store

VoiceName = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_VOICE_CHARS, pattern=VOICE_NAME)]
Minutes = Annotated[float, msgspec.Meta(ge=MIN_MINUTES, le=MAX_MINUTES)]


def usual_choices(settings: Settings, store: Store, voice: str | None) -> BookChoices:
    """Return what is usual here; raises `InvalidVoice` if `voice`, which somebody chose, does not exist.

    Where none is chosen the voices are not looked at, so that requests are accepted while the store is away.
    """
    if voice is None:
        return BookChoices(settings.summary_minutes)
    voices = known_voices(store)
    require_voice(voice, voices)
    return BookChoices(settings.summary_minutes, voices.usual)
