"""A library on a disk that is full: it is read as before, and says why nothing is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import LibraryFull, StoreFull
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.store.folder import Folder
from tests.library.rows import book_row
from tests.small_disk import SmallDisk, small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of two megabytes."""
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        yield disk


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_library_is_read_without_a_free_byte(disk: SmallDisk, *, interrupted: bool) -> None:
    """By a process that opens it only now, too; also where another has it open, in the middle of something."""
    url = f"sqlite:///{disk.folder}/library.db"
    with Database(url).session() as session:
        session.add(book_row())
    other = Database(url).engine.connect() if interrupted else None
    if other:
        other.scalar(select(func.count()).select_from(BookRow))
    disk.fill()

    with Database(url).session() as session:
        assert 1 == session.scalar(select(func.count()).select_from(BookRow))
    with pytest.raises(LibraryFull, match=r"no space left for the library at .*library\.db"):
        _add_many(Database(url))
    disk.free()
    _add_many(Database(url))
    if other:
        other.close()


def test_a_library_cannot_be_created_without_space(disk: SmallDisk) -> None:
    """The reason is told, not what SQLite makes of it."""
    disk.fill()

    with pytest.raises(LibraryFull):
        Database(f"sqlite:///{disk.folder}/library.db").check()


def test_a_store_is_read_without_a_free_byte(disk: SmallDisk) -> None:
    """What cannot be written is an error, and leaves what was there."""
    store = Folder(disk.folder / "store")
    store.write("a/b", b"kept")
    disk.fill()

    store.require_reachable()
    with pytest.raises(StoreFull, match=r"no space left for .*b\. Free some"):
        store.write("a/b", bytes(10_000))
    assert b"kept" == store.read("a/b")
    assert ["b"] == [file.name for file in (disk.folder / "store" / "a").iterdir()]


def _add_many(database: Database) -> None:
    with database.session() as session:
        session.add_all(book_row(isbn=f"97800000{number:05}") for number in range(100))
