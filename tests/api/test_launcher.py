"""What the API relies on in Dagster, checked against the real one: an upgrade that changes any of it fails here."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import dagster as dg
import pytest

from bookbytes_api.errors import DagsterUnavailable
from bookbytes_api.jobs.progress import summarize
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


def test_one_id_from_many_threads_is_one_run(
    dagster: RunningDagster, launcher: Launcher, runs: RunReader, connection: Connection
) -> None:
    """The second launch finds the run of the first, which is queued and started once; the book is one partition."""
    book = dagster.book()
    wanted = launch(book)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(launcher.submit, [wanted] * 8))

    reached(runs, wanted.run_id, RunStatus.SUCCEEDED)
    found = connection.instance.get_runs(dg.RunsFilter(tags={"dagster/partition": book.isbn}))
    assert [wanted.run_id] == [run.run_id for run in found]
    kinds = {dg.DagsterEventType.RUN_ENQUEUED, dg.DagsterEventType.RUN_STARTING}
    queued = connection.instance.get_records_for_run(wanted.run_id, of_type=kinds).records
    assert kinds == {record.event_log_entry.get_dagster_event().event_type for record in queued}
    assert len(kinds) == len(queued)
    assert CHAPTERS == dagster.model.asked_about(book.title)


def test_the_events_of_a_run_are_read_in_order(dagster: RunningDagster, launcher: Launcher, runs: RunReader) -> None:
    """A cursor continues where the last read ended, also in another process; nothing comes twice or is lost."""
    book = dagster.book()
    wanted = launch(book)
    with dagster.held(book.title):
        launcher.submit(wanted)
        reached(runs, wanted.run_id, RunStatus.RUNNING)
        early, cursor = wait_for(lambda: (seen := runs.events(wanted.run_id))[0] and seen)
    state = reached(runs, wanted.run_id, RunStatus.SUCCEEDED)

    late, _ = RunReader(Connection(dagster.settings)).events(wanted.run_id, cursor)

    assert runs.history(state) == [*early, *late]
    assert {*EventKind} - {EventKind.STEP_FAILED, EventKind.RUN_FAILED} == {event.kind for event in [*early, *late]}
    progress = summarize([*early, *late])
    assert (CHAPTERS, CHAPTERS, "publishing") == (progress.chapters_done, progress.chapters_total, progress.step)


def test_runs_of_one_book_are_sequential(dagster: RunningDagster, launcher: Launcher, runs: RunReader) -> None:
    """The second waits in the queue while the first is running; another book does not wait."""
    book, other = dagster.book(), dagster.book()
    first, second, elsewhere = launch(book), launch(book), launch(other)
    with dagster.held(book.title):
        launcher.submit(first)
        reached(runs, first.run_id, RunStatus.RUNNING)
        launcher.submit(second)
        launcher.submit(elsewhere)
        reached(runs, elsewhere.run_id, RunStatus.SUCCEEDED)
        waiting = runs.states([second.run_id])[second.run_id].status

    assert waiting is RunStatus.WAITING
    reached(runs, second.run_id, RunStatus.SUCCEEDED)


def test_a_run_is_cancelled_while_queued_and_while_running(
    dagster: RunningDagster, launcher: Launcher, runs: RunReader
) -> None:
    """Both end as cancelled; a run that is just starting is sent the request again."""
    book = dagster.book()
    active, waiting = launch(book), launch(book)
    with dagster.held(book.title):
        launcher.submit(active)
        wait_for(lambda: any(event.asset == "chapter_summaries" for event in runs.events(active.run_id)[0]))
        launcher.submit(waiting)
        wait_for(lambda: launcher.cancel(waiting.run_id))
        wait_for(lambda: launcher.cancel(active.run_id))

        assert reached(runs, waiting.run_id, RunStatus.CANCELLED).ended_at
        assert reached(runs, active.run_id, RunStatus.CANCELLED).ended_at


def test_no_asset_has_a_retry_policy() -> None:
    """With the in-process executor a retry policy would swallow a cancellation."""
    assert {None} == {asset.op.retry_policy for asset in ASSETS}


def test_a_failed_chapter_is_named(dagster: RunningDagster, launcher: Launcher, runs: RunReader) -> None:
    """With the code, the message and the number of the chapter; a failure is final, because nothing crashed."""
    book = dagster.book()
    wanted = launch(book)
    dagster.refuse(book.chapters[1])
    launcher.submit(wanted)
    state = reached(runs, wanted.run_id, RunStatus.FAILED)

    failure = summarize(runs.history(state)).failure

    assert failure is not None
    assert ("CHAPTERS_FAILED", 2) == (failure.code, failure.chapter)
    assert f"Chapter 2 ({book.chapters[1]})" in failure.message


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


def test_each_log_line_of_a_run_says_what_it_is_about(
    dagster: RunningDagster, launcher: Launcher, runs: RunReader
) -> None:
    """It is a JSON object with job, run, ISBN and, within a step, the step; failures say why; no line has a secret."""
    book = dagster.book()
    dagster.refuse(book.chapters[1])
    wanted, before = launch(book), len(dagster.printed(CODE))
    launcher.submit(wanted)
    reached(runs, wanted.run_id, RunStatus.FAILED)

    printed = wait_for(lambda: (output := dagster.printed(CODE)[before:]).count("PIPELINE_FAILURE") and output)

    lines = [line for line in map(json.loads, printed.splitlines()) if "run_id" in line]
    common = {"run_id": wanted.run_id, "job_id": "a job", "isbn": book.isbn}
    assert all(common.items() <= line.items() for line in lines)
    assert all({"timestamp", "level", "event", "logger"} <= set(line) for line in lines)
    finished = [line for line in lines if line.get("kind") == "ASSET_OBSERVATION" and "chapter" in line]
    assert {(CHAPTERS, "chapter_summaries", "info")} == {
        (line["total"], line["step"], line["level"]) for line in finished
    }
    [failure] = [line for line in lines if line.get("kind") == "STEP_FAILURE" and "code" in line]
    assert ("error", 2) == (failure["level"], failure["chapter"])
    assert "Traceback" not in failure["event"]
    assert book.chapters[1] in failure["exception"]
    assert KEY not in printed


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
