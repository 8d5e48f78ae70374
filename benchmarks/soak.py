"""Twenty minutes of `bookbytes serve`: what grows while books are made, providers fail, parts crash and people listen.

`make soak` runs it; BOOKS and MINUTES in the environment make it shorter. Exit code 0 means that every book was
completed, each chapter of it once.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import httpx
import psutil
from aiohttp import web

from tests.api.client import PASSWORD
from tests.cli_runner import offline
from tests.dagster_stack.books import Book, Books, Model, books
from tests.processes.served import Served, on_free_ports, served

BOOKS = int(os.environ.get("BOOKS", "200"))
MINUTES = float(os.environ.get("MINUTES", "20"))
FAULTS = 0.1
"""The share of the model's answers that are errors or broken connections."""
CRASH_INTERVAL_S = 90
LISTENERS = 5
WARM_UP_BOOKS = 10
"""Made before the first measurement, so that what is loaded or pooled once does not count as growth."""
PARTS = {"API": "bookbytes_api", "code server": "api grpc", "daemon": "dagster-daemon run", "UI": "dagster-webserver"}
ADA = {"email": "ada@example.org", "password": PASSWORD}
_MB = 2**20


@dataclass(frozen=True)
class Sample:
    """One process: resident memory in MB, open files, connections and threads."""

    memory: float
    files: int
    connections: int
    threads: int


class FaultyModel(Model):
    """A model of whose answers some are errors, and some break off."""

    def __init__(self) -> None:
        super().__init__()
        self._chance = random.Random(1)  # noqa: S311 - the same faults in each soak

    async def _complete(self, request: web.Request) -> web.Response:
        chance = self._chance.random()
        if chance < FAULTS / 2 and request.transport is not None:
            request.transport.close()
            return web.Response()
        if chance < FAULTS:
            return web.Response(status=self._chance.choice([429, 500, 503]), headers={"Retry-After": "1"})
        return await super()._complete(request)


def main() -> None:
    """Soak and print."""
    with TemporaryDirectory() as folder, books(FaultyModel()) as providers:
        home = Path(folder) / "home"
        settings = {"MAX_JOBS_PER_USER": "1000", "SUMMARY_MINUTES": "1", "TTS_PROVIDER": "espeak"}
        env = on_free_ports(offline(home, **settings, **providers.addresses))
        with served(env) as running, _client(env) as client:
            ok = _soak(running, client, providers, home)
    sys.exit(0 if ok else 1)


def _soak(running: Served, client: httpx.Client, providers: Books, home: Path) -> bool:
    began = time.monotonic()
    made = _request(client, [providers.book() for _ in range(WARM_UP_BOOKS)])
    _wait(client, made, began)
    before, disk_before = _samples(running), _disk(home)
    stopped, played = Event(), [0] * LISTENERS
    threads = [Thread(target=_crash, args=(running, stopped), daemon=True)]
    threads += [Thread(target=_listen, args=(client, stopped, played, number)) for number in range(LISTENERS)]
    for thread in threads:
        thread.start()
    requested = [providers.book() for _ in range(BOOKS - WARM_UP_BOOKS)]
    jobs = _request(client, requested)
    failed = _wait(client, jobs, began)
    stopped.wait(max(0, began + MINUTES * 60 - time.monotonic()))
    stopped.set()
    for thread in threads:
        thread.join()
    time.sleep(30)  # what is open after the last request is closed
    _print(before, _samples(running), disk_before, _disk(home))
    repeated = [title for book in requested for title in book.chapters if providers.model.asked_about(title) > 1]
    print(
        f"\n{BOOKS} books in {(time.monotonic() - began) / 60:.0f} minutes, {len(failed)} failed; "
        f"{len(repeated)} of {sum(len(book.chapters) for book in requested)} chapters were answered more than once; "
        f"{sum(played)} clips played."
    )
    for error in failed[:5]:
        print(f"  {error}")
    return not failed


@contextmanager
def _client(env: dict[str, str]) -> Iterator[httpx.Client]:
    transport = httpx.HTTPTransport(retries=5)
    with httpx.Client(base_url=f"http://127.0.0.1:{env['PORT']}", timeout=60, transport=transport) as client:
        client.post("/api/v1/auth/register", json=ADA)
        token = client.post("/api/v1/auth/login", json=ADA).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def _request(client: httpx.Client, wanted: Sequence[Book]) -> list[str]:
    jobs = []
    for book in wanted:
        while True:
            with suppress(httpx.TransportError):
                answer = client.post("/api/v1/books/process", json={"isbn": book.isbn})
                if answer.is_success:
                    jobs.append(str(answer.json()["job_id"]))
                    break
            time.sleep(1)
    return jobs


