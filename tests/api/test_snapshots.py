"""The events that a listener is sent, computed from the history of a run."""

from dataclasses import replace
from itertools import accumulate, pairwise
from uuid import uuid4

import msgspec
import pytest

from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.outcome import with_end
from bookbytes_api.jobs.progress import Progress, advance
from bookbytes_api.jobs.schemas import PublishedBook
from bookbytes_api.jobs.snapshots import JobSnapshot, RunHistory, last_position
from bookbytes_api.jobs.titles import BookTitle
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import BOOK_METADATA, CHAPTER_AUDIO
from bookbytes_pipeline.instance.run_events import RunEvent
from tests.api.job_values import (
    NOW,
    at,
    book_found,
    chapter,
    chapters_started,
    finished,
    new_job,
    run_state,
    started,
)

STEPS = tuple(accumulate([started(0, CHAPTER_AUDIO), chapter(5, CHAPTER_AUDIO, 1)], advance, initial=Progress()))
WAITING, RUNNING, OVER = (run_state(status) for status in (RunStatus.WAITING, RunStatus.RUNNING, RunStatus.SUCCEEDED))


def after(*events: RunEvent, state: RunState | None = RUNNING) -> RunHistory:
    """The history of a run in which this happened."""
    return RunHistory(tuple(accumulate(events, advance, initial=Progress())), state=state)


def ids(snapshots: list[JobSnapshot]) -> list[str]:
    """The event ids."""
    return [snapshot.event_id for snapshot in snapshots]


def updates(state: RunState | None, job: Job, seen: int | None) -> list[str]:
    """The event ids of what is new after two events."""
    return ids(RunHistory(STEPS, state=state).snapshots(job, seen))


def ended_job() -> Job:
    """A job whose run is over."""
    return with_end(new_job(), OVER, STEPS[-1], at(10))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [(None, ["1.3"]), (0, ["1.1", "1.2", "1.3"]), (1, ["1.2", "1.3"]), (2, ["1.3"]), (3, []), (1000, [])],
)
def test_a_listener_is_sent_new_events(seen: int | None, expected: list[str]) -> None:
    """A new listener gets only the current state; one that claims to have seen more events than exist gets nothing."""
    assert expected == updates(RUNNING, new_job(), seen)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [(None, ["1.end"]), (0, ["1.1", "1.2", "1.3", "1.end"]), (3, ["1.end"]), (1000, ["1.end"])],
)
def test_the_end_is_the_last_event(seen: int | None, expected: list[str]) -> None:
    """After the events that a listener had missed."""
    assert expected == updates(OVER, ended_job(), seen)


def test_missed_events_show_the_job_as_it_was() -> None:
    """A job that has completed meanwhile was processing then."""
    sent = RunHistory(STEPS, state=OVER).snapshots(ended_job(), 1)

    assert ["processing", "processing", "completed"] == [snapshot.job.status for snapshot in sent]
    assert [False, False, True] == [snapshot.is_last for snapshot in sent]
    assert [step.percent for step in STEPS[1:]] + [100] == [snapshot.job.progress for snapshot in sent]


def test_a_run_that_leaves_the_queue_is_reported_without_an_event() -> None:
    """Once, with an id of its own."""
    job = new_job()
    [waiting] = after(state=WAITING).snapshots(job, None)

    [left] = after(state=run_state(RunStatus.STARTING)).snapshots(job, 0)

    assert [("1.0", "pending"), ("1.1", "processing")] == [
        (snapshot.event_id, snapshot.job.status) for snapshot in (waiting, left)
    ]
    assert [] == after(state=run_state(RunStatus.STARTING)).snapshots(job, 1)


def test_what_says_nothing_new_is_left_out() -> None:
    """The end of a step changes nothing that people see, nor does one that is reported twice."""
    history = after(
        started(0, CHAPTER_AUDIO),
        chapters_started(0, CHAPTER_AUDIO),
        *(chapter(number, CHAPTER_AUDIO, number) for number in (1, 2, 3, 4)),
        finished(5, CHAPTER_AUDIO),
        finished(5, CHAPTER_AUDIO),
    )

    sent = history.snapshots(new_job(), 0)

    assert [f"1.{position}" for position in range(1, 8)] == ids(sent)
    assert [] == [later for earlier, later in pairwise(sent) if earlier.job == later.job]
    assert [] == history.snapshots(new_job(), 7)
    assert ["1.7"] == ids(history.snapshots(new_job(), 6))


def test_an_estimate_that_counts_down_is_no_news() -> None:
    """Clients have clocks. That there is an estimate, or none any more, is news."""
    [without] = after(started(0, CHAPTER_AUDIO)).snapshots(new_job(), None)
    fifty, forty = (
        replace(without, job=msgspec.structs.replace(without.job, eta_seconds=seconds)) for seconds in (50, 40)
    )

    assert not forty.says_more_than(fifty)
    assert fifty.says_more_than(without)
    assert without.says_more_than(fifty)


def test_a_job_carries_title_authors_and_the_chapter_in_hand() -> None:
    """From the run, as soon as it knows them."""
    history = after(
        started(0, BOOK_METADATA),
        book_found(1, "On Rivers", "Ada Ford", "Bo Li"),
        started(2, CHAPTER_AUDIO),
        chapters_started(2, CHAPTER_AUDIO),
        chapter(3, CHAPTER_AUDIO, 1),
    )

    jobs = [snapshot.job for snapshot in history.snapshots(new_job(), 1)]

    assert [None] + ["On Rivers"] * 4 == [job.title for job in jobs]
    assert [[]] + [["Ada Ford", "Bo Li"]] * 4 == [job.authors for job in jobs]
    chapters = [job.current_chapter for job in jobs]
    assert [None] * 3 + [(1, "Chapter 1"), (2, "Chapter 2")] == [
        chapter and (chapter.number, chapter.title) for chapter in chapters
    ]


def test_the_end_names_the_book_that_the_run_found() -> None:
    """Else the one that an earlier attempt found; else the library's, if the book is there."""
    published = PublishedBook(uuid4(), BookTitle("Rivers", ("Ada Ford, Bo Li",)))
    found, earlier = BookTitle("On Rivers", ("Ada Ford", "Bo Li")), BookTitle("Old Rivers")
    none, some = Progress(), Progress(book=found)
    jobs = [(new_job(), some), (replace(new_job(), book=earlier), none), (new_job(), none)]

    titles = [
        RunHistory((progress,), state=OVER, published=published).snapshots(with_end(job, OVER, progress, NOW), None)
        for job, progress in jobs
    ]

    assert [
        ("On Rivers", ["Ada Ford", "Bo Li"]),
        ("Old Rivers", []),
        ("Rivers", ["Ada Ford, Bo Li"]),
    ] == [(snapshot.job.title, snapshot.job.authors) for [snapshot] in titles]


@pytest.mark.parametrize(
    ("event_id", "expected"),
    [
        ("2.7", 7),
        ("2.0", 0),
        ("1.7", None),
        ("2.end", None),
        ("2.", None),
        ("2.\u0667", None),
        ("", None),
        (None, None),
    ],
)
def test_an_event_id_counts_if_it_belongs_to_this_attempt(event_id: str | None, expected: int | None) -> None:
    """A client that sends anything else gets the current state of the job."""
    assert expected == last_position(event_id, 2)


def test_a_retried_job_has_other_event_ids() -> None:
    """So that no event of the new run is taken for one of the earlier run."""
    assert ["2.3"] == updates(RUNNING, replace(new_job(), attempt=2), None)
