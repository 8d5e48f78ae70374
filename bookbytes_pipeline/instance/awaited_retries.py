"""Failed runs that Dagster's daemon has yet to retry.

The daemon tries it once. If it cannot reach the code server at that moment, because it has not noticed yet that there
is a new one, it records that it will not retry the run, and never looks at it again.
"""

from dataclasses import dataclass, field

import dagster as dg

from bookbytes_pipeline.constants import (
    FAILURE_REASON_TAG,
    MAX_RETRIES_TAG,
    RETRIED_BY_TAG,
    RETRY_FAILURE_TAG,
    WILL_RETRY_TAG,
)

MAX_REPORTS = 60
"""How often a run is reported; a daemon that still does not reach the code server then is not about to."""

_MESSAGE = "Dagster's daemon could not reach the code server when it was to retry this run, and tries it again."


def has_given_up(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Return whether the daemon could not retry this failed run, although by Dagster's own rules it should be retried.

    One query more, and only where Dagster says that it will not retry the run.
    """
    if run.tags.get(WILL_RETRY_TAG) != "false" or RETRIED_BY_TAG in run.tags:
        return False
    retry_failed_steps = str(instance.run_retries_retry_on_asset_or_op_failure).lower()
    if (
        run.tags.get(FAILURE_REASON_TAG) == "STEP_FAILURE"
        and run.tags.get(RETRY_FAILURE_TAG, retry_failed_steps) == "false"
    ):
        return False
    allowed = run.tags.get(MAX_RETRIES_TAG, str(instance.run_retries_max_retries))
    return allowed.isdecimal() and 0 < run_group_size(instance, run) <= int(allowed)


def report_failure_again(instance: dg.DagsterInstance, run: dg.DagsterRun, message: str) -> None:
    """Record the run as failed once more, for the daemon to read.

    It may read the failure before Dagster has tagged the run, and would go by what the tag said until then.
    """
    instance.add_run_tags(run.run_id, {WILL_RETRY_TAG: "true"})
    instance.report_run_failed(run, message)


def run_group_size(instance: dg.DagsterInstance, run: dg.DagsterRun) -> int:
    """Return how many runs there are in the group of this one: Dagster counts all but the first as retries.

    It is 0 once the first run was deleted: Dagster retries none of them then.
    """
    try:
        _, group = instance.get_run_group(run.run_id) or (run.run_id, [run])
    except dg.DagsterRunNotFoundError:
        return 0
    return len(list(group))


@dataclass
class AwaitedRetries:
    """Runs that somebody has just recorded as failed, with how often each of them was reported to the daemon again."""

    instance: dg.DagsterInstance
    _reports: dict[str, int] = field(default_factory=dict, init=False)

    def add(self, run_id: str) -> None:
        """Await the retry of this run."""
        self._reports[run_id] = 0

    def report_again(self) -> None:
        """Report the runs that the daemon has given up as failed once more; forget those that it has not."""
        if not self._reports:
            return
        runs = {run.run_id: run for run in self.instance.get_runs(dg.RunsFilter(run_ids=list(self._reports)))}
        for run_id, reports in list(self._reports.items()):
            run = runs.get(run_id)
            if run is not None and reports < MAX_REPORTS and has_given_up(self.instance, run):
                self._reports[run_id] += 1
                report_failure_again(self.instance, run, _MESSAGE)
            elif run is None or RETRIED_BY_TAG in run.tags or run.tags.get(WILL_RETRY_TAG) != "true":
                del self._reports[run_id]
