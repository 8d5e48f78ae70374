"""What the pipeline needs of a provider: three ports of one method each.

Every method raises `Unavailable` when trying again may help (after it has itself tried as often as is sensible) and
`Refused` when it will not.
"""

from collections.abc import Sequence
from typing import Protocol

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest


class MetadataSource(Protocol):
    """Knows books by ISBN."""

    name: str

    async def find(self, isbn: ISBN) -> Book:
        """The book that `isbn` (13 digits) names; raises `BookNotFound` if this source does not know it."""
        ...


class LanguageModel(Protocol):
    """Writes. `needs_text` is true for one that cannot work from memory, `quotes` for one that only quotes its text."""

    name: str
    model: str
    needs_text: bool
    quotes: bool

    async def write(self, request: WritingRequest) -> Answer:
        """Answer `request`; the content meets its schema. Raises `UnusableAnswer` if it never does."""
        ...


class Narrator(Protocol):
    """Speaks. `voice` identifies everything that changes how the same text sounds (model, voice, speed)."""

    name: str
    voice: str

    async def speak(self, narration: Narration) -> Sequence[SpokenPiece]:
        """The whole narration in order, piece by piece; never part of it, never without a piece."""
        ...
