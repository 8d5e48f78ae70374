"""What the API relies on in Dagster, checked against the real one: an upgrade that changes any of it fails here."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import NamedTuple
from uuid import uuid4

import dagster as dg
import pytest

from bookbytes_api.errors import DagsterUnavailable
from bookbytes_api.jobs.progress import Failure, summarize
from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.launcher import Launch, Launcher
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import JOB_TAG
from bookbytes_pipeline.definitions import ASSETS
from bookbytes_pipeline.instance.run_events import EventKind, RunEvent
from tests.api.client import wait_for
from tests.cli_runner import KEY
from tests.dagster_stack.books import CHAPTERS, Book
from tests.dagster_stack.dagster import CODE, RunningDagster, running_dagster


@pytest.fixture(autouse=True)
def _own_dagster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME")


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDagster]:
    """A real Dagster of this module."""
    with running_dagster(tmp_path_factory.mktemp("dagster")) as running:
        yield running


@pytest.fixture
def connection(dagster: RunningDagster) -> Iterator[Connection]:
    """The API's connection to it."""
    opened = Connection(dagster.settings)
    yield opened
    opened.close()


@pytest.fixture
def runs(connection: Connection) -> RunReader:
    """Its runs, as the API reads them."""
    return RunReader(connection)


@pytest.fixture
def launcher(connection: Connection, dagster: RunningDagster) -> Iterator[Launcher]:
    """The API's launcher."""
    launcher = Launcher(connection, dagster.settings.dagster_grpc_port)
    yield launcher
    launcher.close()


def launch(book: Book) -> Launch:
    """A run of this book with a new id."""
    return Launch(str(uuid4()), book.isbn, {JOB_TAG: "a job"})


def reached(runs: RunReader, run_id: str, *statuses: RunStatus) -> RunState:
    """The run's state once it has one of these statuses."""

    def poll() -> RunState | None:
        state = runs.states([run_id]).get(run_id)
        return state if state and state.status in statuses else None

    return wait_for(poll)


def finished_chapters(runs: RunReader, run_id: str) -> list[RunEvent]:
    """The chapters that the run has finished so far."""
    return [event for event in runs.events(run_id)[0] if event.kind is EventKind.CHAPTER_FINISHED]


class LaunchedRun(NamedTuple):
    """One run that eight threads launched, with its events: those read while it was running, and the cursor then."""

    book: Book
    run_id: str
    state: RunState
    early: list[RunEvent]
    cursor: str | None


@pytest.fixture(scope="module")
def launched(dagster: RunningDagster) -> LaunchedRun:
    """The run once it has succeeded."""
    book = dagster.book()
    wanted = launch(book)
    with closing(Connection(dagster.settings)) as connection, ThreadPoolExecutor(8) as threads:
        runs = RunReader(connection)
        with dagster.held(book.title), closing(Launcher(connection, dagster.settings.dagster_grpc_port)) as launcher:
            list(threads.map(launcher.submit, [wanted] * 8))
            reached(runs, wanted.run_id, RunStatus.RUNNING)
            early, cursor = wait_for(lambda: (seen := runs.events(wanted.run_id))[0] and seen)
        state = reached(runs, wanted.run_id, RunStatus.SUCCEEDED)
    return LaunchedRun(book, wanted.run_id, state, early, cursor)


def test_one_id_from_many_threads_is_one_run(
    dagster: RunningDagster, launched: LaunchedRun, connection: Connection
) -> None:
    """The second launch finds the run of the first, which is queued and started once; the book is one partition."""
    found = connection.instance.get_runs(dg.RunsFilter(tags={"dagster/partition": launched.book.isbn}))
    assert [launched.run_id] == [run.run_id for run in found]
    kinds = {dg.DagsterEventType.RUN_ENQUEUED, dg.DagsterEventType.RUN_STARTING}
    queued = connection.instance.get_records_for_run(launched.run_id, of_type=kinds).records
    assert kinds == {record.event_log_entry.get_dagster_event().event_type for record in queued}
    assert len(kinds) == len(queued)
    assert CHAPTERS == dagster.model.asked_about(launched.book.title)


