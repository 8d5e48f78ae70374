"""Reading runs from Dagster's records, by its public interface."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

import dagster as dg
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying, retry_if_exception, stop_after_attempt

from bookbytes_api.errors import DagsterUnavailable
from bookbytes_api.runs.connection import DATABASE_AWAY, Connection
from bookbytes_api.runs.state import Happening, RunState, RunStatus, StepEvent
from bookbytes_pipeline.constants import ASSET_NAMES, CHAPTER, DONE, ERROR_CODE, TOTAL
from bookbytes_pipeline.instance.run_status import IN_PROGRESS, WAITING

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

_STATUS = {
    dg.DagsterRunStatus.NOT_STARTED: RunStatus.WAITING,
    dg.DagsterRunStatus.QUEUED: RunStatus.WAITING,
    dg.DagsterRunStatus.STARTING: RunStatus.STARTING,
    dg.DagsterRunStatus.SUCCESS: RunStatus.SUCCEEDED,
    dg.DagsterRunStatus.CANCELED: RunStatus.CANCELLED,
}
"""A failed run may be retried, so it is looked at more closely; whatever is not named here is under way."""


_HAPPENINGS = {
    dg.DagsterEventType.STEP_START: Happening.STARTED,
    dg.DagsterEventType.ASSET_OBSERVATION: Happening.CHAPTER,
    dg.DagsterEventType.STEP_SUCCESS: Happening.FINISHED,
    dg.DagsterEventType.STEP_FAILURE: Happening.FAILED,
    dg.DagsterEventType.RUN_FAILURE: Happening.RUN_FAILED,
}
_WILL_RETRY, _RETRIED_BY = "dagster/will_retry", "dagster/auto_retry_run_id"

UNEXPECTED = "RUN_FAILED"
"""The code of a failure that nobody foresaw."""


def reached(ask: Callable[Arguments, Answer], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
    """Dagster's answer to a question; raises `DagsterUnavailable` where its database does not give one.

    Asked twice if need be: a restart of the database closes connections that are kept, which the first question on one
    finds out, and SQLAlchemy then lets go of all of them.
    """
    try:
        return _asked_twice(ask, *args, **kwargs)
    except (dg.DagsterError, *DATABASE_AWAY) as error:
        raise DagsterUnavailable("Dagster's records cannot be read. Try again when its database is back.") from error


def _connection_was_closed(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


_asked_twice = Retrying(retry=retry_if_exception(_connection_was_closed), stop=stop_after_attempt(2), reraise=True)


class Runs:
    """The runs in Dagster's records. Every question raises `DagsterUnavailable` where the records cannot be read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def states(self, run_ids: Iterable[str]) -> dict[str, RunState]:
        """Where these root runs stand, by their ids; an id that Dagster does not know is left out.

        One query for all of them, and one more for those that were retried, as often as Dagster retries.
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
                state = _state(chain, record, retries=self._connection.instance.run_retries_enabled)
                found[root] = replace(state, started_at=found[root].started_at) if root in found else state
                if successor := record.dagster_run.tags.get(_RETRIED_BY):
                    retried[root] = (*chain, successor)
            wanted = retried
        return found

    def events(self, run_id: str, cursor: str | None = None) -> tuple[list[StepEvent], str]:
        """What happened in one run after `cursor`, oldest first, and the cursor to go on from."""
        page = reached(self._connection.instance.get_records_for_run, run_id, cursor=cursor, of_type=set(_HAPPENINGS))
        return list(_told(page.records)), page.cursor

    def story(self, state: RunState) -> list[StepEvent]:
        """Everything that happened in a run and its retries, oldest first."""
        return [event for run_id in state.run_ids for event in self.events(run_id)[0]]

    def numbers(self) -> tuple[int, int]:
        """How many runs wait, and how many are in flight: also those that no job asked for. Two queries."""
        count = self._connection.instance.get_runs_count
        queued, in_flight = (reached(count, dg.RunsFilter(statuses=group)) for group in (WAITING, IN_PROGRESS))
        return queued, in_flight

    def require_reachable(self) -> None:
        """Raise `DagsterUnavailable` unless the records can be read."""
        reached(self._connection.instance.get_run_records, limit=1)

    def _records(self, run_ids: list[str]) -> Mapping[str, dg.RunRecord]:
        records = reached(self._connection.instance.get_run_records, dg.RunsFilter(run_ids=run_ids))
        return {record.dagster_run.run_id: record for record in records}


def _state(chain: tuple[str, ...], record: dg.RunRecord, *, retries: bool) -> RunState:
    run = record.dagster_run
    status = _STATUS.get(run.status, RunStatus.RUNNING)
    if run.status == dg.DagsterRunStatus.FAILURE:
        # Dagster says whether it will retry a moment after it has said that the run failed
        final = not retries or run.tags.get(_WILL_RETRY) == "false"
        status = RunStatus.FAILED if final else RunStatus.RETRYING
    return RunState(chain, status, _moment(record.start_time), _moment(record.end_time))


def _told(records: Iterable[dg.EventLogRecord]) -> Iterator[StepEvent]:
    for record in records:
        event, at = record.event_log_entry.get_dagster_event(), _moment(record.event_log_entry.timestamp)
        asset = event.step_key or ""
        if at is not None and (asset in ASSET_NAMES or event.event_type == dg.DagsterEventType.RUN_FAILURE):
            yield _step_event(event, asset, at)


def _step_event(event: dg.DagsterEvent, asset: str, at: datetime) -> StepEvent:
    happening = _HAPPENINGS[event.event_type]
    if happening is Happening.CHAPTER:
        seen = event.asset_observation_data.asset_observation.metadata
        return StepEvent(happening, at, asset, done=_number(seen[DONE]), total=_number(seen[TOTAL]))
    if happening is Happening.FAILED:
        return _failure(event, asset, at)
    return StepEvent(happening, at, asset)


def _failure(event: dg.DagsterEvent, asset: str, at: datetime) -> StepEvent:
    """Our own errors carry a sentence for people; of others only the operator sees more, in the Dagster UI."""
    told = event.step_failure_data.user_failure_data
    if told is None or ERROR_CODE not in told.metadata:
        message = f"Something unexpected went wrong at {asset}. An operator finds it in the Dagster UI."
        return StepEvent(Happening.FAILED, at, asset, code=UNEXPECTED, message=message)
    chapter = _number(told.metadata[CHAPTER]) if CHAPTER in told.metadata else None
    code, message = str(told.metadata[ERROR_CODE].value), told.description or ""
    return StepEvent(Happening.FAILED, at, asset, code=code, message=message, chapter=chapter)


def _number(value: dg.MetadataValue[Any]) -> int:
    return int(str(value.value))


def _moment(timestamp: float | None) -> datetime | None:
    return datetime.fromtimestamp(timestamp, UTC) if timestamp is not None else None
