"""Which runs the reconciler launches and stops, decided from jobs as values."""

from dataclasses import replace

from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.reconciler import group_by_run, is_cancelled, launch_of, wants_launch
from bookbytes_pipeline.constants import FORCE_TAG, JOB_TAG, REQUEST_TAG, USER_TAG
from tests.api.job_values import ISBN, cancelled, new_job

NEW, SUBMITTED = new_job(submitted=False), new_job()


def test_a_run_is_launched_while_somebody_waits_and_not_all_know_that_it_was() -> None:
    """A second launch of the same run changes nothing, so it is safe to launch it for one who joined late."""
    groups: list[tuple[Job, ...]] = [(NEW,), (NEW, SUBMITTED), (NEW, cancelled(NEW)), (SUBMITTED,), (cancelled(NEW),)]

    assert [True, True, True, False, False] == [wants_launch(group) for group in groups]


def test_a_run_is_stopped_when_nobody_waits_for_it() -> None:
    """One of two who gives up does not stop it."""
    assert [False, False, True] == [
        is_cancelled(jobs) for jobs in ((SUBMITTED,), (SUBMITTED, cancelled(SUBMITTED)), (cancelled(SUBMITTED),))
    ]


def test_jobs_are_grouped_by_their_runs() -> None:
    """In the order in which they were made."""
    hers, his, other = new_job("shared"), new_job("shared"), new_job("other")

    assert {"shared": [hers, his], "other": [other]} == group_by_run([hers, other, his])


def test_a_run_carries_what_it_is_for() -> None:
    """The first job that waits names user and request."""
    launch = launch_of("a run", [NEW, new_job()])

    assert ("a run", ISBN) == (launch.run_id, launch.isbn)
    assert (str(NEW.id), str(NEW.user_id), "a request") == (
        launch.tags[JOB_TAG],
        launch.tags[USER_TAG],
        launch.tags[REQUEST_TAG],
    )


def test_a_job_by_force_decides_for_all_who_share_its_run() -> None:
    """Whichever of them came first."""
    forced = replace(new_job(), force=True)

    assert str(forced.id) == launch_of("a run", [NEW, forced]).tags[FORCE_TAG]
    assert FORCE_TAG not in launch_of("a run", [NEW]).tags
