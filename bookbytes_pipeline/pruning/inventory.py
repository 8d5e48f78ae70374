"""What is in the store, in a temporary database: a bucket may list more than fits into memory."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bookbytes_pipeline.constants import ASSET_NAMES, BOOK_FILE
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.store.files import StoredFile


class Kind(StrEnum):
    """What a file is, as people call it."""

    CLIP = "clips"
    FILE = "files of whole books"
    COVER = "covers"
    TEXT = "attached texts"
    ARTEFACT = "artefacts"
    ANSWER = "cached answers"
    MARK = "notes of their use"


_ISBN = "(?P<isbn>[0-9]{13})"
_KEYS = {
    Kind.CLIP: re.compile(rf"chapter_audio/{_ISBN}/[0-9]{{2,}}-[0-9a-z]+\.mp3"),
    Kind.FILE: re.compile(rf"book_files/{_ISBN}/[0-9a-f]{{32}}\.[0-9a-z]{{2,10}}"),
    Kind.COVER: re.compile(rf"covers/{_ISBN}\.jpg"),
    Kind.TEXT: re.compile(rf"sources/{_ISBN}\.(?:epub|chapters\.json)"),
    Kind.ARTEFACT: re.compile(rf"(?:{'|'.join([*ASSET_NAMES, BOOK_FILE])}|remembered/open_library)/{_ISBN}(?:\.json)?"),
    Kind.MARK: re.compile(rf"remembered/used_by/(?P<answer>[a-z_]+-[0-9a-f]{{32}})/{_ISBN}"),
    Kind.ANSWER: re.compile(r"remembered/(?P<asked>[a-z_]+)/(?P<digest>[0-9a-f]{32})"),
}
"""Nothing else in the store is looked at: a bucket may be shared. What Open Library said is kept by ISBN, and may be
asked again for nothing, so it goes with the artefacts of its book."""

_TABLE = """
    CREATE TABLE files (
        key TEXT PRIMARY KEY, kind TEXT, isbn TEXT, answer TEXT, bytes INTEGER, modified REAL, stale INTEGER DEFAULT 0
    ) WITHOUT ROWID
"""
_UNUSED_ANSWERS = """
    SELECT key, kind, isbn, answer, bytes, modified FROM files AS file
    WHERE kind = 'cached answers' AND modified < :before
      AND NOT EXISTS (SELECT 1 FROM files WHERE kind = 'notes of their use' AND answer = file.answer AND NOT stale)
      AND (NOT :marked_only
           OR EXISTS (SELECT 1 FROM files WHERE kind = 'notes of their use' AND answer = file.answer))
"""
_NOTES_OF_NOTHING = """
    SELECT key, kind, isbn, answer, bytes, modified FROM files AS file
    WHERE kind = 'notes of their use' AND stale
      AND NOT EXISTS (SELECT 1 FROM files WHERE kind = 'cached answers' AND answer = file.answer)
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A file that belongs to BookBytes.

    `isbn` is the book that it belongs to, if it belongs to one. `answer` is the name of an answer, or of the one that
    a mark is about. `modified` is in seconds since 1970.
    """

    key: str
    kind: Kind
    isbn: ISBN
    answer: str
    bytes: int
    modified: float


def identify(file: StoredFile) -> Item | None:
    """Return what a file is; None for one that BookBytes has no business with."""
    for kind, pattern in _KEYS.items():
        if match := pattern.fullmatch(file.key):
            parts = match.groupdict()
            answer = f"{parts['asked']}-{parts['digest']}" if kind is Kind.ANSWER else parts.get("answer", "")
            return Item(file.key, kind, ISBN(parts.get("isbn", "")), answer, file.bytes, file.modified.timestamp())
    return None


class NoRoomForInventory(BookBytesError):
    """The list of the store's files cannot be written. Trying again helps once there is room."""

    code = "NO_ROOM_FOR_INVENTORY"


class Inventory:
    """The files of a store at one moment, on the disk of this machine until it is closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")  # a temporary file
        self._database.execute(_TABLE)

    def add(self, files: Iterable[StoredFile]) -> None:
        """Take in what is BookBytes' of these files; raises `NoRoomForInventory`."""
        items = (item for item in map(identify, files) if item is not None)
        try:
            self._database.executemany(
                "INSERT OR REPLACE INTO files (key, kind, isbn, answer, bytes, modified) VALUES (?, ?, ?, ?, ?, ?)",
                ((item.key, item.kind, item.isbn, item.answer, item.bytes, item.modified) for item in items),
            )
            self._database.execute("CREATE INDEX IF NOT EXISTS by_isbn ON files (isbn)")
            self._database.execute("CREATE INDEX IF NOT EXISTS by_answer ON files (answer)")
        except sqlite3.Error as error:
            raise NoRoomForInventory(
                f"The list of the store's files cannot be kept in a temporary file: {error}. Make room for it, or let "
                "TMPDIR name another folder."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    def isbns(self) -> Iterator[ISBN]:
        """Every book of which there is anything."""
        isbn = ""
        while (found := self._first("SELECT min(isbn) FROM files WHERE isbn > ?", isbn)) is not None:
            isbn = found
            yield ISBN(isbn)

    def made_by(self, asset: str) -> Iterator[ISBN]:
        """The books of which there is this artefact."""
        rows = self._database.execute("SELECT isbn FROM files WHERE key GLOB ?", [f"{asset}/*.json"])
        return (ISBN(isbn) for (isbn,) in rows)

    def of_book(self, isbn: ISBN) -> list[Item]:
        """Everything that belongs to a book."""
        return list(self._items("SELECT key, kind, isbn, answer, bytes, modified FROM files WHERE isbn = ?", [isbn]))

    def note_stale(self, marks: Iterable[Item]) -> None:
        """Count these marks no longer as use."""
        self._database.executemany("UPDATE files SET stale = 1 WHERE key = ?", ([mark.key] for mark in marks))

    def unused_answers(self, before: float, *, marked_only: bool) -> Iterator[Item]:
        """The answers from before that time without a mark that counts; or of those only that have any mark at all."""
        return self._items(_UNUSED_ANSWERS, {"before": before, "marked_only": marked_only})

    def marks_of(self, answer: Item) -> list[Item]:
        """The marks of an answer, all of them stale or not."""
        found = "SELECT key, kind, isbn, answer, bytes, modified FROM files WHERE answer = ? AND kind = ?"
        return list(self._items(found, [answer.answer, Kind.MARK]))

    def marks_of_nothing(self) -> Iterator[Item]:
        """The stale marks whose answer is gone."""
        return self._items(_NOTES_OF_NOTHING, {})

    def _items(self, query: str, parameters: list[str] | dict[str, object]) -> Iterator[Item]:
        for key, kind, isbn, answer, size, modified in self._database.execute(query, parameters):
            yield Item(key, Kind(kind), ISBN(isbn), answer, size, modified)

    def _first(self, query: str, *parameters: str) -> str | None:
        found: str | None = self._database.execute(query, parameters).fetchone()[0]
        return found
