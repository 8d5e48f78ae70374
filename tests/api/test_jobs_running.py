"""Jobs in progress: with a real Dagster, the real pipeline and real HTTP."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import count, islice, pairwise
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import dagster as dg
import httpx
import pytest

from bookbytes_api.accounts.service import make_administrator
from bookbytes_api.app import services_of
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.metrics.registry import new_registry
from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.launcher import Launch
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunStatus
from bookbytes_pipeline.constants import ASSET_NAMES, JOB_TAG, MINUTES_TAG, PARTITIONS, REQUEST_TAG, USER_TAG
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.instance.run_events import EventKind
from tests.api.client import Api, User, serving_live, wait_for
from tests.api.streams import events_of
from tests.dagster_stack.books import CHAPTERS, Book
from tests.dagster_stack.dagster import CODE, RunningDagster, running_dagster

PROCESS = "/api/v1/books/process"
_NAMES = (f"user{number}" for number in count())


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDagster]:
    """A real Dagster, everything on SQLite; `test_replicas.py` and `tests/production` have PostgreSQL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DAGSTER_HOME", raising=False)
        with running_dagster(tmp_path_factory.mktemp("dagster")) as running:
            yield running


@pytest.fixture(autouse=True)
def _own_dagster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME")


@pytest.fixture
def api(dagster: RunningDagster) -> Iterator[Api]:
    """The API on the same Dagster, listening."""
    with serving_live(dagster.settings) as running:
        yield running


@pytest.fixture
def ada(api: Api) -> User:
    """A new user."""
    return api.user(next(_NAMES))


def request_book(api: Api, user: User, book: Book, **more: bool | float) -> str:
    """Request a book; returns the path of the job."""
    answer = api.ask("POST", PROCESS, user, json={"isbn": book.isbn, **more})
    assert answer.status_code == 202, answer.text
    return f"/api/v1/jobs/{answer.json()['job_id']}"


def _finished_chapters(api: Api, run_id: str) -> int:
    """How many chapters the run has written so far."""
    events, _ = services_of(api.app).runs.events(run_id)
    return sum(event.kind is EventKind.CHAPTER_FINISHED for event in events)


def status(api: Api, user: User, path: str, *wanted: str) -> dict[str, Any]:
    """The job once it has one of these statuses."""

    def poll() -> dict[str, Any] | None:
        job = api.ask("GET", path, user).json()
        return job if job["status"] in wanted else None

    return wait_for(poll)


def listen(api: Api, user: User, path: str, last: str | None = None, most: int = 1000) -> list[dict[str, Any]]:
    """The events of a job until its stream ends, or the first `most` of them."""
    headers = dict(user.headers) | ({"Last-Event-ID": last} if last else {})
    with api.client.stream("GET", f"{path}/events", headers=headers) as stream:
        assert "text/event-stream" in stream.headers["content-type"]
        return list(islice(events_of(stream), most))


def test_a_request_is_followed_to_the_published_book(dagster: RunningDagster, api: Api, ada: User) -> None:
    """Progress never falls, every chapter is reported, the last event ends the stream, and the run carries the ids."""
    book = dagster.book()
    path = request_book(api, ada, book)

    events = listen(api, ada, path)

    _assert_each_says_something_new(events)
    assert (book.title, ["Ada Ford"]) == (events[-1]["data"]["title"], events[-1]["data"]["authors"])
    in_hand = [chapter["title"] for event in events if (chapter := event["data"]["current_chapter"])]
    assert book.chapters[0] == in_hand[0]
    assert {*in_hand} <= {*book.chapters}
    percents = [event["data"]["progress"] for event in events]
    assert sorted(percents) == percents
    assert (100, "end", "completed") == (percents[-1], events[-1]["event"], events[-1]["data"]["status"])
    assert [*range(CHAPTERS + 1)] == sorted({event["data"]["chapters_done"] for event in events})
    steps = list(dict.fromkeys(event["data"]["current_step"] for event in events[:-1]))
    assert ["generating_summaries", "creating_audio"] == [step for step in steps if step.endswith(("aries", "audio"))]
    job = api.ask("GET", path, ada).json()
    assert job["book_id"] == api.ask("GET", f"/api/v1/books/isbn/{book.isbn}", ada).json()["id"]
    run = _run(dagster, job["run_id"])
    assert (ada.id, job["id"]) == (run.tags[USER_TAG], run.tags[JOB_TAG])
    assert run.tags[REQUEST_TAG]


