"""What a listener of an event stream is sent, computed from what is known of a run."""

from dataclasses import replace

import pytest

from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.outcome import with_end
from bookbytes_api.jobs.progress import Progress, advance
from bookbytes_api.jobs.snapshots import JobSnapshot, RunHistory, last_event_number, updates_since
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import CHAPTER_AUDIO
from tests.api.job_values import at, chapter, new_job, run_state, started

START, FIRST = advance(Progress(), started(0, CHAPTER_AUDIO)), chapter(5, CHAPTER_AUDIO, 1)
STEPS = (Progress(), START, advance(START, FIRST))
RUNNING, OVER = run_state(RunStatus.RUNNING), run_state(RunStatus.SUCCEEDED)


def updates(state: RunState | None, job: Job, seen: int | None, last: JobSnapshot | None = None) -> list[str]:
    """The event ids of what is new."""
    return [snapshot.event_id for snapshot in updates_since(RunHistory(STEPS, state=state), job, seen, last)]


def ended_job() -> Job:
    """A job whose run is over."""
    return with_end(new_job(), OVER, STEPS[-1], at(10))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [(None, ["1.2"]), (0, ["1.1", "1.2"]), (1, ["1.2"]), (2, []), (1000, [])],
)
def test_a_listener_is_sent_what_is_new(seen: int | None, expected: list[str]) -> None:
    """A new one only how it is now; one who claims to have seen more than there is, nothing."""
    assert expected == updates(RUNNING, new_job(), seen)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [(None, ["1.end"]), (0, ["1.1", "1.2", "1.end"]), (2, ["1.end"]), (1000, ["1.end"])],
)
def test_the_end_is_the_last_event(seen: int | None, expected: list[str]) -> None:
    """After what a listener had missed."""
    assert expected == updates(OVER, ended_job(), seen)


def test_what_was_missed_is_shown_as_it_was() -> None:
    """A job that is completed by now was processing then."""
    sent = updates_since(RunHistory(STEPS, state=OVER), ended_job(), 0, None)

    assert ["processing", "processing", "completed"] == [snapshot.job.status for snapshot in sent]
    assert [False, False, True] == [snapshot.is_last for snapshot in sent]
    assert [55, 65, 100] == [snapshot.job.progress for snapshot in sent]


def test_a_run_that_leaves_the_queue_is_news_without_an_event() -> None:
    """But only once."""
    job = new_job()
    [waiting] = updates_since(RunHistory(state=run_state(RunStatus.WAITING)), job, None, None)
    starting = RunHistory(state=run_state(RunStatus.STARTING))

    [left] = updates_since(starting, job, 0, waiting)

    assert ["pending", "processing"] == [waiting.job.status, left.job.status]
    assert [] == updates_since(starting, job, 0, left)


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
def test_an_event_id_is_understood_if_it_is_one_of_this_attempt(event_id: str | None, expected: int | None) -> None:
    """Whatever else somebody sends, they are shown how the job is now."""
    assert expected == last_event_number(event_id, 2)


def test_the_event_ids_of_a_retried_job_are_others() -> None:
    """So that nobody is told what they have been told of another run."""
    assert ["2.2"] == updates(RUNNING, replace(new_job(), attempt=2), None)
