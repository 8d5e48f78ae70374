"""Artefacts are typed JSON files, and their key is always an ISBN."""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from bookbytes_pipeline.defs.io_managers import JsonIOManager
from bookbytes_pipeline.domain.book import (
    Book,
    BookText,
    Chapter,
    ChapterList,
    ChapterText,
    ContentsRow,
    ContentsSource,
    SkippedSection,
)
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.errors import InvalidISBN, StoreUnavailable
from bookbytes_pipeline.domain.summary import BookSummaries, Grounding, Summary, TokenUsage
from bookbytes_pipeline.store.folder import Folder

ISBN = "9780306406157"
BOOK = Book(ISBN, "On Rivers", "open_library", authors=("Ada Ford",), contents=(ContentsRow("Springs", "1", 1),))
KEY = dg.AssetKey("book_metadata")


OF_0_3_0 = {
    "book_metadata": (
        """{
 "isbn": "9780306406157",
 "title": "On Rivers",
 "source": "open_library",
 "subtitle": null,
 "authors": [
  "Ada Ford"
 ],
 "language": "en",
 "edition": null,
 "publisher": null,
 "pages": 320,
 "publish_date": "2024",
 "cover_url": null,
 "description": null,
 "work_key": null,
 "edition_key": null,
 "isbns": [
  "9791234567896"
 ],
 "contents": [
  {
   "title": "Springs",
   "label": "1",
   "level": 1
  }
 ]
}""",
        Book(
            ISBN,
            "On Rivers",
            "open_library",
            authors=("Ada Ford",),
            language="en",
            pages=320,
            publish_date="2024",
            isbns=("9791234567896",),
            contents=(ContentsRow("Springs", "1", 1),),
        ),
    ),
    "book_text": (
        """{
 "title": "On Rivers",
 "chapters": [
  {
   "number": 1,
   "title": "Springs",
   "text": "Water rises.\\n\\nIt flows – süß."
  }
 ],
 "authors": [],
 "language": null,
 "publisher": null,
 "publish_date": null,
 "description": null,
 "isbns": [],
 "left_out": [
  {
   "title": "Notes",
   "words": 12,
   "reason": "endnotes"
  }
 ],
 "coverage": 1.0,
 "warnings": [
  "One thing."
 ],
 "cover": "OEBPS/cover.jpg"
}""",
        BookText(
            "On Rivers",
            (ChapterText(1, "Springs", "Water rises.\n\nIt flows – süß."),),
            left_out=(SkippedSection("Notes", 12, "endnotes"),),
            warnings=("One thing.",),
            cover="OEBPS/cover.jpg",
        ),
    ),
    "chapter_list": (
        """{
 "source": "language_model",
 "chapters": [
  {
   "number": 1,
   "title": "Springs",
   "words": 0
  }
 ],
 "recipe": "5d41402abc4b2a76"
}""",
        ChapterList(ContentsSource.LANGUAGE_MODEL, (Chapter(1, "Springs"),), "5d41402abc4b2a76"),
    ),
    "chapter_summaries": (
        """{
 "language": "en",
 "provider": "openai",
 "model": "gpt-5-mini",
 "recipe": "5d41402abc4b2a76",
 "usage": {
  "calls": 1,
  "input_tokens": 1200,
  "output_tokens": 300
 },
 "summaries": [
  {
   "number": 1,
   "title": "Springs",
   "text": "Water rises in 1872.",
   "grounding": "full_text",
   "known": true,
   "unsupported": [
    "1872"
   ]
  }
 ]
}""",
        BookSummaries(
            "en",
            "openai",
            "gpt-5-mini",
            "5d41402abc4b2a76",
            TokenUsage(1, 1200, 300),
            (Summary(1, "Springs", "Water rises in 1872.", Grounding.FULL_TEXT, unsupported=("1872",)),),
        ),
    ),
    "chapter_audio": (
        """{
 "narrator": "gtts",
 "voice": "en",
 "recipe": "5d41402abc4b2a76",
 "clips": [
  {
   "number": 1,
   "title": "Springs",
   "key": "chapter_audio/9780306406157/01-abc.mp3",
   "seconds": 61.5,
   "bytes": 492000,
   "loudness": -16.02
  }
 ]
}""",
        ClipManifest(
            "gtts",
            "en",
            "5d41402abc4b2a76",
            (Clip(1, "Springs", "chapter_audio/9780306406157/01-abc.mp3", 61.5, 492000, -16.02),),
        ),
    ),
}
"""Files as BookBytes 0.3.0 wrote them, and their values."""


