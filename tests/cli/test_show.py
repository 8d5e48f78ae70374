"""`bookbytes show`: a book as it was published, what needs review, and the passages of its summaries."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bookbytes_pipeline.cli import bookbytes as command_line
from bookbytes_pipeline.domain.evidence import SentenceEvidence, Span
from bookbytes_pipeline.domain.summary import Grounding
from tests.api.client import offline_settings
from tests.api.factories import ISBN, SOUND, numbered_book, publish_book
from tests.cli_runner import bookbytes, in_process, offline

EVIDENCE = (
    SentenceEvidence("About springs.", (Span(10, 24, "water \n and bog"), Span(0, 9, "Some rain")), 0.756),
    SentenceEvidence("And rain.", (Span(0, 9, "Some rain"),), 0.5),
)


def test_a_book_is_shown_with_its_own_summary_first(tmp_path: Path) -> None:
    """It has the number 0; what is wrong with a summary is marked, and said below the table."""
    publish_book(offline_settings(tmp_path), whole=SOUND, review_reasons=("It repeats itself.", "It is cut off."))

    run = bookbytes("show", ISBN, env=offline(tmp_path))

    rows = [line for line in run.stdout.splitlines() if line[:1].isdigit()]
    assert (0, ["0", "1", "2", "3"]) == (run.returncode, [row[0] for row in rows])
    assert "The book in three minutes" in rows[0]
    assert [False, True, False, False] == ["needs review" in row for row in rows]
    reasons = [line for line in run.stdout.splitlines() if line.startswith("Chapter 1 needs review: ")]
    assert ["It repeats itself.", "It is cut off."] == [line.partition(": ")[2] for line in reasons]


def test_sentences_are_shown_with_their_passages(tmp_path: Path) -> None:
    """The positions are those in the chapter; a passage is one line, however its own lines are broken."""
    publish_book(offline_settings(tmp_path), grounding=Grounding.FULL_TEXT, evidence=EVIDENCE)

    run = bookbytes("show", ISBN, "--evidence", env=offline(tmp_path))

    expected = """1. Springs

  About springs.  [76%]
    10-24: water and bog
    0-9: Some rain

  And rain.  [50%]
    0-9: Some rain

2. Rapids

  Not known to the language model.
"""
    assert (0, "", expected) == (run.returncode, run.stderr, run.stdout[: len(expected)])


@pytest.mark.parametrize(
    ("grounding", "reason"),
    [(Grounding.MODEL_MEMORY, "from memory"), (Grounding.FULL_TEXT, "made by an older version")],
)
def test_a_summary_without_passages_says_why(tmp_path: Path, grounding: Grounding, reason: str) -> None:
    """A model's memory has none, and older versions kept none."""
    publish_book(offline_settings(tmp_path), grounding=grounding)

    run = in_process("show", ISBN, "--evidence", env=offline(tmp_path))

    assert (0, f"1. Springs\n\n  No passages: {reason}.\n") == (run.returncode, run.stdout.partition("\n2. ")[0])


def test_the_text_of_the_summaries_is_shown(tmp_path: Path) -> None:
    """That of the book first, and what the model did not know."""
    publish_book(offline_settings(tmp_path), whole=SOUND)

    run = _in_process(tmp_path, "show", ISBN, "--summaries")

    whole, *chapters = run.output.rstrip().split("\n\n\n")[0].split("\n\n")
    assert "0. The book in three minutes" == whole
    assert ["1. Springs", "About springs.", "2. Rapids", "Not known to the language model."] == chapters[1:5]
    assert 2 == _in_process(tmp_path, "show", ISBN, "--summaries", "--evidence").exit_code


def test_books_with_a_later_edition_are_listed_on_request(tmp_path: Path) -> None:
    """With the ISBN of that edition; books of other works, and translations, are none."""
    settings = offline_settings(tmp_path)
    old, new = (numbered_book(year, publish_date=str(year)) for year in (1998, 2005))
    other = numbered_book(1, title="On Lakes", publish_date="1990")
    translated = numbered_book(2, language="de", publish_date="1999")
    for book in (old, new, other, translated):
        publish_book(settings, book)

    latest = _in_process(tmp_path, "list").output.splitlines()
    every = _in_process(tmp_path, "list", "--all").output.splitlines()

    assert {other.isbn, translated.isbn, new.isbn} == {line.split()[0] for line in latest[1:]}
    assert [f"{old.isbn} {new.isbn}"] == [
        f"{line.split()[0]} {line.split()[-1]}" for line in every if new.isbn in line[1:]
    ]
    assert len(latest) + 1 == len(every)


@pytest.mark.parametrize("command", ["process", "submit"])
@pytest.mark.parametrize("minutes", ["11", "0.5", "long"])
def test_a_length_is_from_1_to_10_minutes(tmp_path: Path, command: str, minutes: str) -> None:
    """Anything else is a usage error, before anything is created."""
    run = bookbytes(command, ISBN, "--minutes", minutes, env=offline(tmp_path / "home"))

    assert (2, True) == (run.returncode, "Invalid value for '--minutes'" in run.stderr)
    assert not (tmp_path / "home").exists()


def _in_process(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command_line, arguments, env=offline(home))
