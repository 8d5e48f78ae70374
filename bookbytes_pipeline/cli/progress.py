"""The progress of a run: bars on a terminal, plain lines in a pipe."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from bookbytes_pipeline.constants import STAGES
from bookbytes_pipeline.instance.run_events import EventKind, RunEvent, read_run_events

_POLL_INTERVAL_S = 0.5
_JOIN_TIMEOUT_S = 5
_LABELS = {asset: stage.label for asset, stage in STAGES.items() if stage.label}

Show = Callable[[str, RunEvent], None]
"""Shows an event of the asset with this label."""


@contextmanager
def show_progress(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Show the progress of a run while the block executes it."""
    console = Console()
    run_ended = threading.Event()
    with _bars(console) if console.is_terminal else _lines() as show:
        follower = threading.Thread(target=_follow, args=(instance, run_id, run_ended, show), daemon=True)
        follower.start()
        try:
            yield
        finally:
            run_ended.set()
            follower.join(_JOIN_TIMEOUT_S)


def _follow(instance: dg.DagsterInstance, run_id: str, run_ended: threading.Event, show: Show) -> None:
    cursor = None
    last_time = False
    while not last_time:
        last_time = run_ended.wait(_POLL_INTERVAL_S)  # once more after the end, for the last chapters
        events, cursor = read_run_events(instance, run_id, cursor)
        for event in events:
            if label := _LABELS.get(event.asset):
                show(label, event)


@contextmanager
def _lines() -> Iterator[Show]:
    started: set[str] = set()

    def show(label: str, event: RunEvent) -> None:
        if label not in started:
            started.add(label)  # of the audio it is the first clip, while summaries are still being written
            print(label, flush=True)  # noqa: T201 - piped output is plain lines
        if event.kind is EventKind.CHAPTER_FINISHED:
            print(f"{label} {event.done}/{event.total}: {_chapter(event)}", flush=True)  # noqa: T201 - piped

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

        def show(label: str, event: RunEvent) -> None:
            if label not in bars:
                bars[label] = progress.add_task(label, total=None, chapter="")
            bar = bars[label]
            if event.kind is EventKind.CHAPTERS_STARTED:
                progress.update(bar, total=event.total)  # some of them may be finished
            elif event.kind is EventKind.CHAPTER_FINISHED:
                progress.update(bar, completed=event.done, total=event.total, chapter=_chapter(event))
            elif event.kind is EventKind.STEP_FINISHED:
                total = progress.tasks[bar].total or 1
                progress.update(bar, completed=total, total=total, chapter="")

        yield show


def _chapter(event: RunEvent) -> str:
    return f"{event.chapter}. {event.title}"
