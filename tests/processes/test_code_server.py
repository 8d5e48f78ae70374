"""Runs survive in production when the code server, its machine, the store or a database goes down and comes back."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, cast
from uuid import uuid4

import dagster as dg
import pytest
from sqlalchemy import text

from bookbytes_api.errors import RunsNotMonitored
from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.launcher import Launch, Launcher
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import RETRY_FAILURE_TAG
from bookbytes_pipeline.instance.orphaned_runs import CodeServerAddress, StopReason
from bookbytes_pipeline.instance.run_events import EventKind, RunEvent
from tests.api.client import wait_for
from tests.cli_runner import bookbytes, command
from tests.dagster_stack.books import CHAPTERS, Book
from tests.dagster_stack.dagster import CODE, DAEMON, RunningDagster, running_dagster
from tests.postgres import PostgresServer


@pytest.fixture(scope="module")
def dagster(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDagster]:
    """A real Dagster as containers run it: on PostgreSQL, with our own code server."""
    home = tmp_path_factory.mktemp("containers")
    with (
        postgres.database() as database,
        postgres.database() as records,
        running_dagster(home, database, records) as running,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("DAGSTER_HOME", running.env["DAGSTER_HOME"])
        yield running


@pytest.fixture
def runs(dagster: RunningDagster) -> Iterator[RunReader]:
    """Its runs as the API reads them."""
    with closing(Connection(dagster.settings)) as connection:
        yield RunReader(connection)


def test_a_stop_lets_runs_finish_and_keeps_the_queue(dagster: RunningDagster, runs: RunReader) -> None:
    """A run in progress finishes, then the process exits; a queued run is executed by the next code server."""
    book = dagster.book()
    with dagster.held(book.title):
        in_progress = launched(dagster, runs, book)
        queued = submitted(dagster, book)
        os.kill(dagster.processes[CODE].pid, signal.SIGTERM)
        wait_for(lambda: "Stopping once the runs in progress here have ended" in dagster.printed(CODE))
    ended = reached(runs, in_progress, RunStatus.SUCCEEDED)
    code = dagster.processes.pop(CODE).wait(30)
    over = runs.states([queued])[queued].status.is_over
    dagster.start(CODE)

    assert (1, 0, False) == (len(ended.run_ids), code, over)
    assert 1 == len(reached(runs, queued, RunStatus.SUCCEEDED).run_ids)
    assert CHAPTERS == dagster.model.asked_about(book.title)


def test_a_machine_that_fails_does_not_use_up_a_retry(dagster: RunningDagster, runs: RunReader) -> None:
    """A code server is stopped and killed a moment later, with its runs: the next one continues the run.

    The daemon does not reach the next one when it is first to retry the run, as on a machine that is busy. The stop
    does not count as a failed attempt, and what was paid for is not requested again.
    """
    book = dagster.book()
    with dagster.held(book.chapters[-1]):
        run_id = launched(dagster, runs, book)
        wait_for(lambda: len(finished_chapters(runs, run_id)) == CHAPTERS - 1)
        stops_before = dagster.printed(CODE).count("Stopping")
        os.kill(dagster.processes[CODE].pid, signal.SIGTERM)
        wait_for(lambda: dagster.printed(CODE).count("Stopping") > stops_before)
        wait_for(lambda: "dagster/max_retries" in tags_of(dagster, run_id))
        dagster.kill(CODE)
        orphaned = runs.states([run_id])[run_id].status
        with dagster.unreachable_for_daemon():
            dagster.start(CODE)
            wait_for(lambda: f"Failed to retry run {run_id}" in dagster.printed(DAEMON))
    state = reached(runs, run_id, RunStatus.SUCCEEDED)

    assert (RunStatus.RUNNING, 2) == (orphaned, len(state.run_ids))
    assert "3" == tags_of(dagster, run_id)["dagster/max_retries"]
    assert [1, 1] == [dagster.model.asked_about(chapter) for chapter in book.chapters[:-1]]


def test_outages_and_terminated_workers_are_retried(dagster: RunningDagster, runs: RunReader) -> None:
    """A worker that gets SIGTERM, as on a drained node, and an unavailable store; nothing is paid for twice."""
    book = dagster.book()
    with dagster.held(book.chapters[-1]):
        run_id = launched(dagster, runs, book)
        wait_for(lambda: len(finished_chapters(runs, run_id)) == CHAPTERS - 1)
        dagster.kill_workers(signal.SIGTERM)
        second = wait_for(lambda: next(iter(runs.states([run_id])[run_id].run_ids[1:]), None))
        wait_for(lambda: len(finished_chapters(runs, second)) == CHAPTERS - 1)
        with unwritable(dagster, "chapter_summaries"):
            dagster.model.held_titles.clear()
            wait_for(lambda: tags_of(dagster, second).get("dagster/will_retry"))
    state = reached(runs, run_id, RunStatus.SUCCEEDED)

    assert [run_id, second] == list(state.run_ids[:2])
    reasons = [tags_of(dagster, attempt).get("dagster/failure_reason") for attempt in state.run_ids]
    assert ["UNEXPECTED_TERMINATION", "STEP_FAILURE", None] == reasons
    assert [1, 1] == [dagster.model.asked_about(chapter) for chapter in book.chapters[:-1]]


def test_a_run_that_ends_while_its_end_cannot_be_recorded_is_retried(dagster: RunningDagster, runs: RunReader) -> None:
    """One error of the storage ends the thread in which Dagster records the ends of runs; ours goes on."""
    book = dagster.book()
    with dagster.held(book.chapters[-1]):
        run_id = launched(dagster, runs, book)
        wait_for(lambda: len(finished_chapters(runs, run_id)) == CHAPTERS - 1)
        with unreadable_runs(dagster):
            dagster.kill_workers()
            wait_for(lambda: "Exception in thread grpc-server-cleanup" in dagster.printed(CODE))
            wait_for(lambda: "Runs cannot be monitored" in dagster.printed(CODE))
        wait_for(lambda: "Runs are monitored again." in dagster.printed(CODE))
        second = wait_for(lambda: next(iter(runs.states([run_id])[run_id].run_ids[1:]), None))
    reached(runs, run_id, RunStatus.SUCCEEDED)

    assert "1 run has no process any more" in dagster.printed(CODE)
    assert StopReason.LOST.value in failure_message(dagster, run_id)
    assert run_id == tags_of(dagster, second)["dagster/parent_run_id"]
    assert [1, 1] == [dagster.model.asked_about(chapter) for chapter in book.chapters[:-1]]


def test_the_monitor_of_runs_is_monitored(dagster: RunningDagster, runs: RunReader) -> None:
    """The code server records each check of its runs; readiness tells when there was none for a minute."""
    address = CodeServerAddress(dagster.settings.dagster_grpc_host, dagster.settings.dagster_grpc_port)
    elsewhere = CodeServerAddress("another-machine", address.port)
    runs.require_monitored(address, max_age_s=60)

    with pytest.raises(RunsNotMonitored, match="and never were"):
        runs.require_monitored(elsewhere, max_age_s=60)
    with closing(Connection(dagster.settings)) as connection:
        storage = connection.instance.daemon_cursor_storage
        storage.set_cursor_values({f"bookbytes_run_monitor/another-machine:{address.port}": str(time.time() - 2400)})
    with pytest.raises(RunsNotMonitored, match="have not been for 24"):
        runs.require_monitored(elsewhere, max_age_s=60)


def test_a_refusal_is_not_retried_even_after_an_outage(dagster: RunningDagster, runs: RunReader) -> None:
    """A retry inherits the tags of its parent run, but not the decision that its failure was an outage."""
    book = dagster.book()
    with unwritable(dagster, "chapter_list"):
        run_id = submitted(dagster, book)
        dagster.refuse(book.chapters[0])
        reached(runs, run_id, RunStatus.RETRYING)
    state = reached(runs, run_id, RunStatus.FAILED)

    assert ["true", "false"] == [tags_of(dagster, attempt)[RETRY_FAILURE_TAG] for attempt in state.run_ids]


def test_two_code_servers_do_not_share_an_address(dagster: RunningDagster) -> None:
    """A second one would treat the first one's runs as lost; it exits with one sentence, here and elsewhere."""
    address = f"127.0.0.1:{dagster.settings.dagster_grpc_port}"
    elsewhere = dagster.env | {"BOOKBYTES_HOME": f"{dagster.env['BOOKBYTES_HOME']}/elsewhere"}
    expected = {
        "A code server is already running on this machine, or is still waiting for its runs.": dagster.env,
        f"A code server already answers at {address}.": elsewhere,
    }
    for message, env in expected.items():
        run = command("bookbytes", "code-server", "--host", "127.0.0.2", env=env)

        assert (1, 1) == (run.returncode, len(run.stderr.splitlines()))
        assert message in run.stderr


