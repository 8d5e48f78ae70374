"""Who needs a book's files: the library, Dagster's partitions, and runs that have not ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import dagster as dg
import msgspec
from sqlalchemy import select

from bookbytes_pipeline.constants import (
    BOOK_METADATA,
    BOOK_SUMMARY,
    CHAPTER_AUDIO,
    PARTITION_TAG,
    PARTITIONS,
    PUBLISHED_BOOK,
)
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.instance.run_status import IN_PROGRESS, WAITING
from bookbytes_pipeline.library.models import BookISBNRow
from bookbytes_pipeline.library.queries import clips_made_for, files_made_for
from bookbytes_pipeline.pruning.inventory import Inventory
from bookbytes_pipeline.store.store import Store

T = TypeVar("T")


class OtherInstallation(BookBytesError):
    """The store is not that of this library, or of this Dagster. Trying again helps once the settings are right."""

    code = "OTHER_INSTALLATION"


class _Key(msgspec.Struct):
    key: str


class _Clips(msgspec.Struct):
    clips: list[_Key]


class _Clip(msgspec.Struct):
    clip: _Key | None = None


@dataclass(frozen=True)
class Needs:
    """What is needed at this moment, each question answered anew."""

    store: Store
    database: Database
    instance: dg.DagsterInstance

    def knows(self, isbn: ISBN) -> bool:
        """Whether the library has the book, or Dagster has its partition."""
        return self._is_published(isbn) or self._is_partition(isbn)

    def is_being_made(self, isbn: ISBN, since: datetime) -> bool:
        """Whether a run of the book waits or is in progress, or was at that time."""
        of_book = {PARTITION_TAG: str(isbn)}
        unfinished = dg.RunsFilter(tags=of_book, statuses=[*WAITING, *IN_PROGRESS])
        recent = dg.RunsFilter(tags=of_book, updated_after=since)
        return any(self.instance.get_run_ids(runs, limit=1) for runs in (unfinished, recent))

    def published_clips(self, isbn: ISBN) -> set[str]:
        """The clips in the folder of this ISBN that the library plays."""
        with self.database.session() as session:
            return {key for key in session.scalars(clips_made_for(isbn)) if key}

    def offered_files(self, isbn: ISBN) -> set[str]:
        """The files of whole books in the folder of this ISBN that the library offers."""
        with self.database.session() as session:
            return {*session.scalars(files_made_for(isbn))}

    def clips_in_manifests(self, isbn: ISBN) -> set[str] | None:
        """The clips that the book's artefacts name; None if one of them cannot be read."""
        try:
            chapters = self._decoded(f"{CHAPTER_AUDIO}/{isbn}.json", _Clips)
            whole = self._decoded(f"{BOOK_SUMMARY}/{isbn}.json", _Clip)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return {clip.key for clip in [*(chapters.clips if chapters else []), *([whole.clip] if whole else [])] if clip}

    def require_same_installation(self, inventory: Inventory) -> None:
        """Raise `OtherInstallation` if not one of the books in the store is known to the library, or to Dagster.

        Otherwise a wrong setting would delete everything.
        """
        published, begun = inventory.made_by(PUBLISHED_BOOK), inventory.made_by(BOOK_METADATA)
        _require_any(map(self._is_published, published), self.store, "The library", "DATABASE_URL")
        _require_any(map(self._is_partition, begun), self.store, "Dagster", "DAGSTER_HOME")

    def _is_published(self, isbn: ISBN) -> bool:
        with self.database.session() as session:
            return session.scalar(select(BookISBNRow.isbn).where(BookISBNRow.isbn == isbn)) is not None

    def _is_partition(self, isbn: ISBN) -> bool:
        return self.instance.has_dynamic_partition(PARTITIONS, isbn)

    def _decoded(self, key: str, kind: type[T]) -> T | None:
        content = self.store.files.read(key)
        return None if content is None else msgspec.json.decode(content, type=kind)


def _require_any(known: Iterable[bool], store: Store, who: str, setting: str) -> None:
    books = iter(known)
    first = next(books, None)
    if first is None or first or any(books):
        return
    raise OtherInstallation(
        f"{who} knows none of the books in the store at {store.files.address()}, so nothing was "
        f"deleted. Check {setting}, BOOKBYTES_HOME and the settings of the store."
    )
