"""What somebody chose for one book in place of what is usual here."""

from dataclasses import dataclass

from bookbytes_pipeline.domain.errors import InvalidVoice
from bookbytes_pipeline.domain.narration import VOICE_BY_LANGUAGE, VoiceList

MAX_VOICE_CHARS = 100
VOICE_NAME = r"^[^\x00-\x1f\x7f]+$(?!\n)"
"""The name of a voice: whatever a server calls it, on one line. In Python `$` also matches before a last line break."""
_MAX_LISTED = 30


@dataclass(frozen=True, slots=True)
class BookChoices:
    """`minutes` is how long the summary of a chapter is to take, `voice` the name of a voice; None is what is usual."""

    minutes: float | None = None
    voice: str | None = None


NO_CHOICES = BookChoices()


def require_choice_of_voices(narrator: str) -> None:
    """Raise `InvalidVoice` for a narrator of which no voice can be chosen."""
    if narrator in VOICE_BY_LANGUAGE:
        raise InvalidVoice(
            f"{narrator} has one voice for each language, so that none can be chosen. Leave the voice out, or choose "
            "another TTS_PROVIDER."
        )


def require_voice(voice: str, known: VoiceList) -> None:
    """Raise `InvalidVoice` if a narrator cannot speak with this voice, as far as its voices are known."""
    require_choice_of_voices(known.narrator)
    names = [listed.name for listed in known.voices]
    if known.complete and voice not in names:
        more = ", …" if len(names) > _MAX_LISTED else ""
        raise InvalidVoice(f"{known.narrator} has no voice {voice!r}. It has: {', '.join(names[:_MAX_LISTED])}{more}.")
