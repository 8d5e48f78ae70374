"""The text that a narrator speaks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Narration:
    """Text as it is to be spoken: paragraphs separated by blank lines, in `language` (a BCP 47 tag)."""

    text: str
    language: str
