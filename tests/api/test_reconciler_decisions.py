"""Which runs the reconciler launches and stops, tested with jobs as values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.reconciler import group_by_run, is_cancelled, launch_of, overdue_retries, wants_launch
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import FORCE_TAG, JOB_TAG, MINUTES_TAG, REQUEST_TAG, USER_TAG, VOICE_TAG
from tests.api.job_values import ISBN, cancelled, new_job

NEW, SUBMITTED = new_job(submitted=False), new_job()


def test_a_run_is_launched_while_a_waiting_job_is_not_marked_as_submitted() -> None:
    """A second launch of the same run changes nothing, so it is safe to launch it for a job that joined late."""
    groups: list[tuple[Job, ...]] = [(NEW,), (NEW, SUBMITTED), (NEW, cancelled(NEW)), (SUBMITTED,), (cancelled(NEW),)]

    assert [True, True, True, False, False] == [wants_launch(group) for group in groups]


def test_a_run_is_stopped_when_no_job_waits_for_it() -> None:
    """Cancelling one of two jobs does not stop it."""
    assert [False, False, True] == [
        is_cancelled(jobs) for jobs in ((SUBMITTED,), (SUBMITTED, cancelled(SUBMITTED)), (cancelled(SUBMITTED),))
    ]


def test_jobs_are_grouped_by_their_runs() -> None:
    """In the order in which they were created."""
    hers, his, other = new_job("shared"), new_job("shared"), new_job("other")

    assert {"shared": [hers, his], "other": [other]} == group_by_run([hers, other, his])


def test_a_run_carries_job_user_and_request() -> None:
    """Those of the first job that waits."""
    launch = launch_of("a run", [NEW, new_job()])

    assert ("a run", ISBN) == (launch.run_id, launch.isbn)
    assert (str(NEW.id), str(NEW.user_id), "a request") == (
        launch.tags[JOB_TAG],
        launch.tags[USER_TAG],
        launch.tags[REQUEST_TAG],
    )


def test_a_run_of_nobody_carries_no_user() -> None:
    """The account was closed before the job was launched."""
    assert USER_TAG not in launch_of("a run", [replace(NEW, user_id=None)]).tags


def test_a_forced_job_decides_for_all_jobs_of_its_run() -> None:
    """Whichever job came first."""
    forced = replace(new_job(), force=True)

    assert str(forced.id) == launch_of("a run", [NEW, forced]).tags[FORCE_TAG]
    assert FORCE_TAG not in launch_of("a run", [NEW]).tags


def test_a_run_carries_the_length_that_one_of_its_jobs_asks_for() -> None:
    """In minutes, as short as possible; a run without such a job makes what is usual."""
    lengths = [(None,), (5.0,), (None, 2.5), (3.0, None)]
    groups = [[replace(NEW, minutes=minutes) for minutes in group] for group in lengths]

    assert [None, "5", "2.5", "3"] == [launch_of("a run", group).tags.get(MINUTES_TAG) for group in groups]


def test_a_run_carries_the_voice_that_one_of_its_jobs_asks_for() -> None:
    """A run without such a job is spoken as usual."""
    groups = [[replace(NEW, voice=voice) for voice in group] for group in ((None,), (None, "anna"))]

    assert [None, "anna"] == [launch_of("a run", group).tags.get(VOICE_TAG) for group in groups]


def test_a_retry_is_overdue_a_minute_after_the_failure() -> None:
    """Runs that are over, are running, or failed just now, wait for nothing."""
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    failed = {"late": now - timedelta(minutes=2), "soon": now - timedelta(seconds=5)}
    states = [RunState(("root", name), RunStatus.RETRYING, None, ended) for name, ended in failed.items()]
    others = [
        RunState(("x",), status, None, failed["late"]) for status in RunStatus if status is not RunStatus.RETRYING
    ]

    assert ["late"] == overdue_retries([*states, *others, RunState(("y",), RunStatus.RETRYING, None, None)], now)
