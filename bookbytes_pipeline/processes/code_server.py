"""Dagster's code server as a service of its own, on a machine or in a container that may stop at any moment.

Dagster's own program for it, `dagster api grpc`, lacks two things. The runs it executed when its machine died stay
"started" for ever. And asked to stop while a run is in progress it keeps answering until that run has ended, but fails
every run that it is asked to launch: a queue of books is lost in seconds (one book and its two retries: six seconds).
"""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread

import click
import dagster as dg

from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.instance.orphaned_runs import (
    CodeServerAddress,
    executes_runs,
    grant_extra_retry,
    runs_in_progress_at,
)
from bookbytes_pipeline.instance.storage import open_instance_storage
from bookbytes_pipeline.processes.code_server_command import code_server_command
from bookbytes_pipeline.processes.output import log_line, relay, unblocked_output
from bookbytes_pipeline.processes.ports import AddressInUse, is_listening, listen
from bookbytes_pipeline.processes.process_group import ProcessGroup, describe_exit
from bookbytes_pipeline.processes.run_monitor import RunMonitor
from bookbytes_pipeline.processes.shutdown import ShutdownRequest, shutdown_on_signals
from bookbytes_pipeline.processes.single_instance import single_instance
from bookbytes_pipeline.settings import Settings

POLL_INTERVAL_S = 0.25
RELAY_TIMEOUT_S = 1.0
"""How long the last lines of the killed server may take to arrive."""


class CodeServerEnded(BookBytesError):
    """Dagster's code server exited by itself. Its last lines say why; starting it again may help."""

    code = "CODE_SERVER_ENDED"
    try_again = True


def serve_code(settings: Settings, host: str) -> None:
    """Serve the code at `host` until asked to stop; then let the runs in progress finish, but launch no new ones.

    Runs that the previous code server at this address left unfinished are recorded as failed, so that Dagster retries
    them. Raises `AddressInUse` or `InstanceStorageUnavailable` before anything is started, `CodeServerEnded` later.
    """
    address = CodeServerAddress(settings.dagster_grpc_host, settings.dagster_grpc_port)
    already_running = AddressInUse(
        "A code server is already running on this machine, or is still waiting for its runs. Wait until it has "
        "stopped, or stop it a second time."
    )
    with (
        single_instance(settings.bookbytes_home, f"code-server-{settings.dagster_grpc_port}", already_running),
        open_instance_storage(settings, wait_for_database=True) as instance,
    ):
        # Dagster's server would silently share the port
        listen(host, settings.dagster_grpc_port, "DAGSTER_GRPC_PORT").close()
        if executes_runs(instance):
            _require_unused_name(settings)
        with unblocked_output(as_json=settings.logs_as_json), shutdown_on_signals() as shutdown:
            _CodeServer(settings, instance, address, host).run(shutdown)


@dataclass
class _CodeServer:
    """Dagster's code server at `address`, listening at `host`."""

    settings: Settings
    instance: dg.DagsterInstance
    address: CodeServerAddress
    host: str
    is_ready: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        port = self.settings.dagster_grpc_port
        command = code_server_command(self.host, port, logs_as_json=self.settings.logs_as_json)
        self._group = ProcessGroup(command, _environment(), captured=True)
        self._relay = Thread(target=relay, args=[self._group.output], daemon=True, name="code server's output")
        self._relay.start()

    def run(self, shutdown: ShutdownRequest) -> None:
        """Keep the runs monitored until a shutdown is requested; then wait for them."""
        try:
            with RunMonitor(self.instance, self.address, lambda: self._group.pid if self.is_ready else None, self._log):
                while not shutdown.is_requested():
                    if self._group.exit_code is not None:
                        code = describe_exit(self._group.exit_code)
                        raise CodeServerEnded(f"Dagster's code server ended with {code}.")
                    self._report_ready()
                    time.sleep(POLL_INTERVAL_S)
            self._wait_for_runs(shutdown)
        finally:
            self._group.kill()
            self._relay.join(RELAY_TIMEOUT_S)

    def _report_ready(self) -> None:
        if not self.is_ready and is_listening(self.host, self.settings.dagster_grpc_port):
            self.is_ready = True
            self._log(f"Dagster's code server is ready at {self.host}:{self.settings.dagster_grpc_port}.")

    def _wait_for_runs(self, shutdown: ShutdownRequest) -> None:
        """Let the runs in progress finish. Without a server the daemon keeps new runs in its queue."""
        self._group.kill_leader()
        self._log("Stopping once the runs in progress here have ended; a second signal stops them at once.")
        self._grant_extra_retries()
        while not (self._group.is_empty() or shutdown.is_forced()):
            time.sleep(POLL_INTERVAL_S)
        self._log("Stopped.")

    def _grant_extra_retries(self) -> None:
        """If the runs are killed before they finish, that should not count as a failed attempt."""
        with suppress(Exception):  # they may still finish; and at worst it counts
            for record in runs_in_progress_at(self.address, self.instance):
                grant_extra_retry(self.instance, record.dagster_run)

    def _log(self, message: str) -> None:
        click.echo(log_line(message, as_json=self.settings.logs_as_json))


def _require_unused_name(settings: Settings) -> None:
    """Raise `AddressInUse` if another machine serves under the name of this one."""
    host, port = settings.dagster_grpc_host, settings.dagster_grpc_port
    if is_listening(host, port):
        raise AddressInUse(
            f"A code server already answers at {host}:{port}. Each of the two would treat the other's runs as lost: "
            "stop that one first, or give this one its own DAGSTER_GRPC_HOST."
        )


def _environment() -> dict[str, str]:
    """Return this process's environment, without Python's warning about semaphores of a killed server."""
    warnings = [os.environ.get("PYTHONWARNINGS", ""), "ignore:resource_tracker"]
    return os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": ",".join(filter(None, warnings))}
