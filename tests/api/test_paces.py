"""What is learned from the times of earlier books."""

from collections.abc import Mapping

import pytest

from bookbytes_api.jobs.paces import MAX_BOOKS, NOT_LEARNED, USUAL_CHAPTERS, BookTimes, Paces, learn
from bookbytes_pipeline.constants import BOOK_SUMMARY, CHAPTER_AUDIO, CHAPTER_SUMMARIES, STAGES
from tests.api.job_values import at


def book(ended: float, seconds: Mapping[str, float], *, run: str | None = None, chapters: int = 10) -> BookTimes:
    """A book whose run ended then."""
    return BookTimes(run or f"run {ended}", at(ended), chapters, seconds)


def audio(*paces: float) -> list[BookTimes]:
    """Books that ended one second after the other."""
    return [book(ended, {CHAPTER_AUDIO: pace}) for ended, pace in enumerate(paces)]


def test_without_earlier_books_every_pace_is_a_guess() -> None:
    """Of a step as a whole, or of each of its chapters."""
    paces = learn([], at(0))

    assert paces == NOT_LEARNED
    assert not any(paces.knows(asset) for asset in STAGES)
    assert (STAGES[CHAPTER_AUDIO].seconds * 7, STAGES[BOOK_SUMMARY].seconds, USUAL_CHAPTERS) == (
        paces.step(CHAPTER_AUDIO, 7),
        paces.step(BOOK_SUMMARY, 7),
        paces.chapters,
    )


def test_one_odd_book_does_not_count() -> None:
    """The pace is the median of the last books."""
    assert 4 == learn(audio(3, 4, 900, 5, 0.1), None).pace(CHAPTER_AUDIO)


def test_only_the_last_books_count() -> None:
    """Those of another narrator are soon forgotten."""
    assert 2 == learn(audio(*[50] * 20, *[2] * MAX_BOOKS), None).pace(CHAPTER_AUDIO)


def test_jobs_that_shared_a_run_count_once() -> None:
    """Many users who waited for the same book are no more books."""
    shared = [book(1, {CHAPTER_AUDIO: 90}, run="shared")] * 9

    assert 3 == learn([*shared, *audio(2, 3)], None).pace(CHAPTER_AUDIO)


def test_what_is_learned_does_not_change_during_a_run() -> None:
    """Books that ended after it began do not count, unless there are no others."""
    books = [book(ended, {CHAPTER_AUDIO: ended}) for ended in (1, 2, 3, 40, 50)]

    assert 2 == learn(books, at(4)).pace(CHAPTER_AUDIO)
    assert 45 == learn(books[3:], at(4)).pace(CHAPTER_AUDIO)


def test_a_step_that_no_book_measured_stays_a_guess() -> None:
    """As when all of their summaries had been written before."""
    paces = learn(audio(2, 3), None)

    assert [True, False] == [paces.knows(asset) for asset in (CHAPTER_AUDIO, CHAPTER_SUMMARIES)]
    assert STAGES[CHAPTER_SUMMARIES].seconds == paces.pace(CHAPTER_SUMMARIES)


def test_the_number_of_chapters_is_learned_too() -> None:
    """For the time before a book's own is known."""
    assert 20 == learn([book(1, {}, chapters=20), book(2, {}, chapters=90), book(3, {}, chapters=5)], None).chapters


@pytest.mark.parametrize("seconds", [0.0, -5.0])
def test_every_step_takes_some_time(seconds: float) -> None:
    """Clocks are set back, and what is left is divided by what was left."""
    assert Paces({CHAPTER_AUDIO: seconds}).pace(CHAPTER_AUDIO) > 0
