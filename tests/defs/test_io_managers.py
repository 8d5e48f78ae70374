"""Artefacts are typed JSON under an ISBN, and under nothing else."""

from pathlib import Path

import dagster as dg
import pytest

from bookbytes_pipeline.defs.io_managers import JsonIOManager
from bookbytes_pipeline.domain.book import Book, ContentsRow
from bookbytes_pipeline.domain.errors import InvalidISBN, StoreUnavailable
from bookbytes_pipeline.store.folder import Folder

ISBN = "9780306406157"
BOOK = Book(ISBN, "On Rivers", "open_library", authors=("Ada Ford",), contents=(ContentsRow("Springs", "1", 1),))
KEY = dg.AssetKey("book_metadata")


@pytest.fixture
def manager(tmp_path: Path) -> JsonIOManager:
    """A manager of a store in a folder; the store's own tests show that a bucket is the same to it."""
    return JsonIOManager(Folder(tmp_path))


def test_a_value_comes_back_as_it_was(manager: JsonIOManager) -> None:
    """Frozen values survive the way through JSON, tuples and all."""
    manager.handle_output(dg.build_output_context(asset_key=KEY, partition_key=ISBN), BOOK)

    assert manager.load_input(_input(Book)) == BOOK
    assert manager.files.has(f"book_metadata/{ISBN}.json")


def test_nothing_is_a_value_too(manager: JsonIOManager) -> None:
    """A book without a text is stored as such."""
    manager.handle_output(dg.build_output_context(asset_key=KEY, partition_key=ISBN), None)

    assert manager.load_input(_input(Book | None)) is None


def test_a_damaged_artefact_is_named(manager: JsonIOManager) -> None:
    """What does not fit its type is not passed on."""
    manager.files.write(f"book_metadata/{ISBN}.json", b'{"title": 7}')

    with pytest.raises(StoreUnavailable, match="does not hold a book_metadata: materialize it again"):
        manager.load_input(_input(Book))


def test_a_missing_artefact_says_what_to_materialize(manager: JsonIOManager) -> None:
    """Whoever runs one asset alone is told what it needs."""
    with pytest.raises(StoreUnavailable, match="materialize book_metadata first"):
        manager.load_input(_input(Book))


@pytest.mark.parametrize("key", ["../../etc/passwd", f"{ISBN}/../x", "978030640615", "９７８０３０６４０６１５７", ""])
def test_only_an_isbn_becomes_part_of_a_path(manager: JsonIOManager, key: str) -> None:
    """Dagster does not check dynamic partition keys, so the manager does."""
    context = dg.build_output_context(asset_key=KEY, partition_key=key)

    with pytest.raises(InvalidISBN):
        manager.handle_output(context, BOOK)


def _input(kind: object) -> dg.InputContext:
    upstream = dg.build_output_context(asset_key=KEY, partition_key=ISBN)
    dagster_type = dg.PythonObjectDagsterType(Book) if kind is Book else dg.Optional[Book]  # type: ignore[attr-defined]
    return dg.build_input_context(
        asset_key=KEY, partition_key=ISBN, upstream_output=upstream, dagster_type=dagster_type
    )
