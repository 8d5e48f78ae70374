"""A real Dagster: code server with the pipeline, queue and daemon, with scripted providers."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL

from bookbytes_api.runs.connection import Connection
from bookbytes_pipeline.constants import LOCATION
from bookbytes_pipeline.processes.code_server_command import code_server_command
from bookbytes_pipeline.processes.ports import LOOPBACK, is_listening
from bookbytes_pipeline.settings import Settings
from tests.api.client import free_port, offline_settings, wait_for
from tests.cli_runner import COMMANDS
from tests.dagster_stack.books import Books, books
from tests.proc import descendants, run_processes

ROOT = Path(__file__).parents[2]
CODE, DAEMON = "code server", "daemon"
SERVICE = ("bookbytes", "code-server")


@dataclass
class RunningDagster(Books):
    """The processes of one Dagster, and the books that its providers know."""

    settings: Settings
    env: Mapping[str, str]
    code: Sequence[str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The folder of Dagster's files and of what its processes print."""
        return Path(self.env["DAGSTER_HOME"])

    def printed(self, name: str) -> str:
        """Everything that the code server or the daemon has printed."""
        return (self.home / f"{name}.log").read_text()

    def start(self, name: str) -> None:
        """Start the daemon, or start the code server and wait until it listens."""
        workspace = str(self.home / "workspace.yaml")
        program, *arguments = self.code if name == CODE else ("dagster-daemon", "run", "-w", workspace)
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [COMMANDS / program, *arguments], env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        if name == CODE:
            wait_for(lambda: is_listening(LOOPBACK, self.settings.dagster_grpc_port))

    def kill(self, name: str) -> None:
        """Kill a process and everything it started; our own code server does the latter itself."""
        process = self.processes.pop(name)
        started = descendants(process.pid)
        for pid in (process.pid, *(() if name == CODE and self.code is SERVICE else started)):
            with suppress(ProcessLookupError):
                os.kill(pid, SIGKILL)
        process.wait()
        wait_for(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in started))

    @contextmanager
    def unreachable_for_daemon(self) -> Iterator[None]:
        """Until the block ends the daemon looks for the code server where there is none."""
        self.kill(DAEMON)
        _write_workspace(self.home, free_port())
        self.start(DAEMON)
        try:
            yield
        finally:
            self.kill(DAEMON)
            _write_workspace(self.home, self.settings.dagster_grpc_port)
            self.start(DAEMON)

    def kill_workers(self, number: int = SIGKILL) -> None:
        """Send a signal to every process that executes a run."""
        for pid in run_processes(self.processes[CODE].pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


@contextmanager
def running_dagster(
    home: Path, database_url: str | None = None, records: str | None = None
) -> Iterator[RunningDagster]:
    """Run code server and daemon on an embedded home until the block ends.

    With the URL of a database for Dagster's `records` they run as in containers: with the commands of the containers
    and an empty home. Tables are created where they are missing.
    """
    with books() as providers:
        settings = offline_settings(home, database_url, **providers.settings_values, dagster_grpc_port=free_port())
        env = _environment(settings, providers)
        if records:
            env["DAGSTER_HOME"] = str(_create_home(home / "records", records))
            subprocess.run([COMMANDS / "bookbytes", "migrate"], env=env, check=True)
        else:
            _create_tables(settings)
        _write_workspace(Path(env["DAGSTER_HOME"]), settings.dagster_grpc_port)
        code = SERVICE if records else code_server_command(LOOPBACK, settings.dagster_grpc_port, logs_as_json=True)
        running = RunningDagster(providers.addresses, providers.model, providers.documents, settings, env, code)
        running.start(CODE)
        running.start(DAEMON)
        try:
            yield running
        finally:
            for name in list(running.processes):
                running.kill(name)


def _environment(settings: Settings, providers: Books) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return inherited | {
        "BOOKBYTES_HOME": str(settings.bookbytes_home),
        "DAGSTER_HOME": str(settings.dagster_home),
        "DATABASE_URL": settings.database_url or "",
        "TTS_PROVIDER": "espeak",
        "LOG_FORMAT": "json",
        "DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS": "1",
        "DAGSTER_GRPC_PORT": str(settings.dagster_grpc_port),
        **providers.addresses,
    }


def _create_tables(settings: Settings) -> None:
    """Create Dagster's home and tables."""
    connection = Connection(settings)
    assert connection.instance
    connection.close()


def _create_home(home: Path, records: str) -> Path:
    """Create a home on PostgreSQL, with a queue that checks more often whether the code server is back."""
    home.mkdir()
    embedded = (ROOT / "dagster.yaml").read_text()
    config = embedded.replace("user_code_failure_retries: 3", "user_code_failure_retries: 300")
    config = config.replace("failure_retry_delay: 15", "failure_retry_delay: 1")
    (home / "dagster.yaml").write_text(f"{config}\n{storage_at(records)}\n")
    return home


def storage_at(records: str) -> str:
    """Return the line of `dagster.yaml` for the database of this URL."""
    url = records.replace("+psycopg:", "+psycopg2:")
    return f"storage: {{postgres: {{postgres_url: '{url}'}}}}"


def _write_workspace(home: Path, port: int) -> None:
    server = f"{{host: 127.0.0.1, port: {port}, location_name: {LOCATION}}}"
    (home / "workspace.yaml").write_text(f"load_from:\n  - grpc_server: {server}\n")
