"""How the API answers: with a hundred and with ten thousand jobs and runs on record, and while a clip is downloaded.

`make bench` runs it after the books. Two servers run side by side, and requests take turns between them.
"""

import os
import subprocess
import sys
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

from bookbytes_api.jobs.models import JobRow
from bookbytes_api.runs.connection import Connection
from bookbytes_pipeline.constants import CHAPTER_AUDIO, JOB
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import Settings
from tests.api.client import PASSWORD, answers, free_port, offline_settings, wait_for
from tests.api.factories import publish_book
from tests.cli_runner import offline
from tests.dagster_stack.books import isbn_of

FEW, MANY = 100, 10_000
WISHES = 40
UNDER_WAY = 4
"""Runs that are being executed: as many as the default allows."""
EVENTS = 40
REQUESTS = 300
SLOWEST_RATIO, SLOWEST_WISH = 1.3, 0.150
CLIP = 100 * 2**20
PEOPLE = "ada@example.org"


@dataclass(frozen=True)
class Served:
    """A server with jobs on record, and somebody who owns them."""

    settings: Settings
    client: httpx.Client
    pid: int
    jobs: list[UUID]

    def get(self, path: str) -> float:
        """Seconds until a request is answered."""
        began = time.perf_counter()
        self.client.get(path).raise_for_status()
        return time.perf_counter() - began

    def wish(self, isbn: str) -> float:
        """Seconds until a wish is accepted."""
        began = time.perf_counter()
        self.client.post("/api/v1/books/process", json={"isbn": isbn}).raise_for_status()
        return time.perf_counter() - began

    @property
    def memory(self) -> int:
        """Bytes that the server holds."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        few = stack.enter_context(_serving(Path(folder) / "few", FEW))
        many = stack.enter_context(_serving(Path(folder) / "many", MANY))
        print(f"\n{f'milliseconds, median of {REQUESTS}':<40}{f'{FEW:,} jobs':>12}{f'{MANY:,} jobs':>14}{'ratio':>7}")
        _compare("GET /jobs/{id}, finished", few, many, lambda server: f"/api/v1/jobs/{server.jobs[0]}")
        _compare("GET /jobs/{id}, under way", few, many, lambda server: f"/api/v1/jobs/{server.jobs[-1]}")
        _compare("GET /jobs?size=20", few, many, lambda _: "/api/v1/jobs?size=20")
        _wishes(many)
        _download(many)


def _compare(what: str, few: Served, many: Served, path: Callable[[Served], str]) -> None:
    taken = [(few.get(path(few)), many.get(path(many))) for _ in range(REQUESTS)][REQUESTS // 10 :]
    first, second = (median(times) * 1000 for times in zip(*taken, strict=True))
    print(f"{what:<40}{first:>12.1f}{second:>14.1f}{second / first:>7.2f}  (limit {SLOWEST_RATIO:g})", flush=True)


def _wishes(server: Served) -> None:
    """Each for another book: the job is new, and so is its run."""
    taken = [server.wish(isbn_of(900_000 + number)) for number in range(WISHES)]
    print(f"POST /books/process: {median(taken) * 1000:.0f} ms p50  (limit {SLOWEST_WISH * 1000:.0f})", flush=True)


def _download(server: Served) -> None:
    book = publish_book(server.settings, chapters={"A long one": bytes(CLIP)})
    chapter = server.client.get(f"/api/v1/books/{book}/chapters").json()[0]["id"]
    before = peak = server.memory
    began = time.perf_counter()
    with server.client.stream("GET", f"/api/v1/chapters/{chapter}/audio") as answer:
        for _ in answer.iter_raw(2**20):
            peak = max(peak, server.memory)
    grown, seconds = (peak - before) / 2**20, time.perf_counter() - began
    print(f"a clip of {CLIP // 2**20} MB: {seconds:.1f} s, the server grows by {grown:.1f} MB", flush=True)


@contextmanager
def _serving(home: Path, jobs: int) -> Iterator[Served]:
    port = free_port()
    settings = offline_settings(home, port=port, dagster_grpc_port=free_port(), max_jobs_per_user=50)
    env = offline(home, PORT=str(port), DAGSTER_GRPC_PORT=str(settings.dagster_grpc_port), MAX_JOBS_PER_USER="50")
    process = subprocess.Popen([sys.executable, "-m", "bookbytes_api"], env=env, stdout=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            wait_for(lambda: answers(client))
            user = client.post("/api/v1/auth/register", json={"email": PEOPLE, "password": PASSWORD}).json()["id"]
            told = client.post("/api/v1/auth/login", json={"email": PEOPLE, "password": PASSWORD}).json()
            client.headers["Authorization"] = f"Bearer {told['access_token']}"
            yield Served(settings, client, process.pid, _record(settings, UUID(user), jobs))
    finally:
        process.terminate()
        process.wait(40)


def _record(settings: Settings, user: UUID, number: int) -> list[UUID]:
    """Jobs and their runs, oldest first; the last ones are under way."""
    now = datetime.now(UTC)
    made = [_job(user, place, now - timedelta(minutes=number - place), number) for place in range(number)]
    connection = Connection(settings)
    for job in made:
        _add_run(connection.instance, job)
    connection.close()
    with Database(settings.library_url).session() as session:
        session.add_all(made)
    with Database(settings.library_url).session() as session:
        return list(session.scalars(select(JobRow.id).order_by(JobRow.created_at)))


def _job(user: UUID, place: int, at: datetime, number: int) -> JobRow:
    under_way = place >= number - UNDER_WAY
    outcome = {} if under_way else {"outcome": "completed", "completed_at": at, "progress": 100}
    facts = {"user_id": user, "isbn": isbn_of(place + 1), "run_id": str(uuid4()), "request_id": "bench"}
    return JobRow(**facts, created_at=at, submitted_at=at, started_at=at, **outcome)


def _add_run(instance: dg.DagsterInstance, job: JobRow) -> None:
    """A run as Dagster would have it on record; one that is under way has as many events as a book half made."""
    under_way = job.outcome is None
    status = dg.DagsterRunStatus.STARTED if under_way else dg.DagsterRunStatus.SUCCESS
    run = dg.DagsterRun(JOB, run_id=job.run_id, status=status, tags={"dagster/partition": job.isbn})
    instance.add_run(run)
    for _ in range(EVENTS if under_way else 0):
        instance.report_dagster_event(dg.DagsterEvent("STEP_START", JOB, step_key=CHAPTER_AUDIO), run.run_id)


if __name__ == "__main__":
    main()
