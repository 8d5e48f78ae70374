"""One `bookbytes serve`, from the first process to the last."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import dagster as dg

from bookbytes_pipeline.db.outages import root_cause
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.instance.orphaned_runs import (
    CodeServerAddress,
    StopReason,
    clean_up_orphaned_runs,
    fail_abandoned_runs,
)
from bookbytes_pipeline.processes.ports import LOOPBACK
from bookbytes_pipeline.processes.process_group import describe_exit
from bookbytes_pipeline.processes.run_monitor import RunMonitor
from bookbytes_pipeline.processes.serve.addresses import api_address, network_address, ui_address
from bookbytes_pipeline.processes.serve.log_files import ServiceLog
from bookbytes_pipeline.processes.serve.readiness import probes
from bookbytes_pipeline.processes.serve.services import API, CODE_SERVER, ServiceSpec, services
from bookbytes_pipeline.processes.serve.supervisor import SupervisedService, run_services
from bookbytes_pipeline.processes.shutdown import ShutdownRequest
from bookbytes_pipeline.settings import Settings

_THIS_MACHINE = CodeServerAddress(LOOPBACK)
"""With any port: a home is served once."""


def run_supervisor(settings: Settings, shutdown: ShutdownRequest) -> None:
    """Serve until a shutdown is requested; raises `ServiceFailed`."""
    with open_instance(settings) as instance:
        clean_up_orphaned_runs(settings, instance, _THIS_MACHINE, StopReason.DIED)
        probe = probes(settings, instance, started_at=time.time())
        supervised = [SupervisedService(spec, _log(settings, spec), probe[spec.name]) for spec in services(settings)]
        listener = ConsoleListener(settings, instance)
        try:
            with _run_monitor(settings, instance, supervised):
                run_services(supervised, listener, shutdown.is_requested)
        finally:
            for service in supervised:
                service.log.close()
            listener.stopped(_record_interruptions(settings, instance))


def _run_monitor(
    settings: Settings, instance: dg.DagsterInstance, supervised: Sequence[SupervisedService]
) -> RunMonitor:
    [code_server] = [service for service in supervised if service.spec.name == CODE_SERVER]
    return RunMonitor(
        instance,
        CodeServerAddress(LOOPBACK, settings.dagster_grpc_port),
        code_server.ready_pid,
        log=partial(click.echo, err=True),
        check_also=partial(fail_abandoned_runs, settings, instance),
    )


def _log(settings: Settings, spec: ServiceSpec) -> ServiceLog:
    """Return the service's log. Only the API's is echoed to the terminal, unless somebody is debugging."""
    prefix = f"{spec.name}: " if settings.debug else ""
    return ServiceLog(_log_file(settings, spec), settings.debug or spec.name == API, prefix)


def _log_file(settings: Settings, spec: ServiceSpec) -> Path:
    return settings.bookbytes_home / "logs" / f"{spec.name}.log"


@dataclass(frozen=True)
class ConsoleListener:
    """Prints what happens, and records in Dagster which runs died with the code server."""

    settings: Settings
    instance: dg.DagsterInstance

    def service_ready(self, spec: ServiceSpec, ready: int, total: int) -> None:
        """Print how far the start is."""
        click.echo(f"{spec.title} is ready ({ready} of {total}).")

    def needed_ready(self) -> None:
        """Print the addresses; the UI's takes a few seconds more."""
        address = self.settings.public_url or api_address(self.settings)
        on_a_phone = network_address(self.settings)
        lines = {
            "Listen at": address,
            "On a phone": on_a_phone if on_a_phone and not self.settings.public_url else None,
            "API docs": f"{address}/docs",
            "Dagster UI": ui_address(self.settings),
        }
        click.echo("BookBytes is ready. Ctrl-C stops it.")
        for title, where in lines.items():
            if where:
                click.echo(f"  {title:<12}{where}")

    def crashed(self, spec: ServiceSpec, exit_code: int) -> None:
        """Print which service crashed, and record the end of the runs that died with it."""
        if spec.name == CODE_SERVER:
            with suppress(Exception):  # where storage fails, too, the run monitor does it later
                clean_up_orphaned_runs(self.settings, self.instance, _THIS_MACHINE, StopReason.DIED)
        log = _log_file(self.settings, spec)
        click.echo(f"{spec.title} ended with {describe_exit(exit_code)}; restarting it. Its log: {log}", err=True)

    def stopping(self) -> None:
        """Print that the services are being stopped."""
        click.echo("Stopping BookBytes ...")

    def stopped(self, interrupted: int) -> None:
        """Print that nothing runs any more, and how many books were `interrupted`."""
        click.echo(f"Stopped{_interrupted_books(interrupted)}.")


def _record_interruptions(settings: Settings, instance: dg.DagsterInstance) -> int:
    """Record in Dagster which runs were stopped, for the next start to continue; returns how many books they make."""
    try:
        return clean_up_orphaned_runs(settings, instance, _THIS_MACHINE, StopReason.STOPPED)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the storage, the next start records them
        click.echo(f"Dagster's records cannot be written now: {root_cause(error)}.", err=True)
        return 0


def _interrupted_books(count: int) -> str:
    if not count:
        return ""
    books = "1 book was" if count == 1 else f"{count} books were"
    return f" while {books} being made. BookBytes continues with {'it' if count == 1 else 'them'} at the next start"
