"""Failed runs that Dagster's daemon has yet to retry.

The daemon tries it once. If it cannot reach the code server at that moment, because it has not noticed yet that there
is a new one, it records that it will not retry the run, and never looks at it again.
"""

from dataclasses import dataclass, field

import dagster as dg

from bookbytes_pipeline.constants import RETRIED_BY_TAG, WILL_RETRY_TAG

MAX_REPORTS = 60
"""How often a run is reported; a daemon that still does not reach the code server then is not about to."""

_MESSAGE = "Dagster's daemon could not reach the code server when it was to retry this run, and tries it again."


@dataclass
class AwaitedRetries:
    """Runs that somebody has just recorded as failed, with how often each of them was reported to the daemon again."""

    instance: dg.DagsterInstance
    _reports: dict[str, int] = field(default_factory=dict, init=False)

    def add(self, run_id: str) -> None:
        """Await the retry of this failed run, if Dagster means to retry it."""
        run = self.instance.get_run_by_id(run_id)
        if run and run.tags.get(WILL_RETRY_TAG) == "true":
            self._reports[run_id] = 0

    def report_again(self) -> None:
        """Report the runs that the daemon gave up on as failed once more; those that it has retried are forgotten."""
        if not self._reports:
            return
        runs = {run.run_id: run for run in self.instance.get_runs(dg.RunsFilter(run_ids=list(self._reports)))}
        for run_id, reports in list(self._reports.items()):
            run = runs.get(run_id)
            if run is None or RETRIED_BY_TAG in run.tags or reports == MAX_REPORTS:
                del self._reports[run_id]
            elif run.tags.get(WILL_RETRY_TAG) == "false":
                self._reports[run_id] += 1
                self.instance.report_run_failed(run, _MESSAGE)
