"""What happened in a run, read from Dagster's event log: for the API's event streams and for the terminal."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import dagster as dg

from bookbytes_pipeline.constants import (
    ASSET_NAMES,
    AUTHORS,
    CHAPTER,
    CHAPTERS,
    DONE,
    ERROR_CODE,
    REUSED,
    RUN_FAILED,
    TITLE,
    TOTAL,
)


class EventKind(StrEnum):
    """What a run event reports."""

    STEP_STARTED = "step_started"
    BOOK_FOUND = "book_found"
    CHAPTERS_STARTED = "chapters_started"
    CHAPTER_FINISHED = "chapter_finished"
    STEP_FINISHED = "step_finished"
    STEP_FAILED = "step_failed"
    RUN_FAILED = "run_failed"


@dataclass(frozen=True, slots=True)
class RunEvent:
    """Something that happened in a run, at `at`; `asset` is empty where it concerns the whole run.

    A book that was found has a `title` and `authors`. Before the first of its `chapters` (number and title of each) a
    step has finished none of `total`. After a finished chapter (`chapter`, `title`) `done` of `total` are finished; it
    was `reused` if it had been made earlier. A failed step has a `code`, a `message` for people and, if it failed at
    chapters, the first `chapter` that failed.
    """

    kind: EventKind
    at: datetime
    asset: str = ""
    done: int = 0
    total: int = 0
    chapter: int | None = None
    title: str = ""
    authors: tuple[str, ...] = ()
    chapters: tuple[tuple[int, str], ...] = ()
    reused: bool = False
    code: str = ""
    message: str = ""


_KINDS = {
    dg.DagsterEventType.STEP_START: EventKind.STEP_STARTED,
    dg.DagsterEventType.STEP_SUCCESS: EventKind.STEP_FINISHED,
    dg.DagsterEventType.STEP_FAILURE: EventKind.STEP_FAILED,
    dg.DagsterEventType.RUN_FAILURE: EventKind.RUN_FAILED,
}


def read_run_events(instance: dg.DagsterInstance, run_id: str, cursor: str | None = None) -> tuple[list[RunEvent], str]:
    """Return what happened in one run after `cursor`, oldest first, and the cursor from which to read on."""
    wanted = {*_KINDS, dg.DagsterEventType.ASSET_OBSERVATION}
    page = instance.get_records_for_run(run_id, cursor=cursor, of_type=wanted)
    return list(_events(page.records)), page.cursor


def _events(records: Iterable[dg.EventLogRecord]) -> Iterator[RunEvent]:
    for record in records:
        event = record.event_log_entry.get_dagster_event()
        if event.step_key in ASSET_NAMES or event.event_type == dg.DagsterEventType.RUN_FAILURE:
            yield to_run_event(event, datetime.fromtimestamp(record.event_log_entry.timestamp, UTC))


def to_run_event(event: dg.DagsterEvent, at: datetime) -> RunEvent:
    """Translate an event of one of our assets, or the failure of a whole run."""
    asset = event.step_key or ""
    if event.event_type == dg.DagsterEventType.ASSET_OBSERVATION:
        observation = event.asset_observation_data.asset_observation  # of a clip, perhaps, during the summaries
        return _observed(observation.metadata, observation.asset_key.to_user_string(), at)
    kind = _KINDS[event.event_type]
    return _failed_step(event, asset, at) if kind is EventKind.STEP_FAILED else RunEvent(kind, at, asset)


def _observed(found: Mapping[str, dg.MetadataValue[Any]], asset: str, at: datetime) -> RunEvent:
    if AUTHORS in found:
        authors = tuple(str(author) for author in found[AUTHORS].value)
        return RunEvent(EventKind.BOOK_FOUND, at, asset, title=str(found[TITLE].value), authors=authors)
    if CHAPTERS in found:
        chapters = tuple((int(number), str(title)) for number, title in found[CHAPTERS].value)
        return RunEvent(EventKind.CHAPTERS_STARTED, at, asset, total=len(chapters), chapters=chapters)
    return RunEvent(
        EventKind.CHAPTER_FINISHED,
        at,
        asset,
        done=_number(found[DONE]),
        total=_number(found[TOTAL]),
        chapter=_number(found[CHAPTER]),
        title=str(found[TITLE].value),
        reused=REUSED in found and bool(found[REUSED].value),
    )


def _failed_step(event: dg.DagsterEvent, asset: str, at: datetime) -> RunEvent:
    """Our own errors carry a sentence for people; of others only the operator sees more, in the Dagster UI."""
    data = event.step_failure_data.user_failure_data
    if data is None or ERROR_CODE not in data.metadata:
        message = f"Something unexpected went wrong at {asset}. An operator finds it in the Dagster UI."
        return RunEvent(EventKind.STEP_FAILED, at, asset, code=RUN_FAILED, message=message)
    return RunEvent(
        EventKind.STEP_FAILED,
        at,
        asset,
        chapter=_number(data.metadata[CHAPTER]) if CHAPTER in data.metadata else None,
        code=str(data.metadata[ERROR_CODE].value),
        message=data.description or "",
    )


def _number(value: dg.MetadataValue[Any]) -> int:
    return int(str(value.value))
