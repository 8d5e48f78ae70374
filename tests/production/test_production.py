"""Production as `docker/compose.yaml` starts it: one ISBN from request to clip, and what happens when a service fails.

PostgreSQL, SeaweedFS, API, code server, daemon and Dagster's UI are separate processes. Whichever is stopped or killed
while a book is processed, the job is completed, with every chapter once, and the language model is not asked
again for anything that it had answered. The tests share the processes: first the normal case, then the failures.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from tests.dagster_stack.books import Book, Books, books
from tests.production.composed import API, CODE, DAEMON, MIGRATE, UI, Composed, composed

ADA = {"email": "ada@example.org", "password": "correct horse battery"}


@dataclass
class Production:
    """All services, and the HTTP client of a user who is logged in."""

    services: Composed
    books: Books
    client: httpx.Client

    def request_book(self, book: Book) -> str:
        """Request a book and return the job's id."""
        response = self.client.post("/api/v1/books/process", json={"isbn": book.isbn})
        assert response.status_code == httpx.codes.ACCEPTED, response.text
        return str(response.json()["job_id"])

    def job(self, job: str) -> dict[str, Any]:
        """The job as it is now; its status is `unknown` while the API is unavailable."""
        try:
            response = self.client.get(f"/api/v1/jobs/{job}")
        except httpx.TransportError:
            return {"status": "unknown", "chapters_done": 0}
        return dict(response.json()) if response.is_success else {"status": "unknown", "chapters_done": 0}

    def wait_until(self, job: str, **expected: Any) -> dict[str, Any]:
        """Wait until the job has these values, and return it."""
        deadline = time.monotonic() + 240
        while not expected.items() <= (now := self.job(job)).items():
            assert time.monotonic() < deadline, now
            assert now["status"] != "failed", now
            time.sleep(0.3)
        return now

    def chapters(self, book: Book) -> list[dict[str, Any]]:
        """The chapters in the library."""
        return list(self.client.get(f"/api/v1/books/isbn/{book.isbn}").json()["chapters"])

    def cached_answers(self) -> set[str]:
        """The keys of the language model's cached answers."""
        return set(self.services.s3.keys("remembered/chapter_summary/"))

    def requests_per_chapter(self, book: Book) -> list[int]:
        """How many requests about each chapter the language model has answered."""
        return [self.books.model.asked_about(title) for title in book.chapters]


@contextmanager
def running_production(folder: Path) -> Iterator[Production]:
    """The services as compose starts them: tables first, then the code server, then the services that need it."""
    with books() as providers, composed(folder, {**providers.addresses, "TTS_PROVIDER": "espeak"}) as services:
        services.run(MIGRATE)
        services.start(CODE, API)
        services.start(DAEMON, UI)
        with httpx.Client(base_url=services.api, timeout=60) as client:
            client.post("/api/v1/auth/register", json=ADA)
            token = client.post("/api/v1/auth/login", json=ADA).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield Production(services, providers, client)


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """All services, shared by these tests."""
    with running_production(tmp_path_factory.mktemp("compose")) as running:
        yield running


def assert_complete(production: Production, book: Book) -> None:
    """Every chapter is in the library once, in order, and has a clip that can be downloaded."""
    chapters = production.chapters(book)
    assert list(book.chapters) == [chapter["title"] for chapter in chapters]
    for chapter in chapters:
        clip = production.client.get(chapter["audio_url"], follow_redirects=True)
        assert clip.headers["Content-Type"] == "audio/mpeg"
        assert len(clip.content) > 10_000


def test_one_isbn_from_request_to_clip(production: Production, tmp_path: Path) -> None:
    """The clip comes from the bucket, also in ranges, without a token."""
    book = production.books.book()

    job = production.request_book(book)
    with production.client.stream("GET", f"/api/v1/jobs/{job}/events") as stream:
        events = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]

    assert ("completed", 100) == (events[-1]["status"], events[-1]["progress"])
    assert_complete(production, book)
    assert [1, 1, 1] == production.requests_per_chapter(book)
    chapter = production.chapters(book)[0]
    address = production.client.get(chapter["audio_url"]).headers["Location"]
    responses = [httpx.get(address, headers={"Range": f"bytes={part}"}) for part in ("0-9999", "10000-")]
    clip = tmp_path / "clip.mp3"
    clip.write_bytes(b"".join(response.content for response in responses))
    assert [206, 206] == [response.status_code for response in responses]
    with av.open(str(clip)) as file:
        seconds = sum(frame.samples for frame in file.decode(audio=0)) / file.streams.audio[0].rate
    assert chapter["duration"] == pytest.approx(seconds, abs=0.1)
    assert 200 == production.client.get("/health/ready").status_code


def test_the_output_of_a_run_is_in_the_bucket(production: Production) -> None:
    """The Dagster UI reads it there, whichever machine the run was on."""
    listed = production.services.s3.keys("dagster/storage/")
    assert any(key.endswith((".err", ".out")) for key in listed)


def test_the_operator_sees_the_book_in_the_dagster_ui(production: Production) -> None:
    """The UI reads the same records."""
    query = "{ runsOrError { ... on Runs { results { status } } } }"
    response = httpx.post(f"{production.services.ui}/graphql", json={"query": query}, timeout=30)

    assert "SUCCESS" in response.text


def test_postgresql_is_restarted_while_a_book_is_processed(production: Production) -> None:
    """Every connection of runs, daemon and API breaks; all reconnect."""
    book = production.books.book()
    with production.books.held(book.chapters[2]):
        job = production.request_book(book)
        production.wait_until(job, chapters_done=0, current_step="generating_summaries")
        production.services.postgres.stop()
        time.sleep(2)
        production.services.postgres.start()

    production.wait_until(job, status="completed")
    assert_complete(production, book)
    assert [1, 1, 1] == production.requests_per_chapter(book)


def test_s3_is_killed_while_a_book_is_processed(production: Production) -> None:
    """Answers that arrive meanwhile are stored once the bucket is back."""
    book = production.books.book()
    with production.books.held(book.chapters[2]):
        job = production.request_book(book)
        production.wait_until(job, current_step="generating_summaries")
        production.services.s3.kill()
    time.sleep(3)
    production.services.s3.start()

    production.wait_until(job, status="completed")
    assert_complete(production, book)
    assert [1, 1, 1] == production.requests_per_chapter(book)


def test_the_daemon_is_killed(production: Production) -> None:
    """A book in progress is completed; one that is requested meanwhile waits for the daemon."""
    first, second = production.books.book(), production.books.book()
    with production.books.held(first.title):
        job = production.request_book(first)
        production.wait_until(job, current_step="generating_summaries")
        production.services.kill(DAEMON)
    production.wait_until(job, status="completed")
    queued = production.request_book(second)
    production.services.start(DAEMON)

    production.wait_until(queued, status="completed")
    for book in (first, second):
        assert_complete(production, book)
        assert [1, 1, 1] == production.requests_per_chapter(book)
