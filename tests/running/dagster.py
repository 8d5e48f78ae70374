"""A real Dagster: code server with the pipeline, queue and daemon; and providers that do as a test says."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from signal import SIGKILL
from typing import TypeVar

from aiohttp import web

from bookbytes_api.runs.connection import Connection
from bookbytes_pipeline.names import LOCATION
from bookbytes_pipeline.settings import Settings
from tests.api.client import free_port, offline_settings, wait_for
from tests.making import COMMANDS, KEY
from tests.upstreams.open_library import Document, book_documents, open_library_app
from tests.upstreams.openai_api import Canned, OpenAIApi
from tests.upstreams.server import serving

ROOT = Path(__file__).parents[2]
CODE, DAEMON = "code server", "daemon"
SERVER = (
    "dagster",
    "api",
    "grpc",
    "-m",
    LOCATION,
    "--location-name",
    LOCATION,
    "-h",
    "127.0.0.1",
    "--log-format",
    "json",
)
SERVICE = ("bookbytes", "code-server")
CHAPTERS = 3
_ISBNS = count(1)
Seen = TypeVar("Seen")


class Model(OpenAIApi):
    """A language model that keeps questions about some titles waiting: those in `closed`."""

    def __init__(self) -> None:
        super().__init__(KEY, longest=30)
        self.closed: set[str] = set()

    async def _complete(self, request: web.Request) -> web.Response:
        question = (await request.json())["messages"][-1]["content"]
        while any(title in question for title in self.closed):  # noqa: ASYNC110 - another thread opens them
            await asyncio.sleep(0.02)
        return await super()._complete(request)

    def asked_about(self, title: str) -> int:
        """How many questions about this title were answered or refused."""
        return sum(title in asked["messages"][-1]["content"] for asked in self.requests)


@dataclass
class Book:
    """A book that the catalogue and the model know. Its title and those of its chapters are nobody else's."""

    isbn: str
    title: str
    chapters: tuple[str, ...]


@dataclass
class RunningDagster:
    """The processes, and what they are run with."""

    settings: Settings
    env: Mapping[str, str]
    model: Model
    documents: dict[str, Document]
    code: Sequence[str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def book(self) -> Book:
        """A new book."""
        number = next(_ISBNS)
        title = f"Volume {number} of the River"
        book = Book(isbn_of(number), title, tuple(f"Bend {bend} of {title}" for bend in range(1, CHAPTERS + 1)))
        made = book_documents(
            isbn=book.isbn, title=title, author="Ada Ford", contents=book.chapters, number_of_pages=90
        )
        self.documents.update(made)
        return book

    @contextmanager
    def held(self, title: str) -> Iterator[None]:
        """The model answers no question about this title before the block ends."""
        self.model.closed.add(title)
        try:
            yield
        finally:
            self.model.closed.discard(title)

    def refuse(self, chapter: str) -> None:
        """The model declines the next question about this chapter for good."""
        error = {"error": {"message": "no", "type": "invalid_request_error", "code": "content_policy_violation"}}
        self.model.script.append(Canned(400, error, when=chapter))

    @property
    def home(self) -> Path:
        """Where Dagster's files are, and what its processes print."""
        return Path(self.env["DAGSTER_HOME"])

    def printed(self, name: str) -> str:
        """Everything that the code server or the daemon printed so far."""
        return (self.home / f"{name}.log").read_text()

    def start(self, name: str) -> None:
        """Start the code server or the daemon; the code server is waited for."""
        workspace = str(self.home / "workspace.yaml")
        program, *arguments = self.code if name == CODE else ("dagster-daemon", "run", "-w", workspace)
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [COMMANDS / program, *arguments], env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        if name == CODE:
            wait_for(lambda: _listens(self.settings.dagster_grpc_port))

    def kill(self, name: str) -> None:
        """End a process and everything it started, without a word; a code server of ours sees to the latter itself."""
        process = self.processes.pop(name)
        started = _children(process.pid)
        for pid in (process.pid, *(() if name == CODE and self.code is SERVICE else started)):
            with suppress(ProcessLookupError):
                os.kill(pid, SIGKILL)
        process.wait()
        wait_for(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in started))

    def kill_workers(self, number: int = SIGKILL) -> None:
        """End every process that executes a run, without a word unless the signal is another."""
        for pid in _children(self.processes[CODE].pid):
            with suppress(ProcessLookupError, FileNotFoundError):
                if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, number)


