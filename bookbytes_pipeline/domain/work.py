"""A work, as a catalogue finds it by its title: what its editions have in common."""

from dataclasses import dataclass

from bookbytes_pipeline.domain.isbn import ISBN


@dataclass(frozen=True, slots=True)
class Work:
    """A work with ISBNs of its editions, of which one is to be chosen: those that fit what was searched for first.

    `first_year` is when it was first published.
    """

    title: str
    authors: tuple[str, ...]
    first_year: int | None
    cover_url: str | None
    isbns: tuple[ISBN, ...]
