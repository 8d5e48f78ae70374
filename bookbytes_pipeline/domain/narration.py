"""The text that a narrator speaks, what it spoke, and the voices that it has."""

from dataclasses import dataclass


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
