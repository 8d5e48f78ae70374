"""How many jobs one user may have: those whose runs are over do not count."""

from collections.abc import Callable
from typing import TypeVar

from bookbytes_api.accounts.user import User
from bookbytes_api.errors import TooManyJobs
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.reconciler import Reconciler

T = TypeVar("T")


def count_again_if_refused(change: Callable[[], T], user: User, reconciler: Reconciler) -> T:
    """Make the change; if the user has too many jobs, again once those whose runs are over no longer count.

    Only then, because Dagster is asked for it, and may be slow or down.
    """
    try:
        return change()
    except TooManyJobs:
        reconciler.finalize(JobRow.user_id == user.id)
        return change()
