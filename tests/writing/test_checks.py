"""The checks of a finished book."""

import pytest

from bookbytes_pipeline.domain.book import Book, Chapter
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.summary import Grounding, Summary
from bookbytes_pipeline.writing.checks import (
    empty_summaries,
    implausible_clips,
    missing_clips,
    numbering_fault,
    odd_lengths,
    several_books,
    silent_clips,
    unsupported_claims,
)

WORDS_150 = "word " * 149


def _summary(number: int, text: str, **more: object) -> Summary:
    return Summary(number, "Title", text, Grounding.FULL_TEXT, **more)  # type: ignore[arg-type] # test shorthand


def _clip(number: int, seconds: float) -> Clip:
    return Clip(number, "Title", f"{number}.mp3", seconds, 1000, -19.0)


@pytest.mark.parametrize(
    ("numbers", "fault"),
    [
        ([1, 2, 3], None),
        ([], "The book has no chapters."),
        ([1, 3], "The chapters are numbered [1, 3], not from 1 without gaps."),
        ([0, 1], "The chapters are numbered [0, 1], not from 1 without gaps."),
    ],
)
def test_chapters_are_numbered_from_1_without_gaps(numbers: list[int], fault: str | None) -> None:
    """Other numbering is reported."""
    assert fault == numbering_fault([Chapter(number, "Title") for number in numbers])


def test_a_known_chapter_without_words_is_reported() -> None:
    """The summary of a chapter that the model does not know may be empty."""
    summaries = [_summary(1, "Words."), _summary(2, " "), _summary(3, "", known=False)]

    assert empty_summaries(summaries) == "no words in the summary of chapter 2"


@pytest.mark.parametrize(("seconds", "fits"), [(60, True), (31, True), (120, True), (20, False), (200, False)])
def test_a_clip_lasts_as_long_as_its_words(seconds: float, fits: bool) -> None:
    """150 words take a minute, within a factor of two; a truncated or looping clip does not pass."""
    fault = implausible_clips([_summary(1, WORDS_150)], [_clip(1, seconds)])

    assert fits == (fault is None)


def test_a_script_without_spaces_is_measured_by_its_characters() -> None:
    """500 Chinese characters take about two minutes, not the time of a single word."""
    assert implausible_clips([_summary(1, "水" * 500)], [_clip(1, 120)]) is None


def test_a_summary_far_from_the_requested_length_is_reported() -> None:
    """Five words instead of 475 are not a summary; an unknown chapter may be empty."""
    summaries = [_summary(1, "word " * 450), _summary(2, "Five words are too few."), _summary(3, "", known=False)]

    fault = odd_lengths(summaries, {1: 475, 2: 475, 3: 475})
    assert fault == "much shorter or longer than asked for: chapter 2"


def test_a_chapter_without_a_clip_is_reported() -> None:
    """An unknown chapter too: users cannot listen to it."""
    fault = missing_clips([_summary(1, "A"), _summary(2, "", known=False)], [_clip(1, 9)])

    assert fault is not None
    assert fault.startswith("no clip for chapter 2: the language model does not know")


def test_unsupported_claims_are_listed_by_chapter() -> None:
    """The operator sees at once what to check."""
    summaries = [_summary(1, "A", unsupported=("1872", "Strabo")), _summary(2, "B")]

    assert unsupported_claims(summaries) == "not found in the chapter's text: chapter 1: 1872, Strabo"


def test_a_silent_clip_is_reported() -> None:
    """Listeners should not be the first to notice."""
    assert (
        silent_clips([_clip(1, 60), Clip(2, "Title", "2.mp3", 60, 1000, -70.0)]) == "nothing can be heard in chapter 2"
    )


@pytest.mark.parametrize(("words", "odd"), [(49, True), (50, False), (170, False), (171, True)])
def test_a_summary_may_have_half_of_the_words_asked_for_to_half_as_many_again_and_twenty(words: int, odd: bool) -> None:
    """Of a hundred words asked for."""
    assert odd == (odd_lengths([_summary(1, "word " * words)], {1: 100}) is not None)


@pytest.mark.parametrize(("seconds", "fits"), [(29.9, False), (30.0, True), (132.5, True), (132.6, False)])
def test_a_clip_is_spoken_at_70_to_300_words_a_minute(seconds: float, fits: bool) -> None:
    """A hundred and fifty words, and four seconds of silence."""
    fault = implausible_clips([_summary(1, WORDS_150)], [_clip(1, seconds)])

    assert (None if fits else "the length does not fit the words of chapter 1") == fault


def test_a_book_without_faults_has_none() -> None:
    """Nothing is reported of what is right."""
    summaries, clips = [_summary(1, WORDS_150)], [_clip(1, 60.0)]

    assert (None, None, None) == (unsupported_claims(summaries), missing_clips(summaries, clips), silent_clips(clips))


@pytest.mark.parametrize(
    ("title", "edition", "boxed"),
    [
        ("The Hobbit and the Ring Boxed Set", None, True),
        ("Rivers (Books 1-3)", None, True),
        ("Rivers: 3 Book Set", None, True),
        ("Rivers", "Box set edition", True),
        ("Rivers. Schuber", None, True),
        ("The Set of the Sail", None, False),
        ("Book 3", None, False),
        ("Boxing", "3rd edition", False),
        ("A Collection of Rivers", None, False),
    ],
)
def test_a_boxed_set_is_no_single_book(title: str, edition: str | None, boxed: bool) -> None:
    fault = several_books(Book(ISBN("9780306406157"), title, "open_library", edition=edition))

    assert boxed == (fault is not None)
    assert fault is None or "9780306406157" in fault
