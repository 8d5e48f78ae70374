"""Launching what was asked for, by one replica or by several, with a launcher that only notes what it is told."""

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

MOST = 20
PROCESS = "/api/v1/books/process"


def _at_once(*_: object) -> None:
    """Nothing keeps the launcher waiting."""


@dataclass
class NotingLauncher:
    """Notes the ids of the runs; `asking` is called where the code server would be asked, `queuing` at each launch."""

    asking: Callable[[], object] = _at_once
    queuing: Callable[[Launch], object] = _at_once
    launched: list[str] = field(default_factory=list)

    def template(self) -> None:
        """There is none."""
        self.asking()

    def submit(self, launch: Launch, _pattern: object) -> None:
        """Note the run."""
        self.queuing(launch)
        self.launched.append(launch.run_id)

    def cancel(self, _run_id: str) -> bool:
        """It is as good as stopped."""
        return True


@pytest.fixture
def api(tmp_path: Path, database_url: str) -> Iterator[Api]:
    """An API on each kind of database, whose own reconciler finds no Dagster."""
    with serving_api(offline_settings(tmp_path / "home", database_url, max_jobs_per_user=MOST)) as running:
        yield running


@pytest.fixture
def shared(tmp_path: Path, postgres: PostgresServer) -> Iterator[Api]:
    """One on a database that replicas may share."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres.database(postgres.migrated))
        settings = offline_settings(tmp_path / "home", url, max_jobs_per_user=MOST)
        yield stack.enter_context(serving_api(settings))


@contextmanager
def replica(api: Api, launcher: NotingLauncher) -> Iterator[Reconciler]:
    """The reconciler of another process."""
    with closing(api.database) as database, closing(Connection(api.settings)) as dagster:
        unlike_dagster: Any = launcher
        yield Reconciler(database, RunReader(dagster), unlike_dagster)


def wish(api: Api, user: User, number: int = 1) -> str:
    """The id of the job for a book."""
    answer = api.ask("POST", PROCESS, user, json={"isbn": isbn_of(number)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job_id"])


def rows(api: Api) -> dict[str, JobRow]:
    """All jobs as they are kept, by their ids."""
    with api.database.session() as session:
        return {str(row.id): row for row in session.scalars(select(JobRow))}


def test_replicas_share_the_work(shared: Api) -> None:
    """Two that saw the same jobs at the same moment launch each run once between them."""
    ada, both_saw = shared.user(), Barrier(2, timeout=30)
    for number in range(MOST):
        wish(shared, ada, number)
    one, two = NotingLauncher(asking=both_saw.wait), NotingLauncher(asking=both_saw.wait)

    with replica(shared, one) as first, replica(shared, two) as second, ThreadPoolExecutor(2) as threads:
        list(threads.map(Reconciler.reconcile, [first, second]))

    jobs = rows(shared).values()
    assert sorted(job.run_id or "" for job in jobs) == sorted(one.launched + two.launched)
    assert all(job.submitted_at for job in jobs)


def test_a_replica_that_dies_while_it_launches_keeps_nobody_waiting(shared: Api) -> None:
    """The others pass over its run as long as it lives, and launch it when it is gone."""
    ada, began, may_end = shared.user(), Event(), Event()
    hers = wish(shared, ada)

    def hang(_launch: Launch) -> None:
        began.set()
        may_end.wait(30)

    other = NotingLauncher()
    with ExitStack() as stack:
        dying = stack.enter_context(replica(shared, NotingLauncher(queuing=hang)))
        second = stack.enter_context(replica(shared, other))
        launching = stack.enter_context(ThreadPoolExecutor(1)).submit(dying.reconcile)
        assert began.wait(30)
        his = wish(shared, ada, 2)
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
    """End the connections of those who are in the middle of something."""
    idle = "state = 'idle in transaction' AND datname = current_database() AND pid != pg_backend_pid()"
    with api.database.session() as session:
        assert session.scalars(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {idle}")).all()  # noqa: S608 - no input


def test_a_run_whose_jobs_somebody_changes_waits_for_the_next_round(shared: Api) -> None:
    """Launched for the other job alone it would not know what this one wants, such as being made anew."""
    ada = shared.user()
    hers, his = wish(shared, ada), wish(shared, shared.user("bob"))
    tags: list[str] = []
    launcher = NotingLauncher(queuing=lambda launch: tags.append(launch.tags["bookbytes/job"]))

    with replica(shared, launcher) as reconciler:
        with shared.database.session() as session:
            session.scalars(select(JobRow).where(JobRow.id == rows(shared)[hers].id).with_for_update()).one()
            reconciler.reconcile()
            meanwhile = list(tags)
        reconciler.reconcile()

    assert rows(shared)[hers].run_id == rows(shared)[his].run_id
    assert [[], [hers]] == [meanwhile, tags]


def test_who_gives_up_does_not_wait_for_a_slow_code_server(api: Api) -> None:
    """Nor is the run launched any more."""
    ada, began, may_end = api.user(), Event(), Event()
    kept, given_up = wish(api, ada, 1), wish(api, ada, 2)

    def hang() -> None:
        began.set()
        may_end.wait(30)

    launcher = NotingLauncher(asking=hang)
    with replica(api, launcher) as reconciler, ThreadPoolExecutor(1) as aside:
        round_ = aside.submit(reconciler.reconcile)
        assert began.wait(30)
        answer = api.ask("POST", f"/api/v1/jobs/{given_up}/cancel", ada)
        may_end.set()
        round_.result()

    assert 202 == answer.status_code
    assert [rows(api)[kept].run_id] == launcher.launched


def test_others_write_while_a_run_is_launched(api: Api) -> None:
    """In particular into SQLite, which has one writer at a time."""
    ada, began, may_end = api.user(), Event(), Event()
    first = wish(api, ada, 1)

    def hang(_launch: Launch) -> None:
        began.set()
        may_end.wait(30)

    with replica(api, NotingLauncher(queuing=hang)) as reconciler, ThreadPoolExecutor(1) as aside:
        round_ = aside.submit(reconciler.reconcile)
        assert began.wait(30)
        second = wish(api, ada, 2)
        may_end.set()
        round_.result()

    assert [True, False] == [bool(rows(api)[job].submitted_at) for job in (first, second)]
