"""Response times of the API with 100 and with 10,000 stored jobs and runs, and memory while a clip is downloaded.

`make bench` runs it after the book benchmark. Two servers run side by side, and requests alternate between them.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import dagster as dg
import httpx
from sqlalchemy import select

from benchmarks.serving import serving
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.runs.connection import Connection
from bookbytes_pipeline.constants import CHAPTER_AUDIO, JOB
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import Settings
from tests.api.client import free_port, offline_settings
from tests.api.factories import publish_book
from tests.cli_runner import offline
from tests.dagster_stack.books import isbn_of

FEW, MANY = 100, 10_000
REQUESTED_BOOKS = 40
RUNNING = 4
"""Runs in progress: as many as the default settings allow."""
EVENTS = 40
REQUESTS = 300
MAX_RATIO, MAX_REQUEST_S = 1.3, 0.150
CLIP_BYTES = 100 * 2**20


@dataclass(frozen=True)
class Served:
    """A server with stored jobs, and a client logged in as their user."""

    settings: Settings
    client: httpx.Client
    pid: int
    jobs: list[UUID]

    def get(self, path: str) -> float:
        """Return the seconds until a GET is answered."""
        began = time.perf_counter()
        self.client.get(path).raise_for_status()
        return time.perf_counter() - began

    def request_book(self, isbn: str) -> float:
        """Return the seconds until the request for a book is accepted."""
        began = time.perf_counter()
        self.client.post("/api/v1/books/process", json={"isbn": isbn}).raise_for_status()
        return time.perf_counter() - began

    @property
    def memory(self) -> int:
        """The resident memory of the server in bytes."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        few = stack.enter_context(_serving(Path(folder) / "few", FEW))
        many = stack.enter_context(_serving(Path(folder) / "many", MANY))
        print(f"\n{f'milliseconds, median of {REQUESTS}':<40}{f'{FEW:,} jobs':>12}{f'{MANY:,} jobs':>14}{'ratio':>7}")
        _compare("GET /jobs/{id}, finished", few, many, lambda server: f"/api/v1/jobs/{server.jobs[0]}")
        _compare("GET /jobs/{id}, running", few, many, lambda server: f"/api/v1/jobs/{server.jobs[-1]}")
        _compare("GET /jobs?size=20", few, many, lambda _: "/api/v1/jobs?size=20")
        _request_books(many)
        _download(many)


def _compare(label: str, few: Served, many: Served, path: Callable[[Served], str]) -> None:
    times = [(few.get(path(few)), many.get(path(many))) for _ in range(REQUESTS)][REQUESTS // 10 :]
    first, second = (median(column) * 1000 for column in zip(*times, strict=True))
    print(f"{label:<40}{first:>12.1f}{second:>14.1f}{second / first:>7.2f}  (limit {MAX_RATIO:g})", flush=True)


def _request_books(server: Served) -> None:
    """Each request is for another book: the job is new, and so is its run."""
    times = [server.request_book(isbn_of(900_000 + number)) for number in range(REQUESTED_BOOKS)]
    print(f"POST /books/process: {median(times) * 1000:.0f} ms p50  (limit {MAX_REQUEST_S * 1000:.0f})", flush=True)


def _download(server: Served) -> None:
    book = publish_book(server.settings, chapters={"A long one": bytes(CLIP_BYTES)})
    chapter = server.client.get(f"/api/v1/books/{book}/chapters").json()[0]["id"]
    before = peak = server.memory
    began = time.perf_counter()
    with server.client.stream("GET", f"/api/v1/chapters/{chapter}/audio") as response:
        for _ in response.iter_raw(2**20):
            peak = max(peak, server.memory)
    growth, seconds = (peak - before) / 2**20, time.perf_counter() - began
    print(f"a clip of {CLIP_BYTES // 2**20} MB: {seconds:.1f} s, the server grows by {growth:.1f} MB", flush=True)


@contextmanager
def _serving(home: Path, jobs: int) -> Iterator[Served]:
    port = free_port()
    settings = offline_settings(home, port=port, dagster_grpc_port=free_port(), max_jobs_per_user=50)
    env = offline(home, PORT=str(port), DAGSTER_GRPC_PORT=str(settings.dagster_grpc_port), MAX_JOBS_PER_USER="50")
    with serving(settings, env) as server:
        yield Served(settings, server.client, server.pid, _store_jobs(settings, server.user, jobs))


def _store_jobs(settings: Settings, user: UUID, count: int) -> list[UUID]:
    """Store jobs and their runs, oldest first, and return the jobs' ids; the last ones are running."""
    now = datetime.now(UTC)
    jobs = [_job(user, number, now - timedelta(minutes=count - number), count) for number in range(count)]
    connection = Connection(settings)
    for job in jobs:
        _add_run(connection.instance, job)
    connection.close()
    with Database(settings.library_url).session() as session:
        session.add_all(jobs)
    with Database(settings.library_url).session() as session:
        return list(session.scalars(select(JobRow.id).order_by(JobRow.created_at)))


def _job(user: UUID, number: int, at: datetime, count: int) -> JobRow:
    is_running = number >= count - RUNNING
    outcome = {} if is_running else {"outcome": "completed", "completed_at": at, "progress": 100}
    columns = {"user_id": user, "isbn": isbn_of(number + 1), "run_id": str(uuid4()), "request_id": "bench"}
    return JobRow(**columns, created_at=at, submitted_at=at, started_at=at, **outcome)


def _add_run(instance: dg.DagsterInstance, job: JobRow) -> None:
    """Store a run as Dagster would; one in progress has as many events as a half-processed book."""
    is_running = job.outcome is None
    status = dg.DagsterRunStatus.STARTED if is_running else dg.DagsterRunStatus.SUCCESS
    run = dg.DagsterRun(JOB, run_id=job.run_id, status=status, tags={"dagster/partition": job.isbn})
    instance.add_run(run)
    for _ in range(EVENTS if is_running else 0):
        instance.report_dagster_event(dg.DagsterEvent("STEP_START", JOB, step_key=CHAPTER_AUDIO), run.run_id)


if __name__ == "__main__":
    main()
