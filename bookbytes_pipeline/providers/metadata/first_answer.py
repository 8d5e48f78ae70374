"""Several metadata sources, asked one after the other."""

from collections.abc import Sequence

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.errors import BookNotFound, Refused, Unavailable
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.providers.ports import MetadataSource


class FirstAnswer:
    """The first source that knows the book answers; if none does, the reason of the first one is raised."""

    name = "first_answer"

    def __init__(self, sources: Sequence[MetadataSource]) -> None:
        self._sources = sources

    async def find(self, isbn: ISBN) -> Book:
        """The book as the first source describes it that can."""
        reasons: list[BookNotFound | Unavailable | Refused] = []
        for source in self._sources:
            try:
                return await source.find(isbn)
            except (BookNotFound, Unavailable, Refused) as reason:
                reasons.append(reason)
        raise reasons[0]
