"""Dagster's code server as a service of its own, which a machine or a container may take down at any moment.

Dagster's own program for it, `dagster api grpc`, lacks two things. What it executed when its machine died stays
"started" for ever. And asked to end while a run is under way it goes on answering until that run has ended, but fails
every run that it is asked to launch: a queue of books is lost in seconds (one book and its two retries: six seconds).
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click
import dagster as dg
from filelock import FileLock, Timeout

from bookbytes_pipeline.constants import LOCATION
from bookbytes_pipeline.db.outages import is_database_down
from bookbytes_pipeline.domain.errors import BookBytesError, StoreUnavailable
from bookbytes_pipeline.instance.orphaned_runs import (
    CodeServerAddress,
    executes_runs,
    fail_orphaned_runs,
    grant_extra_retry,
    runs_in_progress_at,
)
from bookbytes_pipeline.instance.storage import open_instance_storage
from bookbytes_pipeline.processes.ports import AddressInUse, answers, require_free
from bookbytes_pipeline.processes.process_group import ProcessGroup, how_it_ended
from bookbytes_pipeline.processes.shutdown import ShutdownRequest, shutdown_on_signals
from bookbytes_pipeline.settings import Settings

NOTICED = 10.0
"""Seconds after which Dagster's daemon knows the new server; it looks every second, and reconnects within three.

A failed run that the daemon cannot start again, because there is no code, it gives up for good.
"""
PAUSE = 0.25
"""Seconds between two looks at the server."""


class CodeServerEnded(BookBytesError):
    """Dagster's code server ended by itself. Its last lines say why; starting it again may help."""

    code = "CODE_SERVER_ENDED"
    try_again = True


def serve_code(settings: Settings, host: str) -> None:
    """Serve the code at `host` until told to end; then let what is under way finish, but launch nothing new.

    What a predecessor at this address left behind is recorded as failed, so that Dagster takes it up again. Raises
    `AddressInUse` or `InstanceStorageUnavailable` before anything is started, `CodeServerEnded` later.
    """
    place = CodeServerAddress(settings.dagster_grpc_host, settings.dagster_grpc_port)
    with _only_one(settings), open_instance_storage(settings, patient=True) as instance:
        require_free(host, settings.dagster_grpc_port)  # Dagster's server would share the port without a word
        if executes_runs(instance):
            _require_alone(settings)
        attending = _Attending(settings, instance, place, host, runs_in_progress_at(place, instance))
        with shutdown_on_signals() as ending:
            _run(ProcessGroup(_command(settings, host), _environment()), attending, ending)


def _only_one(settings: Settings) -> AbstractContextManager[object]:
    """Hold the port on this machine until the last run has ended; one that is stopping answers nobody there."""
    locks = settings.bookbytes_home / "locks"
    try:
        locks.mkdir(parents=True, exist_ok=True)
        return FileLock(locks / f"code-server-{settings.dagster_grpc_port}.lock").acquire(timeout=0)
    except Timeout:
        raise AddressInUse(
            "A code server of this machine is there already, or still waits for its runs. Let it end, or stop it again."
        ) from None
    except OSError as error:
        raise StoreUnavailable(f"{locks} cannot be used: {error.strerror}. Check BOOKBYTES_HOME.") from error


def _run(server: ProcessGroup, attending: "_Attending", ending: ShutdownRequest) -> None:
    try:
        while not ending.is_requested():
            if server.exit_code is not None:
                raise CodeServerEnded(f"Dagster's code server ended with {how_it_ended(server.exit_code)}.")
            attending.look()
            time.sleep(PAUSE)
        attending.wait_for_runs(server, ending)
    finally:
        server.kill()


@dataclass
class _Attending:
    """What is done beside the server: `left` are a predecessor's runs."""

    settings: Settings
    instance: dg.DagsterInstance
    place: CodeServerAddress
    host: str
    left: Sequence[dg.RunRecord]
    since: float = field(default=0.0, init=False)

    def look(self) -> None:
        """Say once that the server listens; close the predecessor's runs when the daemon will have noticed it, too."""
        if not self.since:
            if answers(self.host, self.settings.dagster_grpc_port):
                self.since = time.monotonic()
                self._tell(f"Dagster's code server is ready at {self.host}:{self.settings.dagster_grpc_port}.")
        elif self.left and time.monotonic() - self.since > NOTICED:
            self._close_left()

    def wait_for_runs(self, server: ProcessGroup, ending: ShutdownRequest) -> None:
        """Let what is under way finish. Without a server the daemon keeps new runs in its queue."""
        server.kill_leader()
        self._tell("Stopping when the runs under way here have ended; asked again, at once.")
        self._uncount()
        while not (server.is_empty() or ending.is_forced()):
            time.sleep(PAUSE)
        self._tell("Stopped.")

    def _close_left(self) -> None:
        try:
            failed = fail_orphaned_runs(self.instance, self.left)
        except Exception as error:
            if not is_database_down(error):
                raise
            return  # the database is away: at the next look
        self.left = []
        if failed:
            self._tell(f"{failed} of the code server before this one did not end; Dagster takes them up again.")

    def _uncount(self) -> None:
        """Should the time not suffice, and the runs be killed, that is no attempt of theirs that failed."""
        with suppress(Exception):  # they may still finish; and at worst it counts
            for record in runs_in_progress_at(self.place, self.instance):
                grant_extra_retry(self.instance, record.dagster_run)

    def _tell(self, what: str) -> None:
        if self.settings.logs_as_json:
            line = {"event": what, "level": "info", "timestamp": datetime.now(UTC).isoformat(), "logger": "bookbytes"}
            what = json.dumps(line)
        click.echo(what)


def _require_alone(settings: Settings) -> None:
    """Raise `AddressInUse` if another machine serves under this one's name."""
    host, port = settings.dagster_grpc_host, settings.dagster_grpc_port
    if answers(host, port):
        raise AddressInUse(
            f"A code server answers at {host}:{port} already. Each of two would take the other's runs for lost: end "
            "that one first, or give this one a DAGSTER_GRPC_HOST of its own."
        )


def _command(settings: Settings, host: str) -> list[str]:
    """`dagster api grpc`, and not `dagster code-server`, which would put a second process before it."""
    form = ["--log-format", "json"] if settings.logs_as_json else []
    code = ["-m", LOCATION, "--location-name", LOCATION, "-h", host, "-p", str(settings.dagster_grpc_port)]
    return [str(Path(sys.executable).with_name("dagster")), "api", "grpc", *code, *form]


def _environment() -> dict[str, str]:
    """This one's, without Python's regret for semaphores of a server that was killed."""
    warnings = [os.environ.get("PYTHONWARNINGS", ""), "ignore:resource_tracker"]
    return os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": ",".join(filter(None, warnings))}
