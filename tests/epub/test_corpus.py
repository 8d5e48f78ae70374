"""The report on a folder of EPUBs."""

from pathlib import Path

from benchmarks.corpus import Reading, line, read_all, total
from bookbytes_pipeline.domain.book import BookText, ChapterText, SkippedSection
from tests.epub.building import epub, prose


def test_every_book_of_the_folder_has_a_reading(tmp_path: Path) -> None:
    """Books in folders below are read too, and a file that is no EPUB stops nothing."""
    (tmp_path / "below").mkdir()
    (tmp_path / "a.epub").write_bytes(b"no archive")
    (tmp_path / "below" / "b.EPUB").write_bytes(
        epub({"one.xhtml": prose(400)}, [("The Storm", "one.xhtml")]).getvalue()
    )
    (tmp_path / "notes.txt").write_text("no book", encoding="utf-8")

    refused, read = read_all(tmp_path)

    assert ("a.epub", None) == (refused.name, refused.book)
    assert refused.refusal.startswith("This is not an EPUB")
    assert (str(Path("below", "b.EPUB")), 400, 0, "") == (read.name, read.words, read.words_left_out, read.refusal)


def test_one_line_tells_what_is_in_and_out_of_a_book() -> None:
    """Numbers first, then the reasons with their words, and the warnings."""
    chapters = (ChapterText(1, "The Storm", "It blew."), ChapterText(2, "The Calm", "It was over."))
    notes = (SkippedSection("The Storm", 7, "footnotes"), SkippedSection("The Calm", 2, "footnotes"))
    left_out = (SkippedSection("Imprint", 1200, "imprint"), *notes)
    warnings = ("Two pages are missing.", "One is empty.")
    book = BookText("The Sea", chapters, (), "de", None, None, None, (), left_out, 1.0, warnings, None, "The text is.")

    said = line(Reading("sea.epub", 0.25, book))

    numbers, *parts = said.split(" | ")
    assert ["2", "5", "1,209", "de", "0.25", "sea.epub"] == numbers.split()
    assert [
        "language: The text is.",
        "left out: imprint 1,200, footnotes 9",
        "warnings: Two pages are missing. One is empty.",
    ] == parts


def test_the_total_counts_each_outcome() -> None:
    """Books that were read, refused, and that the reader failed on."""
    book = BookText("The Sea", (ChapterText(1, "The Storm", "It blew."),), warnings=("A page is missing.",))
    readings = [
        Reading("a", 1.0, book),
        Reading("b", 0.5, book),
        Reading("c", 0.25, refusal="It is locked."),
        Reading("d", 0.25, failed="KeyError('x')"),
    ]

    sums, outcomes = total(readings).split(" total: ")

    assert ["2", "4", "0", "2.00"] == sums.split()
    assert "4 files, 2 read (2 with warnings), 1 refused, 1 failed" == outcomes


def test_a_failure_is_told_as_one() -> None:
    """A fault of the reader is not taken for a refusal."""
    assert line(Reading("d.epub", 0.0, failed="KeyError('x')")).endswith("d.epub | failed: KeyError('x')")
