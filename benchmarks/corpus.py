"""What the EPUB reader makes of every EPUB in a folder: a line for each, and a total.

`make corpus DIR=folder` runs it. Compare the lines before and after a change to the reader. Exit code 0 means that all
books were read or refused with a sentence, 1 that the reader failed on one.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.epub.validation import validate_epub

COLUMNS = f"{'chapters':>8} {'words':>9} {'left out':>8} {'language':<8} {'seconds':>7}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One file and what came of it: `book`, or the sentence that it was refused with, or how the reader `failed`."""

    name: str
    seconds: float
    book: BookText | None = None
    refusal: str = ""
    failed: str = ""

    @property
    def words(self) -> int:
        """The words of all chapters."""
        return sum(count_words(chapter.text) for chapter in self.book.chapters) if self.book else 0

    @property
    def words_left_out(self) -> int:
        """The words of all that is no chapter."""
        return sum(section.words for section in self.book.left_out) if self.book else 0


def main() -> None:
    """Read the books of the folder that is named on the command line; print each as soon as it is read."""
    parser = argparse.ArgumentParser(description="What the EPUB reader makes of every EPUB in a folder.")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    if not folder.is_dir():
        parser.error(f"{folder} is no folder; make corpus DIR=folder")
    print(f"{COLUMNS} file", flush=True)
    readings = []
    for reading in read_all(folder):
        readings.append(reading)
        print(line(reading), flush=True)
    print(total(readings))
    sys.exit(any(reading.failed for reading in readings))


def read_all(folder: Path) -> Iterator[Reading]:
    """Yield a reading for every EPUB in `folder` and below, by name; none stops the others."""
    paths = (path for path in folder.rglob("*") if path.suffix.lower() == ".epub" and path.is_file())
    for path in sorted(paths):
        yield _read(path, str(path.relative_to(folder)))


def line(reading: Reading) -> str:
    """Return all about one book on one line."""
    if reading.book is None:
        outcome = f"failed: {reading.failed}" if reading.failed else f"refused: {reading.refusal}"
        return f"{'-':>8} {'-':>9} {'-':>8} {'-':<8} {reading.seconds:>7.2f} {reading.name} | {outcome}"
    book = reading.book
    numbers = f"{len(book.chapters):>8} {reading.words:>9,} {reading.words_left_out:>8,}"
    parts = [reading.name]
    if book.language_reason:
        parts.append(f"language: {book.language_reason}")
    if book.left_out:
        parts.append(f"left out: {_reasons(book)}")
    if book.warnings:
        parts.append(f"warnings: {' '.join(book.warnings)}")
    return f"{numbers} {book.language or '-':<8} {reading.seconds:>7.2f} {' | '.join(parts)}"


def total(readings: list[Reading]) -> str:
    """Return the sums of all books on one line."""
    books = [reading.book for reading in readings if reading.book]
    chapters = sum(len(book.chapters) for book in books)
    words = sum(reading.words for reading in readings)
    left_out = sum(reading.words_left_out for reading in readings)
    seconds = sum(reading.seconds for reading in readings)
    refused = sum(bool(reading.refusal) for reading in readings)
    failed = sum(bool(reading.failed) for reading in readings)
    warned = sum(bool(book.warnings) for book in books)
    outcomes = f"{len(books)} read ({warned} with warnings), {refused} refused, {failed} failed"
    return f"{chapters:>8} {words:>9,} {left_out:>8,} {'':<8} {seconds:>7.2f} total: {len(readings)} files, {outcomes}"


def _read(path: Path, name: str) -> Reading:
    began = time.monotonic()
    try:
        with path.open("rb") as file:
            book = validate_epub(file)
    except UnreadableBook as refusal:
        return Reading(name, time.monotonic() - began, refusal=str(refusal))
    except Exception as error:  # noqa: BLE001 - a fault of the reader is what this report looks for
        return Reading(name, time.monotonic() - began, failed=repr(error))
    return Reading(name, time.monotonic() - began, book)


def _reasons(book: BookText) -> str:
    """Return the reasons in the order of the book, each with its words."""
    words: Counter[str] = Counter()
    for section in book.left_out:
        words[section.reason] += section.words
    return ", ".join(f"{reason} {count:,}" for reason, count in words.items())


if __name__ == "__main__":
    main()
