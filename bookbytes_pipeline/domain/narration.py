"""The text that a narrator speaks, what it spoke, and the voices that it has."""

from dataclasses import dataclass

VOICE_BY_LANGUAGE = frozenset({"gtts", "espeak"})
"""Narrators (`TTS_PROVIDER`) with one voice for each language, of which none can be chosen."""


@dataclass(frozen=True, slots=True)
class Narration:
    """Text as it is to be spoken: paragraphs separated by blank lines, in `language` (a BCP 47 tag)."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class SpokenPiece:
    """A piece of a narration, without line breaks, and its recording: an audio file of any usual format.

    `ends_paragraph` is true for the last piece of a paragraph, after which a speaker takes a breath.
    """

    text: str
    audio: bytes
    ends_paragraph: bool = True


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that a narrator has: the name to choose it by, and its language (a BCP 47 tag), if that is known."""

    name: str
    language: str | None

    def may_speak(self, language: str) -> bool:
        """Return whether it may be a voice for a language, whatever the country; one that does not say may be."""
        return self.language is None or _primary(self.language) == _primary(language)


@dataclass(frozen=True, slots=True)
class VoiceList:
    """The voices of `narrator` (its name in settings).

    `usual` is the name of the one that speaks unless another is chosen, None where the language of a book decides.
    `complete` is false where a server may have more than it says.
    """

    narrator: str
    voices: tuple[Voice, ...]
    usual: str | None = None
    complete: bool = True

    @property
    def can_choose(self) -> bool:
        """Whether a voice can be chosen for a book."""
        return self.narrator not in VOICE_BY_LANGUAGE


def _primary(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]
