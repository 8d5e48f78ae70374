"""Several replicas of the API behave as one: two on one PostgreSQL library, and one real Dagster."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import dagster as dg
import httpx
import pytest

from bookbytes_api.runs.connection import Connection
from bookbytes_pipeline.instance.monitor_heartbeat import record_check
from bookbytes_pipeline.instance.orphaned_runs import CodeServerAddress
from tests.api.client import Api, User, serving_live, wait_for
from tests.api.process import ApiProcess, api_process
from tests.api.streams import events_of
from tests.dagster_stack.books import CHAPTERS, Book
from tests.dagster_stack.dagster import RunningDagster, running_dagster
from tests.postgres import PostgresServer
from tests.valkey import valkey_server

PROCESS = "/api/v1/books/process"
_NAMES = (f"user{number}" for number in count())
Client = Api | ApiProcess


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[RunningDagster]:
    """A real Dagster whose books are published in PostgreSQL."""
    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).delenv("DAGSTER_HOME", raising=False)
        url = stack.enter_context(postgres.database(postgres.migrated))
        yield stack.enter_context(running_dagster(tmp_path_factory.mktemp("dagster"), url))


@pytest.fixture(autouse=True)
def _own_dagster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME")


@pytest.fixture
def here(dagster: RunningDagster) -> Iterator[Api]:
    """One replica."""
    with serving_live(dagster.settings) as running:
        yield running


@pytest.fixture
def there(dagster: RunningDagster) -> Iterator[Api]:
    """The other replica."""
    with serving_live(dagster.settings) as running:
        yield running


@pytest.fixture
def ada(here: Api) -> User:
    """A new user."""
    return here.user(next(_NAMES))


def request_book(api: Client, user: User, book: Book) -> str:
    """Request a book; returns the path of the job."""
    answer = api.client.post(PROCESS, json={"isbn": book.isbn}, headers=user.headers)
    assert answer.status_code == 202, answer.text
    return f"/api/v1/jobs/{answer.json()['job_id']}"


def ended(api: Api, user: User, path: str) -> dict[str, Any]:
    """The job once it has ended."""
    return wait_for(lambda: (job := api.ask("GET", path, user).json())["completed_at"] and job)


def listen(api: Client, user: User, path: str, last: str, received: list[dict[str, Any]]) -> None:
    """Add the events of a job after `last` to `received`, as they arrive, until its stream ends."""
    headers = {**user.headers, "Last-Event-ID": last}
    with api.client.stream("GET", f"{path}/events", headers=headers) as stream:
        received.extend(events_of(stream))


@dataclass(frozen=True)
class ProcessedBook:
    """A book that two users requested at both replicas at once, and what ten listeners received."""

    paths: list[str]
    jobs: list[dict[str, Any]]
    runs: list[str]
    model_requests: int
    pollers: tuple[int, int]
    events: list[list[dict[str, Any]]]


@pytest.fixture(scope="module")
def processed(dagster: RunningDagster) -> ProcessedBook:
    """Processed once for all tests that use it."""
    book = dagster.book()
    together = Barrier(4, timeout=120)
    received: list[list[dict[str, Any]]] = [[] for _ in range(10)]

    def ask(api: Api, user: User) -> str:
        together.wait()
        return request_book(api, user, book)

    with serving_live(dagster.settings) as here, serving_live(dagster.settings) as there:
        both, ada, bob = (here, there), here.user(next(_NAMES)), there.user(next(_NAMES))
        with ThreadPoolExecutor(10) as threads, dagster.held(book.title):
            paths = list(threads.map(ask, [*both, *both], [ada, ada, bob, bob]))
            for number, events in enumerate(received):
                threads.submit(listen, both[number % 2], ada, paths[0], "1.0", events)
            wait_for(lambda: here.broadcaster.listeners == there.broadcaster.listeners == 5)
            pollers = here.broadcaster.pollers, there.broadcaster.pollers
        jobs = [ended(here, ada, paths[0]), ended(there, bob, paths[2])]
    return ProcessedBook(paths, jobs, _runs(dagster, book), dagster.model.asked_about(book.title), pollers, received)


def test_the_same_request_at_all_replicas_is_one_run(processed: ProcessedBook) -> None:
    """One job for each user, one run for all, and each chapter is paid for once."""
    assert processed.paths[0] == processed.paths[1] != processed.paths[2] == processed.paths[3]
    assert ["completed", "completed"] == [job["status"] for job in processed.jobs]
    assert 1 == len({job["run_id"] for job in processed.jobs})
    assert (["SUCCESS"], CHAPTERS) == (processed.runs, processed.model_requests)


def test_all_replicas_send_the_same_events(processed: ProcessedBook) -> None:
    """To the end of the job; each replica has one poller for all its listeners."""
    plain = [[_plain(event) for event in events] for events in processed.events]

    assert (1, 1) == processed.pollers
    assert [plain[0]] * 10 == plain
    assert ["1.1", "1.end"] == [plain[0][0]["id"], plain[0][-1]["id"]]
    assert ("end", "completed", CHAPTERS) == (
        plain[0][-1]["event"],
        plain[0][-1]["data"]["status"],
        plain[0][-1]["data"]["chapters_done"],
    )


def _plain(event: dict[str, Any]) -> dict[str, Any]:
    """An event without what depends on when it was sent: whether the run had started, or the book was published."""
    by_then = {"eta_seconds", "book_id", "started_at"}
    return {**event, "data": {name: event["data"][name] for name in set(event["data"]) - by_then}}


def test_a_job_can_be_cancelled_at_any_replica(dagster: RunningDagster, here: Api, there: Api, ada: User) -> None:
    """The replica that gets the request stops the run that the other one launched; both report it."""
    book = dagster.book()
    with dagster.held(book.title):
        path = request_book(here, ada, book)
        wait_for(lambda: here.ask("GET", path, ada).json()["current_step"] == "generating_summaries")
        cancelled = there.ask("POST", f"{path}/cancel", ada)
        jobs = [ended(api, ada, path) for api in (here, there)]

    assert 202 == cancelled.status_code
    assert ["cancelled", "cancelled"] == [job["status"] for job in jobs]
    assert ["CANCELED"] == _runs(dagster, book)


def test_a_killed_replica_loses_nothing(dagster: RunningDagster, here: Api, ada: User, tmp_path: Path) -> None:
    """The requested book is processed, and a listener gets the remaining events from another, by `Last-Event-ID`."""
    book = dagster.book()
    before: list[dict[str, Any]] = []
    after: list[dict[str, Any]] = []
    with ExitStack() as stack:
        stack.enter_context(dagster.held(book.chapters[-1]))
        dying = stack.enter_context(api_process({**dagster.env, "LOG_LEVEL": "ERROR"}, tmp_path / "output"))
        path = request_book(dying, ada, book)
        listening = stack.enter_context(ThreadPoolExecutor(1)).submit(listen, dying, ada, path, "1.0", before)
        wait_for(lambda: before and dagster.model.asked_about(book.title) == CHAPTERS - 1)
        dying.process.kill()
        with pytest.raises(httpx.RemoteProtocolError):
            listening.result()
    listen(here, ada, path, before[-1]["id"], after)

    *ids, last = [event["id"] for event in (*before, *after)]
    positions = [int(each.removeprefix("1.")) for each in ids]
    assert sorted(set(positions)) == positions
    assert ("1.1", "1.end") == (ids[0], last)
    assert "completed" == after[-1]["data"]["status"]
    assert ["SUCCESS"] == _runs(dagster, book)


def test_without_valkey_a_replica_is_impaired(dagster: RunningDagster) -> None:
    """But not unready, for then all replicas would be: everything except login and registration is available.

    Dagster's own code server, which runs here, does not monitor its runs as ours does.
    """
    address = CodeServerAddress(dagster.settings.dagster_grpc_host, dagster.settings.dagster_grpc_port)
    with closing(Connection(dagster.settings)) as connection:
        record_check(connection.instance, address)
    with valkey_server() as server:
        settings = dagster.settings.model_copy(update={"valkey_url": server.url})
        with serving_live(settings) as api:
            ready = _available(api)
            server.kill()
            impaired = _available(api)

    assert (200, "ok", "ok") == (ready.status_code, ready.json()["status"], ready.json()["checks"]["rate_limits"])
    assert (200, "impaired") == (impaired.status_code, impaired.json()["status"])


def _available(api: Api) -> httpx.Response:
    """The first answer that says so: on a busy machine a check may take too long."""
    return wait_for(lambda: (answer := api.ask("GET", "/health/ready")).is_success and answer)


def _runs(dagster: RunningDagster, book: Book) -> list[str]:
    """The statuses of the runs of a book."""
    connection = Connection(dagster.settings)
    try:
        runs = connection.instance.get_runs(dg.RunsFilter(tags={"dagster/partition": book.isbn}))
    finally:
        connection.close()
    return [run.status.value for run in runs]
