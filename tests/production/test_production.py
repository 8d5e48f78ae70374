"""Production as `docker/compose.yaml` starts it: the road of one ISBN, and what happens when its parts are taken away.

PostgreSQL, SeaweedFS, API, code server, daemon and Dagster's UI are processes of their own. Whatever is stopped or
killed while a book is made, the job ends completed, with every chapter once, and nothing is asked of the language model
twice that it had answered. The tests share the processes and go from the road to the faults.
"""

import json
import time
from collections.abc import Iterator
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
    """Everything, and a person who is logged in."""

    services: Composed
    books: Books
    client: httpx.Client

    def ask(self, book: Book) -> str:
        """Ask for a book; the job's id."""
        answer = self.client.post("/api/v1/books/process", json={"isbn": book.isbn})
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return str(answer.json()["job_id"])

    def job(self, job: str) -> dict[str, Any]:
        """The job as it is now; the one before where the API cannot say it at the moment."""
        try:
            answer = self.client.get(f"/api/v1/jobs/{job}")
        except httpx.TransportError:
            return {"status": "unknown", "chapters_done": 0}
        return dict(answer.json()) if answer.is_success else {"status": "unknown", "chapters_done": 0}

    def until(self, job: str, **seen: Any) -> dict[str, Any]:
        """The job once it is like that."""
        deadline = time.monotonic() + 150
        while not seen.items() <= (now := self.job(job)).items():
            assert time.monotonic() < deadline, now
            assert now["status"] != "failed", now
            time.sleep(0.1)
        return now

    def chapters(self, book: Book) -> list[dict[str, Any]]:
        """The chapters in the library."""
        return list(self.client.get(f"/api/v1/books/isbn/{book.isbn}").json()["chapters"])

    def kept(self) -> set[str]:
        """The answers of the language model that are remembered."""
        return set(self.services.s3.keys("remembered/chapter_summary/"))

    def asked(self, book: Book) -> list[int]:
        """How many questions about each chapter the language model has answered."""
        return [self.books.model.asked_about(title) for title in book.chapters]


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """The services as compose starts them: tables first, then the code, then whoever needs it."""
    chosen = {"TTS_PROVIDER": "espeak"}
    with books() as providers, composed(tmp_path_factory.mktemp("compose"), providers.addresses | chosen) as services:
        services.run(MIGRATE)
        services.start(CODE, API)
        services.start(DAEMON, UI)
        with httpx.Client(base_url=services.api, timeout=60) as client:
            client.post("/api/v1/auth/register", json=ADA)
            token = client.post("/api/v1/auth/login", json=ADA).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield Production(services, providers, client)


def assert_made(production: Production, book: Book) -> None:
    """Every chapter is in the library once, in order, and can be heard."""
    chapters = production.chapters(book)
    assert list(book.chapters) == [chapter["title"] for chapter in chapters]
    for chapter in chapters:
        clip = production.client.get(chapter["audio_url"], follow_redirects=True)
        assert clip.headers["Content-Type"] == "audio/mpeg"
        assert len(clip.content) > 10_000


def test_the_road_of_one_isbn(production: Production, tmp_path: Path) -> None:
    """From the wish to the clip, which comes out of the bucket, in parts, to somebody without a token."""
    book = production.books.book()

    job = production.ask(book)
    with production.client.stream("GET", f"/api/v1/jobs/{job}/events") as stream:
        told = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]

    assert ("completed", 100) == (told[-1]["status"], told[-1]["progress"])
    assert_made(production, book)
    assert [1, 1, 1] == production.asked(book)
    chapter = production.chapters(book)[0]
    address = production.client.get(chapter["audio_url"]).headers["Location"]
    parts = [httpx.get(address, headers={"Range": f"bytes={part}"}) for part in ("0-9999", "10000-")]
    clip = tmp_path / "clip.mp3"
    clip.write_bytes(b"".join(part.content for part in parts))
    assert [206, 206] == [part.status_code for part in parts]
    with av.open(str(clip)) as file:
        seconds = sum(frame.samples for frame in file.decode(audio=0)) / file.streams.audio[0].rate
    assert chapter["duration"] == pytest.approx(seconds, abs=0.1)
    assert 200 == production.client.get("/health/ready").status_code


def test_what_a_run_printed_is_in_the_bucket(production: Production) -> None:
    """Where the Dagster UI reads it, whichever machine the run was on."""
    listed = production.services.s3.keys("dagster/storage/")
    assert any(key.endswith((".err", ".out")) for key in listed)


def test_the_operator_sees_the_book_in_the_dagster_ui(production: Production) -> None:
    """The UI reads the same records."""
    query = "{ runsOrError { ... on Runs { results { status } } } }"
    answer = httpx.post(f"{production.services.ui}/graphql", json={"query": query}, timeout=30)

    assert "SUCCESS" in answer.text


def test_postgresql_is_restarted_while_a_book_is_made(production: Production) -> None:
    """Every connection breaks, of runs, daemon and API; all find back."""
    book = production.books.book()
    with production.books.held(book.chapters[2]):
        job = production.ask(book)
        production.until(job, chapters_done=0, current_step="generating_summaries")
        production.services.postgres.stop()
        time.sleep(2)
        production.services.postgres.start()

    production.until(job, status="completed")
    assert_made(production, book)
    assert [1, 1, 1] == production.asked(book)


def test_s3_is_killed_while_a_book_is_made(production: Production) -> None:
    """What was answered meanwhile waits until it can be kept."""
    book = production.books.book()
    with production.books.held(book.chapters[2]):
        job = production.ask(book)
        production.until(job, current_step="generating_summaries")
        production.services.s3.kill()
    time.sleep(3)
    production.services.s3.start()

    production.until(job, status="completed")
    assert_made(production, book)
    assert [1, 1, 1] == production.asked(book)


def test_the_daemon_is_killed(production: Production) -> None:
    """A book that is being made is made; one that is asked for meanwhile waits for the daemon."""
    first, second = production.books.book(), production.books.book()
    with production.books.held(first.title):
        job = production.ask(first)
        production.until(job, current_step="generating_summaries")
        production.services.kill(DAEMON)
    production.until(job, status="completed")
    waiting = production.ask(second)
    production.services.start(DAEMON)

    production.until(waiting, status="completed")
    for book in (first, second):
        assert_made(production, book)
        assert [1, 1, 1] == production.asked(book)


def test_the_code_server_is_killed_with_its_runs(production: Production) -> None:
    """As when its machine dies: the next one closes the run, and Dagster goes on with what is missing."""
    book, before = production.books.book(), production.kept()
    with production.books.held(book.chapters[2]):
        job = production.ask(book)
        production.until(job, current_step="generating_summaries")
        production.services.wait_for(lambda: len(production.kept() - before) == len(book.chapters) - 1, CODE)
        production.services.kill(CODE)
        production.services.start(CODE)

    production.until(job, status="completed")
    assert_made(production, book)
    assert [1, 1] == production.asked(book)[:2]


def test_the_api_is_killed(production: Production) -> None:
    """The book is made without it, and the job is there when it is back."""
    book = production.books.book()
    with production.books.held(book.title):
        job = production.ask(book)
        production.until(job, current_step="generating_summaries")
        production.services.kill(API)
    production.services.start(API)

    production.until(job, status="completed")
    assert_made(production, book)
    assert [1, 1, 1] == production.asked(book)
