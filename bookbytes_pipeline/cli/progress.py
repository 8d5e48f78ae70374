"""Progress of a run, read from the instance as anybody could: bars on a terminal, plain lines in a pipe."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from bookbytes_pipeline.constants import (
    BOOK_METADATA,
    CHAPTER,
    CHAPTER_AUDIO,
    CHAPTER_LIST,
    CHAPTER_SUMMARIES,
    DONE,
    PUBLISHED_BOOK,
    TITLE,
    TOTAL,
)

_EVERY = 0.5
"""Seconds between two looks at the event log."""
_SHOWN = {
    BOOK_METADATA: "Metadata",
    CHAPTER_LIST: "Chapters",
    CHAPTER_SUMMARIES: "Summaries",
    CHAPTER_AUDIO: "Audio",
    PUBLISHED_BOOK: "Library",
}
_TYPES = {
    dg.DagsterEventType.STEP_START,
    dg.DagsterEventType.ASSET_OBSERVATION,
    dg.DagsterEventType.STEP_SUCCESS,
}


@contextmanager
def watching(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Show the progress of a run while the block executes it."""
    console = Console()
    over = threading.Event()
    with _bars(console) if console.is_terminal else _lines() as show:
        watcher = threading.Thread(target=_follow, args=(instance, run_id, over, show), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join(timeout=5)


Show = Callable[[str, "dict[str, Any] | None", bool], None]
"""Told of an asset: the metadata of a finished chapter if it is about one, and whether the asset is finished."""


def _follow(instance: dg.DagsterInstance, run_id: str, over: threading.Event, show: Show) -> None:
    cursor = None
    last = False
    while not last:
        last = over.wait(_EVERY)  # one more look after the end, for the last chapters
        connection = instance.get_records_for_run(run_id, cursor=cursor, of_type=_TYPES)
        cursor = connection.cursor
        for record in connection.records:
            event = record.event_log_entry.get_dagster_event()
            _tell(event, show)


def _tell(event: dg.DagsterEvent, show: Show) -> None:
    if event.step_key not in _SHOWN:
        return
    observed = None
    if event.event_type == dg.DagsterEventType.ASSET_OBSERVATION:
        metadata = event.asset_observation_data.asset_observation.metadata
        observed = {name: value.value for name, value in metadata.items()}
    show(event.step_key, observed, event.event_type == dg.DagsterEventType.STEP_SUCCESS)


@contextmanager
def _lines() -> Iterator[Show]:
    started: set[str] = set()

    def show(asset: str, chapter: dict[str, Any] | None, finished: bool) -> None:
        if chapter:
            print(f"{_SHOWN[asset]} {chapter[DONE]}/{chapter[TOTAL]}: {chapter[CHAPTER]}. {chapter[TITLE]}", flush=True)  # noqa: T201 - piped
        elif not finished and asset not in started:
            started.add(asset)
            print(_SHOWN[asset], flush=True)  # noqa: T201 - piped output is plain lines

    yield show


@contextmanager
def _bars(console: Console) -> Iterator[Show]:
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[chapter]}"),
    )
    with Progress(*columns, console=console) as progress:
        bars: dict[str, TaskID] = {}

        def show(asset: str, chapter: dict[str, Any] | None, finished: bool) -> None:
            if asset not in bars:
                bars[asset] = progress.add_task(_SHOWN[asset], total=None, chapter="")
            bar = bars[asset]
            if chapter:
                title = f"{chapter[CHAPTER]}. {chapter[TITLE]}"
                progress.update(bar, completed=chapter[DONE], total=chapter[TOTAL], chapter=title)
            if finished:
                total = progress.tasks[bar].total or 1
                progress.update(bar, completed=total, total=total, chapter="")

        yield show
