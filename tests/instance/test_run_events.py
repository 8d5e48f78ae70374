"""What is read from Dagster's records of a run, whose assets log as ours do."""

from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg
import pytest

from bookbytes_pipeline.constants import BOOK_METADATA, CHAPTER_SUMMARIES
from bookbytes_pipeline.instance.run_events import EventKind, RunEvent, read_run_events
from tests.logged_run import materialize

WHEN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def events() -> list[RunEvent]:
    """The events of a run of these assets, without their times."""
    with dg.DagsterInstance.ephemeral() as instance:
        run_id = materialize(instance)
        events, cursor = read_run_events(instance, run_id)
        later, _ = read_run_events(instance, run_id, cursor)

    assert [] == later
    return [replace(event, at=WHEN) for event in events]


def test_a_run_names_its_book_and_its_chapters(events: list[RunEvent]) -> None:
    """Before the first chapter is finished; each finished one says whether it had been made before."""
    summaries = CHAPTER_SUMMARIES

    assert [
        RunEvent(EventKind.STEP_STARTED, WHEN, BOOK_METADATA),
        RunEvent(EventKind.BOOK_FOUND, WHEN, BOOK_METADATA, title="On Rivers", authors=("Ada Ford", "Bo Li")),
        RunEvent(EventKind.STEP_FINISHED, WHEN, BOOK_METADATA),
        RunEvent(EventKind.STEP_STARTED, WHEN, summaries),
        RunEvent(EventKind.CHAPTERS_STARTED, WHEN, summaries, total=2, chapters=((1, "Springs"), (2, "Rapids"))),
        RunEvent(EventKind.CHAPTER_FINISHED, WHEN, summaries, 1, 2, chapter=1, title="Springs"),
        RunEvent(EventKind.CHAPTER_FINISHED, WHEN, summaries, 2, 2, chapter=2, title="Rapids", reused=True),
        RunEvent(EventKind.STEP_FINISHED, WHEN, summaries),
    ] == events