def test_the_doctor_finds_nothing_wrong(dagster: RunningDagster) -> None:
    """With APP_ENV=production the doctor checks the services of production."""
    run = bookbytes("doctor", env=dagster.env | {"APP_ENV": "production"})

    assert 0 == run.returncode, run.stdout
    assert f"ok    code server: answers at 127.0.0.1:{dagster.settings.dagster_grpc_port}" in run.stdout
    assert "ok    daemon: running, last heartbeat " in run.stdout


@contextmanager
def unwritable(dagster: RunningDagster, asset: str) -> Iterator[None]:
    """Make the store fail for this asset until the block ends: a file is where the folder should be."""
    folder = dagster.settings.store_folder / asset
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("in the way")
    try:
        yield
    finally:
        folder.unlink()
        folder.with_name("elsewhere").rename(folder)


@contextmanager
def unreadable_runs(dagster: RunningDagster) -> Iterator[None]:
    """Make every query for runs fail at once until the block ends."""
    with closing(Connection(dagster.settings)) as connection:
        storage = cast("Any", connection.instance.run_storage)

        def rename(old: str, new: str) -> None:
            with storage.connect() as database:
                database.execute(text(f"ALTER TABLE runs RENAME COLUMN {old} TO {new}"))

        rename("status", "status_away")
        try:
            yield
        finally:
            rename("status_away", "status")


