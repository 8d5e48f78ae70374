"""Several replicas of the API behave as one: two on one PostgreSQL library, and one real Dagster."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import dagster as dg
import httpx
import pytest

from bookbytes_api.runs.connection import Connection
from tests.api.client import Api, User, serving_live, wait_for
from tests.api.process import ApiProcess, api_process
from tests.dagster_stack.books import CHAPTERS, Book
from tests.dagster_stack.dagster import RunningDagster, running_dagster
from tests.postgres import PostgresServer
from tests.valkey import valkey_server

PROCESS = "/api/v1/books/process"
_NAMES = (f"person{number}" for number in count())
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
    """The other one."""
    with serving_live(dagster.settings) as running:
        yield running


@pytest.fixture
def ada(here: Api) -> User:
    """Somebody new."""
    return here.user(next(_NAMES))


def wish(api: Client, user: User, book: Book) -> str:
    """The path of the job for a book."""
    answer = api.client.post(PROCESS, json={"isbn": book.isbn}, headers=user.headers)
    assert answer.status_code == 202, answer.text
    return f"/api/v1/jobs/{answer.json()['job_id']}"


def ended(api: Api, user: User, path: str) -> dict[str, Any]:
    """The job at its end."""
    return wait_for(lambda: (job := api.ask("GET", path, user).json())["completed_at"] and job)


def listen(api: Client, user: User, path: str, last: str, told: list[dict[str, Any]]) -> None:
    """Add the events of a job after `last` to `told`, as they come, until its stream ends: kind, id and job."""
    headers = {**user.headers, "Last-Event-ID": last}
    with api.client.stream("GET", f"{path}/events", headers=headers) as stream:
        event: dict[str, Any] = {}
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if name in {"event", "id", "data"}:
                event[name] = json.loads(value) if name == "data" else value
            if not line and event:
                told.append(event)
                event = {}


@dataclass(frozen=True)
class Made:
    """A book that two people asked for at both replicas at once, and how it was told to ten listeners."""

    paths: list[str]
    jobs: list[dict[str, Any]]
    runs: list[str]
    questions: int
    pollers: tuple[int, int]
    told: list[list[dict[str, Any]]]


@pytest.fixture(scope="module")
def made(dagster: RunningDagster) -> Made:
    """Once for all who look at it."""
    book = dagster.book()
    together = Barrier(4, timeout=30)
    told: list[list[dict[str, Any]]] = [[] for _ in range(10)]

    def ask(api: Api, user: User) -> str:
        together.wait()
        return wish(api, user, book)

    with serving_live(dagster.settings) as here, serving_live(dagster.settings) as there:
        both, ada, bob = (here, there), here.user(next(_NAMES)), there.user(next(_NAMES))
        with ThreadPoolExecutor(10) as threads, dagster.held(book.title):
            paths = list(threads.map(ask, [*both, *both], [ada, ada, bob, bob]))
            for number, events in enumerate(told):
                threads.submit(listen, both[number % 2], ada, paths[0], "1.0", events)
            wait_for(lambda: here.broadcaster.listeners == there.broadcaster.listeners == 5)
            pollers = here.broadcaster.pollers, there.broadcaster.pollers
        jobs = [ended(here, ada, paths[0]), ended(there, bob, paths[2])]
    return Made(paths, jobs, _runs(dagster, book), dagster.model.asked_about(book.title), pollers, told)


def test_the_same_wish_everywhere_at_once_is_one_run(made: Made) -> None:
    """One job for each person, one run for all, and each chapter is paid for once."""
    assert made.paths[0] == made.paths[1] != made.paths[2] == made.paths[3]
    assert ["completed", "completed"] == [job["status"] for job in made.jobs]
    assert 1 == len({job["run_id"] for job in made.jobs})
    assert (["SUCCESS"], CHAPTERS) == (made.runs, made.questions)


def test_a_job_is_told_everywhere_alike(made: Made) -> None:
    """With the same events to its end, and each replica looks at its run once for all who listen."""
    plain = [[_plain(event) for event in events] for events in made.told]

    assert (1, 1) == made.pollers
    assert [plain[0]] * 10 == plain
    assert ["1.1", "1.end"] == [plain[0][0]["id"], plain[0][-1]["id"]]
    assert ("end", "completed", CHAPTERS) == (
        plain[0][-1]["event"],
        plain[0][-1]["data"]["status"],
        plain[0][-1]["data"]["chapters_done"],
    )


def _plain(event: dict[str, Any]) -> dict[str, Any]:
    """An event without what depends on when it was told: an estimate, and whether the book was there by then."""
    return {**event, "data": {name: event["data"][name] for name in set(event["data"]) - {"eta_seconds", "book_id"}}}


def test_a_job_is_given_up_anywhere(dagster: RunningDagster, here: Api, there: Api, ada: User) -> None:
    """The replica that is told so stops the run that the other one launched; both say so."""
    book = dagster.book()
    with dagster.held(book.title):
        path = wish(here, ada, book)
        wait_for(lambda: here.ask("GET", path, ada).json()["current_step"] == "generating_summaries")
        gave_up = there.ask("POST", f"{path}/cancel", ada)
        jobs = [ended(api, ada, path) for api in (here, there)]

    assert 202 == gave_up.status_code
    assert ["cancelled", "cancelled"] == [job["status"] for job in jobs]
    assert ["CANCELED"] == _runs(dagster, book)


def test_a_killed_replica_takes_nothing_with_it(dagster: RunningDagster, here: Api, ada: User, tmp_path: Path) -> None:
    """What it was asked for is made, and who listened to it hears the rest at another, by `Last-Event-ID`."""
    book = dagster.book()
    before: list[dict[str, Any]] = []
    after: list[dict[str, Any]] = []
    with ExitStack() as stack:
        stack.enter_context(dagster.held(book.chapters[-1]))
        dying = stack.enter_context(api_process({**dagster.env, "LOG_LEVEL": "ERROR"}, tmp_path / "output"))
        path = wish(dying, ada, book)
        listening = stack.enter_context(ThreadPoolExecutor(1)).submit(listen, dying, ada, path, "1.0", before)
        wait_for(lambda: before and dagster.model.asked_about(book.title) == CHAPTERS - 1)
        dying.process.kill()
        with pytest.raises(httpx.RemoteProtocolError):
            listening.result()
    listen(here, ada, path, before[-1]["id"], after)

    places = [event["id"] for event in (*before, *after)]
    assert [*(f"1.{number}" for number in range(1, len(places))), "1.end"] == places
    assert "completed" == after[-1]["data"]["status"]
    assert ["SUCCESS"] == _runs(dagster, book)


def test_without_valkey_a_replica_is_impaired(dagster: RunningDagster) -> None:
    """And not sent away for that, for the others would be too: all but logging in goes on."""
    with valkey_server() as server:
        settings = dagster.settings.model_copy(update={"valkey_url": server.url})
        with serving_live(settings) as api:
            fine = api.ask("GET", "/health/ready")
            server.kill()
            impaired = api.ask("GET", "/health/ready")

    assert (200, "ok", "ok") == (fine.status_code, fine.json()["status"], fine.json()["checks"]["rate_limits"])
    assert (200, "impaired") == (impaired.status_code, impaired.json()["status"])


def _runs(dagster: RunningDagster, book: Book) -> list[str]:
    """How the runs of a book stand."""
    connection = Connection(dagster.settings)
    try:
        runs = connection.instance.get_runs(dg.RunsFilter(tags={"dagster/partition": book.isbn}))
    finally:
        connection.close()
    return [run.status.value for run in runs]