def test_the_events_of_a_run_are_read_in_order(dagster: RunningDagster, launched: LaunchedRun, runs: RunReader) -> None:
    """A cursor continues where the last read ended, also in another process; nothing comes twice or is lost."""
    late, _ = RunReader(Connection(dagster.settings)).events(launched.run_id, launched.cursor)

    events = [*launched.early, *late]
    assert runs.history(launched.state) == events
    assert {*EventKind} - {EventKind.STEP_FAILED, EventKind.RUN_FAILED} == {event.kind for event in events}
    progress = summarize(events)
    assert (CHAPTERS, CHAPTERS, "publishing") == (progress.chapters_done, progress.chapters_total, progress.step)


class Queue(NamedTuple):
    """What became of four runs, of which the first three are of one book; the first two were cancelled in the end."""

    waiting: list[RunStatus]
    cancelled: list[RunState]
    elsewhere: RunState
    third: RunState


@pytest.fixture(scope="module")
def queue(dagster: RunningDagster) -> Queue:
    """The first is running until it is cancelled, as is the second, which waits; so does the third until then."""
    book, other = dagster.book(), dagster.book()
    first, second, third, elsewhere = launch(book), launch(book), launch(book), launch(other)
    with closing(Connection(dagster.settings)) as connection:
        runs = RunReader(connection)
        with dagster.held(book.title), closing(Launcher(connection, dagster.settings.dagster_grpc_port)) as launcher:
            launcher.submit(first)
            wait_for(lambda: any(event.asset == "chapter_summaries" for event in runs.events(first.run_id)[0]))
            for each in (second, third, elsewhere):
                launcher.submit(each)
            made = reached(runs, elsewhere.run_id, RunStatus.SUCCEEDED)
            waiting = [runs.states([each.run_id])[each.run_id].status for each in (second, third)]
            for each in (second, first):
                wait_for(lambda each=each: launcher.cancel(each.run_id))
            cancelled = [reached(runs, each.run_id, RunStatus.CANCELLED) for each in (second, first)]
        return Queue(waiting, cancelled, made, reached(runs, third.run_id, RunStatus.SUCCEEDED))


def test_runs_of_one_book_are_sequential(queue: Queue) -> None:
    """The others wait in the queue while the first is running; another book does not wait."""
    assert [RunStatus.WAITING] * 2 == queue.waiting
    assert RunStatus.SUCCEEDED is queue.elsewhere.status
    assert RunStatus.SUCCEEDED is queue.third.status


def test_a_run_is_cancelled_while_queued_and_while_running(queue: Queue) -> None:
    """Both end as cancelled; a run that is just starting is sent the request again."""
    assert all(state.ended_at for state in queue.cancelled)


def test_no_asset_has_a_retry_policy() -> None:
    """With the in-process executor a retry policy would swallow a cancellation."""
    assert {None} == {asset.op.retry_policy for asset in ASSETS}


class FailedRun(NamedTuple):
    """A run whose second chapter the model refused, the failure, and what the code server printed meanwhile."""

    book: Book
    run_id: str
    failure: Failure | None
    printed: str


@pytest.fixture(scope="module")
def failed(dagster: RunningDagster) -> FailedRun:
    """The run once its end is printed, too."""
    book = dagster.book()
    dagster.refuse(book.chapters[1])
    wanted, before = launch(book), len(dagster.printed(CODE))
    with closing(Connection(dagster.settings)) as connection:
        with closing(Launcher(connection, dagster.settings.dagster_grpc_port)) as launcher:
            launcher.submit(wanted)
        runs = RunReader(connection)
        failure = summarize(runs.history(reached(runs, wanted.run_id, RunStatus.FAILED))).failure
    printed = wait_for(lambda: (output := dagster.printed(CODE)[before:]).count("PIPELINE_FAILURE") and output)
    return FailedRun(book, wanted.run_id, failure, printed)


