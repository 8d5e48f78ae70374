"""Launching requested books, by one replica or by several, with a launcher that only records its calls."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import select, text

from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.reconciler import Reconciler
from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.launcher import Launch
from bookbytes_api.runs.reader import RunReader
from bookbytes_pipeline.domain.errors import LibraryUnavailable
from tests.api.client import Api, User, offline_settings, serving_api
from tests.dagster_stack.books import isbn_of
from tests.postgres import PostgresServer

MAX_JOBS = 20
PROCESS = "/api/v1/books/process"


def _return_at_once(*_: object) -> None:
    """Do not block the launcher."""


@dataclass
class RecordingLauncher:
    """Records the run ids; `query` stands for the query to the code server, `on_submit` is called at each launch."""

    query: Callable[[], object] = _return_at_once
    on_submit: Callable[[Launch], object] = _return_at_once
    launched: list[str] = field(default_factory=list)

    def template(self) -> None:
        """Return nothing, after the query."""
        self.query()

    def submit(self, launch: Launch, _pattern: object) -> None:
        """Record the run."""
        self.on_submit(launch)
        self.launched.append(launch.run_id)

    def cancel(self, _run_id: str) -> bool:
        """Report that the run was stopped."""
        return True


@pytest.fixture
def api(tmp_path: Path, database_url: str) -> Iterator[Api]:
    """An API on each kind of database, whose own reconciler finds no Dagster."""
    with serving_api(offline_settings(tmp_path / "home", database_url, max_jobs_per_user=MAX_JOBS)) as running:
        yield running


@pytest.fixture
def shared(tmp_path: Path, postgres: PostgresServer) -> Iterator[Api]:
    """An API on a database that replicas may share."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres.database(postgres.migrated))
        settings = offline_settings(tmp_path / "home", url, max_jobs_per_user=MAX_JOBS)
        yield stack.enter_context(serving_api(settings))


@contextmanager
def replica(api: Api, launcher: RecordingLauncher) -> Iterator[Reconciler]:
    """The reconciler of another process."""
    with closing(api.database) as database, closing(Connection(api.settings)) as dagster:
        untyped: Any = launcher
        yield Reconciler(database, RunReader(dagster), untyped)


def request_book(api: Api, user: User, number: int = 1) -> str:
    """Request a book; returns the id of the job."""
    answer = api.ask("POST", PROCESS, user, json={"isbn": isbn_of(number)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job_id"])


def rows(api: Api) -> dict[str, JobRow]:
    """All jobs as they are stored, by their ids."""
    with api.database.session() as session:
        return {str(row.id): row for row in session.scalars(select(JobRow))}


def test_replicas_share_the_work(shared: Api) -> None:
    """Two replicas that read the same jobs at the same moment launch each run once between them."""
    ada, both_read = shared.user(), Barrier(2, timeout=120)
    for number in range(MAX_JOBS):
        request_book(shared, ada, number)
    launcher, other = RecordingLauncher(query=both_read.wait), RecordingLauncher(query=both_read.wait)

    with replica(shared, launcher) as first, replica(shared, other) as second, ThreadPoolExecutor(2) as threads:
        list(threads.map(Reconciler.reconcile, [first, second]))

    jobs = rows(shared).values()
    assert sorted(job.run_id or "" for job in jobs) == sorted(launcher.launched + other.launched)
    assert all(job.submitted_at for job in jobs)


def test_a_replica_that_dies_while_launching_blocks_nobody(shared: Api) -> None:
    """The others skip its run as long as it is alive, and launch it afterwards."""
    ada, began, may_end = shared.user(), Event(), Event()
    hers = request_book(shared, ada)

    def hang(_launch: Launch) -> None:
        began.set()
        may_end.wait(30)

    other = RecordingLauncher()
    with ExitStack() as stack:
        dying = stack.enter_context(replica(shared, RecordingLauncher(on_submit=hang)))
        second = stack.enter_context(replica(shared, other))
        launching = stack.enter_context(ThreadPoolExecutor(1)).submit(dying.reconcile)
        assert began.wait(30)
        his = request_book(shared, ada, 2)
        second.reconcile()
        meanwhile = list(other.launched)
        _cut_off(shared)
        second.reconcile()
        may_end.set()
        with pytest.raises(LibraryUnavailable):
            launching.result()

    runs = [rows(shared)[job].run_id for job in (his, hers)]
    assert [runs[:1], runs] == [meanwhile, other.launched]


def _cut_off(api: Api) -> None:
    """End the connections that are in the middle of a transaction."""
    idle = "state = 'idle in transaction' AND datname = current_database() AND pid != pg_backend_pid()"
    with api.database.session() as session:
        assert session.scalars(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {idle}")).all()  # noqa: S608 - no input


def test_a_run_whose_jobs_are_being_changed_waits_for_the_next_round(shared: Api) -> None:
    """Launched for the other job alone it would lack what this one requests, such as force."""
    ada = shared.user()
    hers, his = request_book(shared, ada), request_book(shared, shared.user("bob"))
    tags: list[str] = []
    launcher = RecordingLauncher(on_submit=lambda launch: tags.append(launch.tags["bookbytes/job"]))

    with replica(shared, launcher) as reconciler:
        with shared.database.session() as session:
            session.scalars(select(JobRow).where(JobRow.id == rows(shared)[hers].id).with_for_update()).one()
            reconciler.reconcile()
            meanwhile = list(tags)
        reconciler.reconcile()

    assert rows(shared)[hers].run_id == rows(shared)[his].run_id
    assert [[], [hers]] == [meanwhile, tags]


def test_cancelling_does_not_wait_for_a_slow_code_server(api: Api) -> None:
    """And the run is not launched any more."""
    ada, began, may_end = api.user(), Event(), Event()
    kept, cancelled = request_book(api, ada, 1), request_book(api, ada, 2)

    def hang() -> None:
        began.set()
        may_end.wait(30)

    launcher = RecordingLauncher(query=hang)
    with replica(api, launcher) as reconciler, ThreadPoolExecutor(1) as aside:
        round_ = aside.submit(reconciler.reconcile)
        assert began.wait(30)
        answer = api.ask("POST", f"/api/v1/jobs/{cancelled}/cancel", ada)
        may_end.set()
        round_.result()

    assert 202 == answer.status_code
    assert [rows(api)[kept].run_id] == launcher.launched


def test_users_can_write_while_a_run_is_being_launched(api: Api) -> None:
    """In particular to SQLite, which has one writer at a time."""
    ada, began, may_end = api.user(), Event(), Event()
    first = request_book(api, ada, 1)

    def hang(_launch: Launch) -> None:
        began.set()
        may_end.wait(30)

    with replica(api, RecordingLauncher(on_submit=hang)) as reconciler, ThreadPoolExecutor(1) as aside:
        round_ = aside.submit(reconciler.reconcile)
        assert began.wait(30)
        second = request_book(api, ada, 2)
        may_end.set()
        round_.result()

    assert [True, False] == [bool(rows(api)[job].submitted_at) for job in (first, second)]
