"""Listing what is in a store."""

import sqlite3
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bookbytes_pipeline.pruning.inventory import Inventory, Kind, NoRoomForInventory, identify
from bookbytes_pipeline.store.files import StoredFile

THEN = datetime(2026, 11, 27, tzinfo=UTC)
HASH = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("key", "kind", "isbn", "answer"),
    [
        ("chapter_audio/9780306406157/01-0a1b.mp3", Kind.CLIP, "9780306406157", ""),
        ("covers/9780306406157.jpg", Kind.COVER, "9780306406157", ""),
        ("chapter_audio/9780306406157.json", Kind.ARTEFACT, "9780306406157", ""),
        ("book_metadata/9780306406157.json", Kind.ARTEFACT, "9780306406157", ""),
        ("remembered/open_library/9780306406157", Kind.ARTEFACT, "9780306406157", ""),
        ("sources/9780306406157.epub", Kind.TEXT, "9780306406157", ""),
        ("sources/9780306406157.chapters.json", Kind.TEXT, "9780306406157", ""),
        (f"remembered/speech_pieces/{HASH}", Kind.ANSWER, "", f"speech_pieces-{HASH}"),
        (f"remembered/used_by/clip-{HASH}/9780306406157", Kind.MARK, "9780306406157", f"clip-{HASH}"),
    ],
)
def test_a_file_is_known_by_its_key(key: str, kind: Kind, isbn: str, answer: str) -> None:
    """A mark and the answer that it is about have the answer's name in common."""
    item = identify(StoredFile(key, 7, THEN))

    assert item
    assert (key, kind, isbn, answer, 7, THEN.timestamp()) == (
        item.key,
        item.kind,
        item.isbn,
        item.answer,
        item.bytes,
        item.modified,
    )


@pytest.mark.parametrize(
    "key",
    [
        "voices.json",
        "started",
        "backups/chapter_audio/9780306406157/01-0a1b.mp3",
        "sources/readme.txt",
        "chapter_audio/9780306406157/cover.jpg",
        "remembered/speech_pieces/notes",
        "dagster/storage/0123/compute_logs/step.out",
    ],
)
def test_what_is_not_ours_is_not_looked_at(key: str) -> None:
    """A bucket may be shared, also without a prefix."""
    assert None is identify(StoredFile(key, 7, THEN))


def test_a_large_store_is_not_kept_in_memory() -> None:
    """Its inventory is on the disk: many files take as much memory as few."""
    tracemalloc.start()
    with Inventory() as inventory:
        inventory.add(StoredFile(f"sources/{number:013d}.epub", 1, THEN) for number in range(20_000))
        isbns = sum(1 for _ in inventory.isbns())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert 20_000 == isbns
    assert peak < 500_000


def test_a_disk_without_room_for_the_inventory_is_reported() -> None:
    """The message says what to do."""

    def too_many() -> Iterator[StoredFile]:
        yield StoredFile("voices.json", 1, THEN)
        raise sqlite3.OperationalError("database or disk is full")

    with Inventory() as inventory, pytest.raises(NoRoomForInventory, match=r"disk is full\. Make room .*TMPDIR"):
        inventory.add(too_many())
