"""In which formats books are made into files: those that are asked for, else those of the settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookbytes_pipeline.constants import FORMATS_TAG
from bookbytes_pipeline.domain.book_file import BOOK_FILE_FORMATS, BookFileFormat
from bookbytes_pipeline.domain.errors import InvalidSettings


@dataclass(frozen=True)
class BookFileFormats:
    """The formats in which every book is made into a file once it is published (BOOK_FILES)."""

    usual: Sequence[BookFileFormat]

    def of_run(self, tag: str | None) -> list[BookFileFormat]:
        """Return the formats that the tag of a run names, else the usual ones; raises `InvalidSettings`."""
        if tag is None:
            return list(self.usual)
        asked = {name.strip() for name in tag.split(",")}
        if unknown := sorted(asked - {*BOOK_FILE_FORMATS}):
            raise InvalidSettings(
                f"The tag {FORMATS_TAG} of this run names {unknown[0]!r}. There are {', '.join(BOOK_FILE_FORMATS)}."
            )
        return [name for name in BOOK_FILE_FORMATS if name in asked]
