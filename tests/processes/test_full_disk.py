"""A disk that fills up: in the middle of a book, and while a log is written."""

import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookbytes_pipeline.processes.output import UnblockedOutput
from tests.api.client import PASSWORD
from tests.cli_runner import offline
from tests.dagster_stack.books import CHAPTERS, Book, books
from tests.proc import run_processes
from tests.processes.served import on_free_ports, served, wait_for
from tests.small_disk import small_disk

ADA = {"email": "ada@example.org", "password": PASSWORD}


def test_a_full_disk_stops_no_listener_and_loses_no_book(tmp_path: Path) -> None:
    """While it is full the library is heard and writing is refused; then the book is made, and paid for once."""
    with small_disk(tmp_path / "disk", megabytes=200) as disk, books() as providers:
        finished, interrupted = providers.book(), providers.book()
        last = interrupted.chapters[-1]
        env = on_free_ports(offline(disk.folder / "home", MIN_FREE_DISK_MB="50", **providers.addresses))
        with served(env) as running, httpx.Client(base_url=f"http://127.0.0.1:{env['PORT']}", timeout=60) as client:
            client.post("/api/v1/auth/register", json=ADA)
            client.headers["Authorization"] = f"Bearer {logged_in(client).json()['access_token']}"
            completed(client, requested(client, finished))
            with providers.held(last):
                job = requested(client, interrupted)
                wait_for(lambda: job_of(client, job)["progress"] > 0 and providers.model.asked_about(last) == 0)
                answers = disk.folder / "home" / "store" / "remembered" / "chapter_summary"
                wait_for(lambda: len([*answers.glob("[!.]*")]) == 2 * CHAPTERS - 1)  # they are kept
                disk.fill()
                ready, listed, login = client.get("/health/ready"), client.get("/api/v1/books"), logged_in(client)
                [chapter, *_] = client.get(f"/api/v1/books/isbn/{finished.isbn}").json()["chapters"]
                clip = client.get(chapter["audio_url"])
                refused = client.post("/api/v1/books/process", json={"isbn": providers.book().isbn})
            wait_for(lambda: not run_processes(running.process.pid))
            disk.free()
            ended = completed(client, job)

    assert (200, "impaired") == (ready.status_code, ready.json()["status"]), ready.text
    assert "MB are free for" in ready.json()["checks"]["disk"]
    assert [200, 200, 200] == [listed.status_code, login.status_code, clip.status_code]
    assert (503, "NO_SPACE") == (refused.status_code, refused.json()["error"]["code"])
    assert "Retry-After" not in refused.headers
    assert "completed" == ended["status"]
    assert [1, 1] == [providers.model.asked_about(title) for title in interrupted.chapters[:-1]]


def test_a_file_on_a_full_disk_is_continued_when_there_is_space(tmp_path: Path) -> None:
    """Its lines wait as for a reader; the service goes on meanwhile."""
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        log = disk.folder / "log"
        fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        output = UnblockedOutput(fd, lambda count: f"{count} dropped", lambda _: pytest.fail("it was given up"))
        disk.fill()
        output.write(b"while it is full " * 1000 + b"\n")
        disk.free()
        output.write(b"after it\n")
        written = wait_for(lambda: (content := log.read_bytes()).endswith(b"after it\n") and content)
        os.close(fd)

    assert b"while it is full " * 1000 + b"\nafter it\n" == written


def logged_in(client: httpx.Client) -> httpx.Response:
    """Log in once more."""
    return client.post("/api/v1/auth/login", json=ADA)


def requested(client: httpx.Client, book: Book) -> str:
    """Request a book; returns the id of the job."""
    job_id: str = client.post("/api/v1/books/process", json={"isbn": book.isbn}).json()["job_id"]
    return job_id


def job_of(client: httpx.Client, job_id: str) -> dict[str, Any]:
    """Read a job."""
    job: dict[str, Any] = client.get(f"/api/v1/jobs/{job_id}").json()
    return job


def completed(client: httpx.Client, job_id: str) -> dict[str, Any]:
    """Wait for the end of a job."""

    def poll() -> dict[str, Any] | None:
        job = job_of(client, job_id)
        return job if job.get("status") in {"completed", "failed", "cancelled"} else None

    return wait_for(poll)
