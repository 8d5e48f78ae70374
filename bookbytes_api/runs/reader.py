"""Reading runs from Dagster's records, by its public interface."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

import dagster as dg
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying, retry_if_exception, stop_after_attempt

from bookbytes_api.errors import DagsterUnavailable, RunsNotMonitored
from bookbytes_api.runs.connection import DATABASE_AWAY, Connection
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import RETRIED_BY_TAG, WILL_RETRY_TAG
from bookbytes_pipeline.instance.awaited_retries import has_given_up
from bookbytes_pipeline.instance.monitor_heartbeat import seconds_since_check
from bookbytes_pipeline.instance.orphaned_runs import CodeServerAddress, executes_runs
from bookbytes_pipeline.instance.run_events import RunEvent, read_run_events
from bookbytes_pipeline.instance.run_status import IN_PROGRESS, WAITING

P = ParamSpec("P")
ResultT = TypeVar("ResultT")

_STATUS = {
    dg.DagsterRunStatus.NOT_STARTED: RunStatus.WAITING,
    dg.DagsterRunStatus.QUEUED: RunStatus.WAITING,
    dg.DagsterRunStatus.STARTING: RunStatus.STARTING,
    dg.DagsterRunStatus.SUCCESS: RunStatus.SUCCEEDED,
    dg.DagsterRunStatus.CANCELED: RunStatus.CANCELLED,
}
"""A failed run may be retried, which takes a closer look; every status that is not named here counts as running."""


def query(function: Callable[P, ResultT], *args: P.args, **kwargs: P.kwargs) -> ResultT:
    """Return what Dagster answers; raises `DagsterUnavailable` where its database does not answer.

    Tried twice if need be: a restart of the database closes the pooled connections, which the first query on one of
    them finds out, and SQLAlchemy then drops all of them.
    """
    try:
        return _retry_once(function, *args, **kwargs)
    except (dg.DagsterError, *DATABASE_AWAY) as error:
        raise DagsterUnavailable("Dagster's records cannot be read. Try again when its database is back.") from error


def _connection_was_closed(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


_retry_once = Retrying(retry=retry_if_exception(_connection_was_closed), stop=stop_after_attempt(2), reraise=True)


class RunReader:
    """Reads runs from Dagster's records. Every method raises `DagsterUnavailable` where they cannot be read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def states(self, run_ids: Iterable[str]) -> dict[str, RunState]:
        """Return the states of these root runs by their ids; an id that Dagster does not know is left out.

        One query for all of them (for none, no query), one more for each time that Dagster retried some of them, and
        one for each that it will not retry.
        """
        wanted: dict[str, tuple[str, ...]] = {run_id: (run_id,) for run_id in run_ids}
        found: dict[str, RunState] = {}
        while wanted:
            records = self._records([chain[-1] for chain in wanted.values()])
            retried: dict[str, tuple[str, ...]] = {}
            for root, chain in wanted.items():
                if (record := records.get(chain[-1])) is None:
                    if root in found:  # Dagster names a successor only once there is one: somebody deleted it
                        found[root] = replace(found[root], status=RunStatus.FAILED)
                    continue
                state = self._state(chain, record)
                found[root] = replace(state, started_at=found[root].started_at) if root in found else state
                if successor := record.dagster_run.tags.get(RETRIED_BY_TAG):
                    retried[root] = (*chain, successor)
            wanted = retried
        return found

    def events(self, run_id: str, cursor: str | None = None) -> tuple[list[RunEvent], str]:
        """Return what happened in one run after `cursor`, oldest first, and the cursor from which to read on."""
        return query(read_run_events, self._connection.instance, run_id, cursor)

    def history(self, state: RunState) -> list[RunEvent]:
        """Return everything that happened in a run and its retries, oldest first."""
        return [event for run_id in state.run_ids for event in self.events(run_id)[0]]

    def last(self, job_name: str, tags: Mapping[str, str]) -> RunState | None:
        """Return the state of the last run of a job with these tags; None where there is none."""
        wanted = dg.RunsFilter(job_name=job_name, tags={**tags})
        records = query(self._connection.instance.get_run_records, wanted, limit=1)
        return next((self._state((record.dagster_run.run_id,), record) for record in records), None)

    def count_unfinished(self, job_name: str) -> int:
        """Return how many runs of a job wait or are in progress."""
        unfinished = dg.RunsFilter(job_name=job_name, statuses=[*WAITING, *IN_PROGRESS])
        return query(self._connection.instance.get_runs_count, unfinished)

    def counts(self) -> tuple[int, int]:
        """Return how many runs wait and how many are in progress, also those without a job. Two queries."""
        count = self._connection.instance.get_runs_count
        waiting, in_progress = (query(count, dg.RunsFilter(statuses=group)) for group in (WAITING, IN_PROGRESS))
        return waiting, in_progress

    def require_reachable(self) -> None:
        """Raise `DagsterUnavailable` unless the records can be read."""
        query(self._connection.instance.get_run_records, limit=1)

    def require_monitored(self, address: CodeServerAddress, max_age_s: float) -> None:
        """Raise `RunsNotMonitored` unless the runs of this code server were compared with its processes lately.

        Runs with a pod or container of their own are monitored by Dagster.
        """
        instance = self._connection.instance
        if not executes_runs(instance):
            return
        age = query(seconds_since_check, instance, address)
        if age is None or age > max_age_s:
            since = "never were" if age is None else f"have not been for {age:.0f} seconds"
            raise RunsNotMonitored(
                f"Runs are to be monitored by the code server at {address.host}:{address.port}, and {since}: one whose "
                "process dies may count as running for ever. Start it with `bookbytes serve` or `bookbytes "
                "code-server`; if it runs, its log says why."
            )

    def _state(self, chain: tuple[str, ...], record: dg.RunRecord) -> RunState:
        run, instance = record.dagster_run, self._connection.instance
        status = _STATUS.get(run.status, RunStatus.RUNNING)
        if run.status == dg.DagsterRunStatus.FAILURE:
            # Dagster says whether it will retry a moment after it has said that the run failed
            refused = run.tags.get(WILL_RETRY_TAG) == "false" and not query(has_given_up, instance, run)
            status = RunStatus.FAILED if refused or not instance.run_retries_enabled else RunStatus.RETRYING
        return RunState(chain, status, _time(record.start_time), _time(record.end_time))

    def _records(self, run_ids: list[str]) -> Mapping[str, dg.RunRecord]:
        records = query(self._connection.instance.get_run_records, dg.RunsFilter(run_ids=run_ids))
        return {record.dagster_run.run_id: record for record in records}


def _time(timestamp: float | None) -> datetime | None:
    return datetime.fromtimestamp(timestamp, UTC) if timestamp is not None else None