def failure_message(dagster: RunningDagster, run_id: str) -> str:
    """What the run's failure says."""
    with closing(Connection(dagster.settings)) as connection:
        [record] = connection.instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records
        return record.event_log_entry.get_dagster_event().message or ""


def finished_chapters(runs: RunReader, run_id: str) -> list[RunEvent]:
    """The chapters that the run has finished so far."""
    return [event for event in runs.events(run_id)[0] if event.kind is EventKind.CHAPTER_FINISHED]


def tags_of(dagster: RunningDagster, run_id: str) -> Mapping[str, str]:
    """The run's tags."""
    with closing(Connection(dagster.settings)) as connection:
        run = connection.instance.get_run_by_id(run_id)
        assert run
        return run.tags


def reached(runs: RunReader, run_id: str, *statuses: RunStatus) -> RunState:
    """Wait until the run has one of these statuses, and return its state."""

    def poll() -> RunState | None:
        state = runs.states([run_id]).get(run_id)
        return state if state and state.status in statuses else None

    return wait_for(poll)


def submitted(dagster: RunningDagster, book: Book) -> str:
    """Submit a run of this book and return its id."""
    run_id, settings = str(uuid4()), dagster.settings
    with (
        closing(Connection(settings)) as connection,
        closing(Launcher(connection, settings.dagster_grpc_port)) as launcher,
    ):
        launcher.submit(Launch(run_id, book.isbn, {}))
    return run_id


def launched(dagster: RunningDagster, runs: RunReader, book: Book) -> str:
    """Submit a run of this book and return its id once it writes summaries."""
    run_id = submitted(dagster, book)
    wait_for(lambda: any(event.asset == "chapter_summaries" for event in runs.events(run_id)[0]))
    return run_id