def _assert_each_says_something_new(events: list[dict[str, Any]]) -> None:
    """No id comes twice, and no event has the data of the one before."""
    assert len({event["id"] for event in events}) == len(events)
    assert [] == [later for earlier, later in pairwise(events) if earlier["data"] == later["data"]]


def test_a_client_that_reconnects_gets_the_remaining_events(dagster: RunningDagster, api: Api, ada: User) -> None:
    """By Last-Event-ID, also from an API that was started later: nothing twice, nothing missing."""
    book = dagster.book()
    with serving_live(dagster.settings) as restarted, ThreadPoolExecutor(2) as clients:
        with dagster.held(book.chapters[-1]):
            path = request_book(api, ada, book)
            patient = clients.submit(listen, api, ada, path)
            wait_for(lambda: dagster.model.asked_about(book.title) == CHAPTERS - 1)
            early = listen(api, ada, path, most=1)[0]["id"]
            returned = clients.submit(listen, restarted, ada, path, last=early)
            wait_for(lambda: restarted.broadcaster.listeners)
        late = [event["id"] for event in returned.result()]
        everything = [event["id"] for event in patient.result()]
        status(restarted, ada, path, "completed")
        after_the_end = restarted.ask("GET", f"{path}/events", ada, headers={"Last-Event-ID": late[-1]})

    assert "1.end" == late[-1]
    positions = [_position(each) for each in (early, *late[:-1])]
    assert sorted(set(positions)) == positions
    assert len(everything) > CHAPTERS
    assert [each for each in everything[:-1] if _position(each) > _position(early)] == late[:-1] != []
    assert after_the_end.status_code == 204


def _position(event_id: str) -> int:
    return int(event_id.removeprefix("1."))


class SharedRun(NamedTuple):
    """One run for Ada, who was listening to it, and for Bob, who requested the same book later."""

    book: Book
    joined: list[dict[str, Any]]
    jobs: list[dict[str, Any]]
    third_request: str
    in_progress: dict[str, float | None]
    calls: float


@pytest.fixture(scope="module")
def shared(dagster: RunningDagster) -> SharedRun:
    """The first event that Bob gets, both jobs at their end, and what is measured meanwhile and afterwards."""
    book, labels = dagster.book(), {"provider": "openai", "model": "gpt-5-mini", "outcome": "ok"}
    with serving_live(dagster.settings) as api, closing(Connection(dagster.settings)) as connection:
        ada, bob, eve = (api.user(next(_NAMES)) for _ in range(3))
        sample = new_registry(api.database, RunReader(connection)).get_sample_value
        calls_before = sample("bookbytes_provider_calls_total", labels) or 0
        with dagster.held(book.title), ThreadPoolExecutor(1) as aside:
            hers = request_book(api, ada, book)
            listening = aside.submit(listen, api, ada, hers, most=1)
            wait_for(lambda: api.broadcaster.listeners == 1 or listening.done())
            his = request_book(api, bob, book)
            joined = listen(api, bob, his, most=1)
            status(api, ada, hers, "processing")
            states = {"bookbytes_jobs": "processing", "bookbytes_runs": "in_flight"}
            in_progress = {name: sample(name, {"state": state}) for name, state in states.items()}
        jobs = [status(api, ada, hers, "completed"), status(api, bob, his, "completed")]
        third_request = api.ask("POST", PROCESS, eve, json={"isbn": book.isbn}).json()["status"]
        calls = (sample("bookbytes_provider_calls_total", labels) or 0) - calls_before
    return SharedRun(book, joined, jobs, third_request, in_progress, calls)


def test_users_who_wait_for_the_same_book_share_its_run(dagster: RunningDagster, shared: SharedRun) -> None:
    """One run, one set of requests to the model, a finished job for each."""
    assert 1 == len({job["run_id"] for job in shared.jobs})
    assert 2 == len({job["id"] for job in shared.jobs})
    assert CHAPTERS == dagster.model.asked_about(shared.book.title)
    assert "completed" == shared.third_request


def test_a_listener_who_joins_a_polled_run_gets_its_events(shared: SharedRun) -> None:
    """Although the run was last polled before their job was created."""
    assert ["progress"] == [event["event"] for event in shared.joined]


def test_runs_in_progress_are_measured(shared: SharedRun) -> None:
    """Prometheus sees the job and its run while they are in progress, and the calls of the worker afterwards."""
    assert all((count or 0) >= 1 for count in shared.in_progress.values()), shared.in_progress
    assert shared.calls >= CHAPTERS


