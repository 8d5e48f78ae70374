"""When a run has started, and when it is over."""

import pytest

from bookbytes_api.runs.state import RunStatus
from tests.api.job_values import run_state


@pytest.mark.parametrize(("status", "has_begun"), [(status, status != "waiting") for status in RunStatus])
def test_a_run_has_begun_once_it_has_left_the_queue(status: RunStatus, has_begun: bool) -> None:
    """Also while it is starting."""
    assert has_begun is run_state(status).has_begun


def test_a_run_that_waits_again_after_a_crash_has_begun() -> None:
    """Its job does not go back to pending."""
    assert run_state(RunStatus.WAITING, "first", "second").has_begun


def test_three_statuses_are_final() -> None:
    """A run that will be retried is not over."""
    assert {"succeeded", "failed", "cancelled"} == {status for status in RunStatus if status.is_over}