@contextmanager
def running_dagster(
    home: Path, database_url: str | None = None, records: str | None = None
) -> Iterator[RunningDagster]:
    """Code server and daemon on an embedded home, until the block ends.

    With the URL of a database for Dagster's `records` they run as in containers: started by the commands that are made
    for them, with a home that has no other files. Databases without tables are given some.
    """
    documents: dict[str, Document] = {}
    model = Model()
    with serving(open_library_app(documents)) as catalogue, serving(model.application()) as writing:
        chosen = {
            "openlibrary_base_url": catalogue,
            "llm_provider": "openai",
            "openai_base_url": f"{writing}/v1",
            "openai_api_key": KEY,
            "dagster_grpc_port": free_port(),
        }
        settings = offline_settings(home, database_url, **chosen)
        env = _environment(settings, chosen)
        if records:
            env["DAGSTER_HOME"] = str(_furnish_records(home / "records", records))
            subprocess.run([COMMANDS / "bookbytes", "migrate"], env=env, check=True)
        else:
            _furnish(settings)
        _tell_where_the_code_is(Path(env["DAGSTER_HOME"]), settings)
        code = SERVICE if records else (*SERVER, "-p", str(settings.dagster_grpc_port))
        running = RunningDagster(settings, env, model, documents, code)
        running.start(CODE)
        running.start(DAEMON)
        try:
            yield running
        finally:
            model.closed.clear()
            for name in list(running.processes):
                running.kill(name)


def isbn_of(number: int) -> str:
    """The ISBN-13 with this number before its check digit."""
    body = f"978{number:09d}"
    return body + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10)


def _environment(settings: Settings, chosen: Mapping[str, object]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "BOOKBYTES_HOME": str(settings.bookbytes_home),
        "DAGSTER_HOME": str(settings.dagster_home),
        "DATABASE_URL": settings.database_url or "",
        "TTS_PROVIDER": "espeak",
        "LOG_FORMAT": "json",
        "DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS": "1",
        **{name.upper(): str(value) for name, value in chosen.items()},
    }


def _furnish(settings: Settings) -> None:
    """Make Dagster's home and tables."""
    connection = Connection(settings)
    assert connection.instance
    connection.close()


def _furnish_records(home: Path, records: str) -> Path:
    """A home on PostgreSQL, with a queue that looks more often whether the code server is back."""
    home.mkdir()
    embedded = (ROOT / "dagster.yaml").read_text()
    patient = embedded.replace("user_code_failure_retries: 3", "user_code_failure_retries: 300")
    patient = patient.replace("failure_retry_delay: 15", "failure_retry_delay: 1")
    (home / "dagster.yaml").write_text(f"{patient}\n{storage_at(records)}\n")
    return home


def storage_at(records: str) -> str:
    """The line of `dagster.yaml` for the database of this URL."""
    url = records.replace("+psycopg:", "+psycopg2:")
    return f"storage: {{postgres: {{postgres_url: '{url}'}}}}"


def _tell_where_the_code_is(home: Path, settings: Settings) -> None:
    server = f"{{host: 127.0.0.1, port: {settings.dagster_grpc_port}, location_name: {LOCATION}}}"
    (home / "workspace.yaml").write_text(f"load_from:\n  - grpc_server: {server}\n")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _children(pid: int) -> list[int]:
    """The children of a process and theirs; each thread has its own."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    direct = [int(child) for listed in threads for child in listed.read_text().split()]
    return [child for parent in direct for child in (parent, *_children(parent))]