def test_a_job_is_cancelled_while_its_run_is_in_progress(dagster: RunningDagster, api: Api, ada: User) -> None:
    """The run is cancelled in Dagster; a retry processes only what is missing."""
    book = dagster.book()
    with dagster.held(book.chapters[-1]):
        path = request_book(api, ada, book)
        run_id = api.ask("GET", path, ada).json()["run_id"]
        wait_for(lambda: _finished_chapters(api, run_id) == CHAPTERS - 1)
        assert api.ask("POST", f"{path}/cancel", ada).status_code == 202
        cancelled = status(api, ada, path, "cancelled")
    retried = api.ask("POST", f"{path}/retry", ada).json()
    done = status(api, ada, path, "completed")

    assert cancelled["completed_at"]
    assert cancelled["run_id"] != retried["run_id"] == done["run_id"]
    assert 1 == dagster.model.asked_about(book.chapters[0])


def test_a_failed_job_says_why_and_where(dagster: RunningDagster, api: Api, ada: User) -> None:
    """With the chapter; the retry asks for that chapter only. The job keeps its error when Dagster's run is deleted."""
    book = dagster.book()
    dagster.refuse(book.chapters[1])
    path = request_book(api, ada, book)
    failed = status(api, ada, path, "failed")
    wait_for(lambda: _outcome(api, failed["id"]))  # reads show it before it is written
    connection = Connection(dagster.settings)
    connection.instance.delete_run(failed["run_id"])
    connection.close()

    assert ("CHAPTERS_FAILED", 2) == (failed["error"]["code"], failed["error"]["chapter"])
    assert book.chapters[1] in failed["error"]["message"]
    assert failed == api.ask("GET", path, ada).json()
    assert api.ask("POST", f"{path}/retry", ada).status_code == 202
    assert status(api, ada, path, "completed")["error"] is None
    assert [1, 2, 1] == [dagster.model.asked_about(chapter) for chapter in book.chapters]


def test_an_operator_who_wipes_and_deletes_loses_no_book(dagster: RunningDagster, api: Api, ada: User) -> None:
    """The library keeps what is wiped in Dagster, and a job its end when its run is deleted; a new run asks nobody."""
    book = dagster.book()
    path = request_book(api, ada, book)
    done = status(api, ada, path, "completed")
    wait_for(lambda: _outcome(api, done["id"]))
    with closing(Connection(dagster.settings)) as connection:
        connection.instance.wipe_assets([dg.AssetKey(name) for name in ASSET_NAMES])
        connection.instance.delete_run(done["run_id"])
        connection.instance.delete_dynamic_partition(PARTITIONS, book.isbn)
        listed = api.ask("GET", f"/api/v1/books/isbn/{book.isbn}", ada)
        again = api.ask("POST", PROCESS, api.user(next(_NAMES)), json={"isbn": book.isbn}).json()["status"]
        run_id = str(uuid4())
        services_of(api.app).launcher.submit(Launch(run_id, ISBN(book.isbn), {}))
        wait_for(lambda: services_of(api.app).runs.states([run_id])[run_id].status is RunStatus.SUCCEEDED)
        partitions = connection.instance.get_dynamic_partitions(PARTITIONS)

    assert done == api.ask("GET", path, ada).json()
    assert (200, CHAPTERS) == (listed.status_code, len(listed.json()["chapters"]))
    assert "completed" == again
    assert book.isbn in partitions
    assert [1] * CHAPTERS == [dagster.model.asked_about(chapter) for chapter in book.chapters]


@pytest.mark.parametrize(("deleted", "expected"), [("partition", "RUN_FAILED"), ("run", "RUN_LOST")])
def test_what_is_deleted_in_the_middle_of_a_run_fails_its_job(
    dagster: RunningDagster, api: Api, ada: User, deleted: str, expected: str
) -> None:
    """A retry adds the partition again, and asks for nothing twice."""
    book = dagster.book()
    with dagster.held(book.chapters[-1]), closing(Connection(dagster.settings)) as connection:
        path = request_book(api, ada, book)
        run_id = api.ask("GET", path, ada).json()["run_id"]
        wait_for(lambda: _finished_chapters(api, run_id) == CHAPTERS - 1)
        if deleted == "run":
            connection.instance.delete_run(run_id)
            dagster.kill_workers()
        else:
            connection.instance.delete_dynamic_partition(PARTITIONS, book.isbn)
    failed = status(api, ada, path, "failed")
    assert api.ask("POST", f"{path}/retry", ada).status_code == 202
    status(api, ada, path, "completed")

    assert expected == failed["error"]["code"]
    assert [1, 1] == [dagster.model.asked_about(chapter) for chapter in book.chapters[:-1]]