def _wait(client: httpx.Client, jobs: Sequence[str], began: float) -> list[str]:
    """Wait for the ends of these jobs; returns the errors of those that failed. A failed job is retried once."""
    waiting, retried, failed = list(jobs), set[str](), []
    while waiting:
        for job in list(waiting):
            with suppress(httpx.TransportError, ValueError, KeyError):
                answer = client.get(f"/api/v1/jobs/{job}").json()
                if answer["status"] == "failed" and job not in retried:
                    client.post(f"/api/v1/jobs/{job}/retry")
                    retried.add(job)
                elif answer["status"] in {"completed", "failed", "cancelled"}:
                    waiting.remove(job)
                    failed += [str(answer["error"])] if answer["status"] != "completed" else []
        print(f"\r{(time.monotonic() - began) / 60:5.1f} min, {len(waiting)} books to go  ", end="", flush=True)
        time.sleep(2)
    print()
    return failed


def _crash(running: Served, stopped: Event) -> None:
    """Kill one part after the other, and now and then the process of a run."""
    parts = [*PARTS.values(), "spawn_main"]
    while not stopped.wait(CRASH_INTERVAL_S):
        parts.append(parts.pop(0))
        for pid in running.processes(parts[-1])[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _listen(client: httpx.Client, stopped: Event, played: list[int], number: int) -> None:
    chance = random.Random(number)  # noqa: S311 - no secret
    while not stopped.wait(0.5):
        with suppress(httpx.HTTPError, ValueError, KeyError, IndexError):
            book = chance.choice(client.get("/api/v1/books?size=50").json()["items"])
            chapter = chance.choice(client.get(f"/api/v1/books/{book['id']}").json()["chapters"])
            start = chance.randrange(1000)
            clip = client.get(chapter["audio_url"], headers={"Range": f"bytes={start}-"})
            played[number] += clip.status_code == httpx.codes.PARTIAL_CONTENT


def _samples(running: Served) -> dict[str, Sample]:
    found = {"supervisor": _sample(psutil.Process(running.process.pid))}
    for title, text in PARTS.items():
        leaders = [psutil.Process(pid) for pid in running.processes(text)]
        found[title] = _sample(min(leaders, key=lambda process: process.create_time()))
    return found


def _sample(process: psutil.Process) -> Sample:
    with process.oneshot():
        connections = len(process.net_connections("tcp"))
        return Sample(process.memory_info().rss / _MB, process.num_fds(), connections, process.num_threads())


def _disk(home: Path) -> dict[str, float]:
    """MB in each folder of the home, and in the files of the home itself."""
    sizes = {folder.name: _size(folder.rglob("*")) for folder in sorted(home.iterdir()) if folder.is_dir()}
    return sizes | {"files": _size(home.iterdir())}


def _size(files: Iterator[Path]) -> float:
    total = 0
    for file in files:
        with suppress(OSError):
            total += file.stat().st_size if file.is_file() else 0
    return total / _MB


def _print(
    before: dict[str, Sample], after: dict[str, Sample], disk_before: dict[str, float], disk_after: dict[str, float]
) -> None:
    print(f"\n{'':<14}{'memory, MB':>16}{'open files':>16}{'connections':>16}{'threads':>16}")
    for title, old in before.items():
        new = after[title]
        pairs = (
            (f"{old.memory:.0f}", f"{new.memory:.0f}"),
            (old.files, new.files),
            (old.connections, new.connections),
            (old.threads, new.threads),
        )
        print(f"{title:<14}" + "".join(f"{f'{first} → {last}':>16}" for first, last in pairs))
    print(f"\n{'disk, MB':<14}{'before':>10}{'after':>10}{'a book':>10}")
    for folder, size in disk_after.items():
        old_size = disk_before.get(folder, 0)
        print(f"{folder:<14}{old_size:>10.1f}{size:>10.1f}{(size - old_size) / (BOOKS - WARM_UP_BOOKS):>10.3f}")


if __name__ == "__main__":
    main()
