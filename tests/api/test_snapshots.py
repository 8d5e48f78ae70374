"""The events that a listener is sent, computed from the history of a run."""

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
    """The event ids of the new snapshots."""
    return [snapshot.event_id for snapshot in updates_since(RunHistory(STEPS, state=state), job, seen, last)]


def ended_job() -> Job:
    """A job whose run is over."""
    return with_end(new_job(), OVER, STEPS[-1], at(10))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [(None, ["1.2"]), (0, ["1.1", "1.2"]), (1, ["1.2"]), (2, []), (1000, [])],
)
def test_a_listener_is_sent_new_events(seen: int | None, expected: list[str]) -> None:
    """A new listener gets only the current state; one that claims to have seen more events than exist gets nothing."""
    assert expected == updates(RUNNING, new_job(), seen)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [(None, ["1.end"]), (0, ["1.1", "1.2", "1.end"]), (2, ["1.end"]), (1000, ["1.end"])],
)
def test_the_end_is_the_last_event(seen: int | None, expected: list[str]) -> None:
    """After the events that a listener had missed."""
    assert expected == updates(OVER, ended_job(), seen)


def test_missed_events_show_the_job_as_it_was() -> None:
    """A job that has completed meanwhile was processing then."""
    sent = updates_since(RunHistory(STEPS, state=OVER), ended_job(), 0, None)

    assert ["processing", "processing", "completed"] == [snapshot.job.status for snapshot in sent]
    assert [False, False, True] == [snapshot.is_last for snapshot in sent]
    assert [55, 65, 100] == [snapshot.job.progress for snapshot in sent]


def test_a_run_that_leaves_the_queue_is_reported_without_an_event() -> None:
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
def test_an_event_id_counts_if_it_belongs_to_this_attempt(event_id: str | None, expected: int | None) -> None:
    """A client that sends anything else gets the current state of the job."""
    assert expected == last_event_number(event_id, 2)


def test_a_retried_job_has_other_event_ids() -> None:
    """So that no event of the new run is taken for one of the earlier run."""
    assert ["2.2"] == updates(RUNNING, replace(new_job(), attempt=2), None)