@pytest.fixture
def manager(tmp_path: Path) -> JsonIOManager:
    """A manager of a store in a folder; the store's own tests show that a bucket behaves alike."""
    return JsonIOManager(Folder(tmp_path))


def test_a_value_is_loaded_as_it_was_stored(manager: JsonIOManager) -> None:
    """Frozen values, with their tuples, survive the conversion to JSON and back."""
    manager.handle_output(dg.build_output_context(asset_key=KEY, partition_key=ISBN), BOOK)

    assert manager.load_input(_input(Book)) == BOOK
    assert manager.files.has(f"book_metadata/{ISBN}.json")


def test_none_is_a_value_too(manager: JsonIOManager) -> None:
    """It is stored for a book without a text."""
    manager.handle_output(dg.build_output_context(asset_key=KEY, partition_key=ISBN), None)

    assert manager.load_input(_input(Book | None)) is None


def test_a_damaged_artefact_is_named(manager: JsonIOManager) -> None:
    """A value that does not match its type is not passed on."""
    manager.files.write(f"book_metadata/{ISBN}.json", b'{"title": 7}')

    with pytest.raises(StoreUnavailable, match="does not hold a book_metadata: materialize it again"):
        manager.load_input(_input(Book))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"null", b'{"isbn": "9780306406157"}'])
def test_a_truncated_file_is_named(manager: JsonIOManager, content: bytes) -> None:
    """It is not an internal error: the message says to materialize the asset again."""
    manager.files.write(f"book_metadata/{ISBN}.json", content)

    with pytest.raises(StoreUnavailable, match="does not hold a book_metadata: materialize it again"):
        manager.load_input(_input(Book))


@pytest.mark.parametrize("asset", OF_0_3_0)
def test_files_of_0_3_0_are_read_and_what_is_written_has_all_they_had(manager: JsonIOManager, asset: str) -> None:
    """An existing home can be opened, and an older BookBytes, which ignores new fields, could read what is written."""
    content, value = OF_0_3_0[asset]
    key = f"{asset}/{ISBN}.json"
    manager.files.write(key, content.encode())

    assert value == manager.load_input(_input(type(value), asset))
    manager.handle_output(dg.build_output_context(asset_key=dg.AssetKey(asset), partition_key=ISBN), value)
    assert _holds(json.loads(manager.files.read(key) or b""), json.loads(content))


def _holds(written: Any, earlier: Any) -> bool:
    if isinstance(earlier, dict):
        return all(name in written and _holds(written[name], value) for name, value in earlier.items())
    if isinstance(earlier, list):
        return len(written) == len(earlier) and all(map(_holds, written, earlier))
    return bool(written == earlier)


def test_a_missing_artefact_says_what_to_materialize(manager: JsonIOManager) -> None:
    """A user who runs one asset alone sees which asset it needs."""
    with pytest.raises(StoreUnavailable, match="materialize book_metadata first"):
        manager.load_input(_input(Book))


@pytest.mark.parametrize("key", ["../../etc/passwd", f"{ISBN}/../x", "978030640615", "９７８０３０６４０６１５７", ""])
def test_only_an_isbn_becomes_part_of_a_path(manager: JsonIOManager, key: str) -> None:
    """Dagster does not check dynamic partition keys, so the manager does."""
    context = dg.build_output_context(asset_key=KEY, partition_key=key)

    with pytest.raises(InvalidISBN):
        manager.handle_output(context, BOOK)


def _input(kind: object, asset: str = "book_metadata") -> dg.InputContext:
    key = dg.AssetKey(asset)
    upstream = dg.build_output_context(asset_key=key, partition_key=ISBN)
    dagster_type = dg.PythonObjectDagsterType(kind) if isinstance(kind, type) else dg.Optional[Book]  # type: ignore[attr-defined]
    return dg.build_input_context(
        asset_key=key, partition_key=ISBN, upstream_output=upstream, dagster_type=dagster_type
    )
