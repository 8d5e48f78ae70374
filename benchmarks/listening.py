"""How soon a book can be listened to, and how long all of it takes: at the terminal, over the API, eight at once.

`make bench` runs it. The language model takes a second for an answer, and the narrator a tenth for each of the many
parts of a chapter, with the default settings: five and four calls at once. Nothing is asserted.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from benchmarks.fakes import CHAPTERS, SPEAKING, FakeProviders, chain, fake_providers, isbns
from benchmarks.measuring import timed
from tests.cli_runner import COMMANDS, ISBN, KEY, offline
from tests.processes.served import COMMAND, Served, on_free_ports, served, wait_for

SPEECH_LATENCY = 0.1
AT_ONCE = {"model": 5, "gtts": 4}
"""The defaults of the settings."""
PEOPLE, BOOKS_EACH = 4, 2
REQUESTS = 5
"""From which the time to the first step is the median."""

MAX_CHAIN, MAX_FIRST_CLIP, MAX_RERUN_S, MAX_READY_S, MAX_FIRST_STEP_S = 1.15, 0.25, 3.0, 6.0, 1.2
MIN_THROUGHPUT, MAX_DELAY = 0.8, 2.0
STEPS = "query($run: ID!) { runOrError(runId: $run) { ... on Run { stepStats { startTime } } } }"
PASSWORD = "correct horse battery"  # noqa: S105 - of users of this benchmark


@dataclass(frozen=True)
class Listened:
    """When somebody could listen to a book that they requested, in seconds from the request."""

    first_step: float
    first_clip: float
    whole: float


def main() -> None:
    """Measure and print, each line as soon as it is measured."""
    print(f"\n{f'{len(CHAPTERS)} chapters: seconds':<36}{'measured':>9}{'against':>9}{'ratio':>7}", flush=True)
    with TemporaryDirectory() as folder, fake_providers(SPEAKING, SPEECH_LATENCY) as servers:
        env = _environment(servers, Path(folder) / "terminal")
        _at_the_terminal(servers, env)
        _over_the_api(servers, _environment(servers, Path(folder) / "served"))


def _at_the_terminal(servers: FakeProviders, env: Mapping[str, str]) -> None:
    home = Path(env["BOOKBYTES_HOME"])
    command = (COMMANDS / "bookbytes", "process", ISBN)
    first = timed(*command, env=env, cwd=home.parent)
    least = _chain(servers)
    limit = MAX_CHAIN * least + 2
    _row("the whole book at the terminal", first.seconds, limit, f"{MAX_CHAIN} x {least:.1f} s of calls, and 2")
    again = median(timed(*command, env=env, cwd=home.parent).seconds for _ in range(3))
    paid = [provider for provider, _ in servers.calls() if provider != "catalogue"]
    _row("again, with nothing to do", again, MAX_RERUN_S, f"{len(paid)} calls to model and narrator")


def _over_the_api(servers: FakeProviders, env: dict[str, str]) -> None:
    """One book alone; then how soon runs begin; then eight books at once."""
    env = on_free_ports(env | {"MAX_JOBS_PER_USER": "20", "WORKER_MAX_JOBS": str(PEOPLE * BOOKS_EACH)})
    known = isbns()
    began = time.monotonic()
    with served(env, command=COMMAND, ready="Starting") as serve:
        _row("`bookbytes serve` is ready", _seconds_until_ready(serve, began), MAX_READY_S, "it says so")
        wait_for(lambda: "The Dagster UI is ready" in serve.printed)  # it is asked when steps began
        with _client(serve, "ada") as ada:
            servers.calls()
            alone = _listen(ada, known[0])
            least = _chain(servers)
            limit = MAX_CHAIN * least + 4
            _row("the whole book over the API", alone.whole, limit, f"{MAX_CHAIN} x {least:.1f} s of calls, and 4")
            _row("its first clip", alone.first_clip, MAX_FIRST_CLIP * alone.whole, f"{MAX_FIRST_CLIP} of the whole")
            first_steps = [_first_step(serve, ada, isbn) for isbn in known[1 : 1 + REQUESTS]]
            _row("from request to first step, p50", median(first_steps), MAX_FIRST_STEP_S, f"{REQUESTS} requests")
        servers.calls()
        _several(servers, serve, known[-PEOPLE * BOOKS_EACH :], alone)


def _several(servers: FakeProviders, serve: Served, books: Sequence[str], alone: Listened) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(PEOPLE) as people:
        shares = [books[number::PEOPLE] for number in range(PEOPLE)]
        listened = list(people.map(lambda share: _listen_to_all(serve, share), shares))
    whole = time.monotonic() - began
    limit = _chain(servers)
    _row(f"{len(books)} books at once", whole, limit / MIN_THROUGHPUT, f"{limit:.1f} s of calls at {MIN_THROUGHPUT}")
    slowest = max(min(book.first_clip for book in books) for books in listened)
    _row("the last person's first clip", slowest, MAX_DELAY * alone.first_clip, f"{MAX_DELAY} x alone")


def _chain(servers: FakeProviders) -> float:
    return chain(servers.calls(), AT_ONCE, "gtts", SPEECH_LATENCY)


def _environment(servers: FakeProviders, home: Path) -> dict[str, str]:
    return offline(
        home,
        OPENLIBRARY_BASE_URL=servers.addresses["catalogue"],
        LLM_PROVIDER="openai",
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL=f"{servers.addresses['model']}/v1",
        TTS_PROVIDER="gtts",
        TTS_BASE_URL=servers.addresses["gtts"],
    )


def _seconds_until_ready(serve: Served, began: float) -> float:
    wait_for(lambda: "BookBytes is ready" in serve.printed)
    return time.monotonic() - began


@contextmanager
def _client(serve: Served, name: str) -> Iterator[httpx.Client]:
    account = {"email": f"{name}@example.org", "password": PASSWORD}
    with httpx.Client(base_url=f"http://127.0.0.1:{serve.env['PORT']}/api/v1", timeout=120) as client:
        client.post("/auth/register", json=account).raise_for_status()
        token = client.post("/auth/login", json=account).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def _listen_to_all(serve: Served, books: Sequence[str]) -> list[Listened]:
    with _client(serve, f"reader-{books[0]}") as client, ThreadPoolExecutor(len(books)) as requests:
        return list(requests.map(lambda isbn: _listen(client, isbn), books))


def _listen(client: httpx.Client, isbn: str) -> Listened:
    """Request a book and follow it to its end; the first clip counts once it has been received."""
    began = time.monotonic()
    first_step = first_clip = 0.0
    job: dict[str, Any] = {}
    for job in _events(client, _request(client, isbn)):
        if not first_step and job["current_step"] != "queued":
            first_step = time.monotonic() - began
        ready = [chapter["audio_url"] for chapter in job["chapters"] if chapter["audio_url"]]
        if ready and not first_clip:
            client.get(ready[0].removeprefix("/api/v1")).raise_for_status()
            first_clip = time.monotonic() - began
    if job["status"] != "completed":
        sys.exit(f"The book was not made: {job['error']}")
    return Listened(first_step, first_clip, time.monotonic() - began)


def _first_step(serve: Served, client: httpx.Client, isbn: str) -> float:
    """Request a book, and cancel it once its run has begun; Dagster's record has the time of the first step."""
    began = time.time()
    job_id = _request(client, isbn)
    job = next(job for job in _events(client, job_id) if job["current_step"] != "queued")
    client.post(f"/jobs/{job_id}/cancel").raise_for_status()
    steps = serve.graphql(STEPS, run=job["run_id"])["runOrError"]["stepStats"]
    return float(min(step["startTime"] for step in steps) - began)


def _request(client: httpx.Client, isbn: str) -> str:
    return str(client.post("/books/process", json={"isbn": isbn}).raise_for_status().json()["job_id"])


def _events(client: httpx.Client, job_id: str) -> Iterator[dict[str, Any]]:
    with client.stream("GET", f"/jobs/{job_id}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def _row(label: str, measured: float, against: float, note: str) -> None:
    verdict = "ok" if measured <= against else "over"
    print(f"{label:<36}{measured:>9.2f}{against:>9.2f}{measured / against:>7.2f}  {verdict:<6}{note}", flush=True)


if __name__ == "__main__":
    main()