def test_a_crash_does_not_end_the_job(dagster: RunningDagster, api: Api, ada: User) -> None:
    """Dagster retries the run under another id; the job continues under its own, and its progress does not fall."""
    book = dagster.book()
    with dagster.held(book.chapters[-1]):
        path = request_book(api, ada, book)
        before = wait_for(lambda: (job := api.ask("GET", path, ada).json())["progress"] > 20 and job)
        dagster.kill_workers()
    events = listen(api, ada, path)

    assert "completed" == events[-1]["data"]["status"]
    assert before["run_id"] == events[-1]["data"]["run_id"]
    assert before["progress"] <= events[0]["data"]["progress"]


class ForcedBook(NamedTuple):
    """A book that was requested with a length, then again by force and without one: both jobs, both answers."""

    book: Book
    jobs: list[dict[str, Any]]
    listed: list[dict[str, Any]]
    clip: httpx.Response


@pytest.fixture(scope="module")
def forced(dagster: RunningDagster) -> ForcedBook:
    """The same book in the library twice, and the first clip of the second time."""
    book = dagster.book()
    with serving_live(dagster.settings) as api:
        ada = api.user(next(_NAMES))
        with api.database.session() as session:
            make_administrator(session, ada.email)
        jobs, listed = [], []
        for wanted in ({"minutes": 2}, {"force": True}):
            jobs.append(status(api, ada, request_book(api, ada, book, **wanted), "completed"))
            listed.append(api.ask("GET", f"/api/v1/books/isbn/{book.isbn}", ada).json())
        clip = api.ask("GET", listed[-1]["chapters"][0]["audio_url"], ada)
    return ForcedBook(book, jobs, listed, clip)


def test_force_processes_a_book_from_scratch(dagster: RunningDagster, forced: ForcedBook) -> None:
    """The model is asked again about every chapter, and the chapters keep their ids."""
    first, second = ([chapter["id"] for chapter in book["chapters"]] for book in forced.listed)

    assert 2 * CHAPTERS == dagster.model.asked_about(forced.book.title)
    assert first == second
    assert (200, "audio/mpeg") == (forced.clip.status_code, forced.clip.headers["content-type"])


def test_a_length_reaches_the_run_and_stays_with_the_book(dagster: RunningDagster, forced: ForcedBook) -> None:
    """The run is tagged with it, the model is asked for as many words, and a later run without one keeps it."""
    questions = [str(request["messages"]) for request in dagster.model.requests]

    assert ["2", None] == [_run(dagster, job["run_id"]).tags.get(MINUTES_TAG) for job in forced.jobs]
    assert 2 == forced.listed[-1]["minutes"]
    assert 2 == sum(forced.book.chapters[0] in asked and "356 words" in asked for asked in questions)


def test_requests_wait_while_dagster_is_unavailable(dagster: RunningDagster, api: Api, ada: User) -> None:
    """They are accepted and pending, and processed when its code server is back."""
    book = dagster.book()
    dagster.kill(CODE)
    path = request_book(api, ada, book)
    ready = api.readiness()
    waiting = api.ask("GET", path, ada).json()
    dagster.start(CODE)

    assert (503, "unavailable") == (ready.status_code, ready.json()["status"])
    assert "code server" in ready.json()["checks"]["dagster"]
    assert "pending" == waiting["status"]
    assert status(api, ada, path, "completed")["book_id"]


def test_many_listeners_share_one_poller_per_run(dagster: RunningDagster, api: Api, ada: User) -> None:
    """Fifty streams on two runs are two pollers, and none is left when they have ended."""
    books = [dagster.book() for _ in range(2)]
    with ExitStack() as held:
        for book in books:
            held.enter_context(dagster.held(book.title))
        paths = [request_book(api, ada, book) for book in books]
        with ThreadPoolExecutor(50) as threads:
            streams = [threads.submit(listen, api, ada, path) for path in paths for _ in range(25)]
            pollers = wait_for(lambda: api.broadcaster.listeners == 50 and api.broadcaster.pollers)
            held.close()
            ended = [stream.result()[-1]["data"]["status"] for stream in streams]

    assert 2 == pollers
    assert ["completed"] * 50 == ended
    assert wait_for(lambda: api.broadcaster.pollers == 0)


def _outcome(api: Api, job_id: str) -> str | None:
    """The outcome in the job's row."""
    with api.database.session() as session:
        return session.get_one(JobRow, UUID(job_id)).outcome


def _run(dagster: RunningDagster, run_id: str) -> Any:
    connection = Connection(dagster.settings)
    try:
        return connection.instance.get_run_by_id(run_id)
    finally:
        connection.close()