def test_a_failed_chapter_is_named(failed: FailedRun) -> None:
    """With the code, the message and the number of the chapter; a failure is final, because nothing crashed."""
    assert failed.failure is not None
    assert ("CHAPTERS_FAILED", 2) == (failed.failure.code, failed.failure.chapter)
    assert f"Chapter 2 ({failed.book.chapters[1]})" in failed.failure.message


@pytest.mark.parametrize(
    "will_retry",
    [pytest.param("true", id="the daemon has missed the failure"), pytest.param("false", id="it gave the retry up")],
)
def test_a_retry_that_has_not_come_is_renewed(
    dagster: RunningDagster, launcher: Launcher, runs: RunReader, connection: Connection, will_retry: str
) -> None:
    """By its rules Dagster should retry the run, so it counts as being retried; reported again, it is, once."""
    book = dagster.book()
    wanted = launch(book)
    dagster.refuse(book.chapters[1])
    launcher.submit(wanted)
    reached(runs, wanted.run_id, RunStatus.FAILED)
    tags = {"dagster/will_retry": will_retry, "dagster/failure_reason": "UNKNOWN"}
    connection.instance.add_run_tags(wanted.run_id, tags)
    forgotten = reached(runs, wanted.run_id, RunStatus.RETRYING)

    assert launcher.renew_retry(wanted.run_id)

    state = reached(runs, wanted.run_id, RunStatus.SUCCEEDED)
    assert 1 == len(forgotten.run_ids)
    assert 2 == len(state.run_ids)
    assert not launcher.renew_retry(wanted.run_id)
    assert not launcher.renew_retry("unknown")


def test_each_log_line_of_a_run_says_what_it_is_about(failed: FailedRun) -> None:
    """It is a JSON object with job, run, ISBN and, within a step, the step; failures say why; no line has a secret."""
    lines = [line for line in map(json.loads, failed.printed.splitlines()) if line.get("run_id") == failed.run_id]
    common = {"job_id": "a job", "isbn": failed.book.isbn}
    assert all(common.items() <= line.items() for line in lines)
    assert all({"timestamp", "level", "event", "logger"} <= set(line) for line in lines)
    finished = [line for line in lines if line.get("kind") == "ASSET_OBSERVATION" and "chapter" in line]
    assert {(CHAPTERS, "chapter_summaries", "info")} == {
        (line["total"], line["step"], line["level"]) for line in finished
    }
    [failure] = [line for line in lines if line.get("kind") == "STEP_FAILURE" and "code" in line]
    assert ("error", 2) == (failure["level"], failure["chapter"])
    assert "Traceback" not in failure["event"]
    assert failed.book.chapters[1] in failure["exception"]
    assert KEY not in failed.printed


def test_without_the_code_server_nothing_is_launched_until_it_is_back(
    dagster: RunningDagster, launcher: Launcher, runs: RunReader
) -> None:
    """The same launcher works again afterwards."""
    book = dagster.book()
    wanted = launch(book)
    launcher.require_reachable()
    dagster.kill(CODE)
    with pytest.raises(DagsterUnavailable, match="code server"):
        launcher.submit(wanted)
    with pytest.raises(DagsterUnavailable, match="code server"):
        launcher.require_reachable()
    unknown = runs.states([wanted.run_id])
    dagster.start(CODE)

    wait_for(lambda: _submitted(launcher, wanted))

    assert unknown == {}
    assert [wanted.run_id] == list(runs.states([wanted.run_id]))


def _submitted(launcher: Launcher, wanted: Launch) -> bool:
    try:
        launcher.submit(wanted)
    except DagsterUnavailable:
        return False
    return True
