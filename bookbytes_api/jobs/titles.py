"""What a job's book is called."""

from dataclasses import dataclass

MAX_TITLE_CHARS = 500
"""As in the library."""


@dataclass(frozen=True, slots=True)
class BookTitle:
    """The title and the authors of a book, as they stand on it."""

    title: str
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChapterTitle:
    """The number and the title of a chapter."""

    number: int
    title: str
