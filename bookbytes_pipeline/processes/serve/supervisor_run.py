"""One `bookbytes serve`, from the first process to the last."""

import time
from dataclasses import dataclass
from pathlib import Path

import click
import dagster as dg

from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.instance.orphaned_runs import CodeServerAddress, StopReason, clean_up_orphaned_runs
from bookbytes_pipeline.processes.process_group import how_it_ended
from bookbytes_pipeline.processes.serve.addresses import LOOPBACK, api_address, ui_address
from bookbytes_pipeline.processes.serve.log_files import Log
from bookbytes_pipeline.processes.serve.readiness import probes
from bookbytes_pipeline.processes.serve.services import API, CODE_SERVER, ServiceSpec, services
from bookbytes_pipeline.processes.serve.supervisor import SupervisedService, run_services
from bookbytes_pipeline.processes.shutdown import ShutdownRequest
from bookbytes_pipeline.settings import Settings

_HERE = CodeServerAddress(LOOPBACK)
"""At whichever port: a home is served once."""


def run_supervisor(settings: Settings, ending: ShutdownRequest) -> None:
    """Serve until the end is requested; raises `ServiceFailed`."""
    with open_instance(settings) as instance:
        clean_up_orphaned_runs(settings, instance, _HERE, StopReason.DIED)
        probe = probes(settings, instance, since=time.time())
        supervised = [SupervisedService(part, _log(settings, part), probe[part.name]) for part in services(settings)]
        telling = ConsoleListener(settings, instance)
        try:
            run_services(supervised, telling, ending.is_requested)
        finally:
            telling.ended(clean_up_orphaned_runs(settings, instance, _HERE, StopReason.STOPPED))


def _log(settings: Settings, part: ServiceSpec) -> Log:
    """The API says on the terminal what it does; the rest of it is for those who look for a fault."""
    prefix = f"{part.name}: " if settings.debug else ""
    return Log(_log_file(settings, part), settings.debug or part.name == API, prefix)


def _log_file(settings: Settings, part: ServiceSpec) -> Path:
    return settings.bookbytes_home / "logs" / f"{part.name}.log"


@dataclass(frozen=True)
class ConsoleListener:
    """Tells the person at the terminal, and Dagster about the runs that went down with the code server."""

    settings: Settings
    instance: dg.DagsterInstance

    def ready(self) -> None:
        """Say where everything is."""
        click.echo(
            "BookBytes is ready. Ctrl-C stops it.\n"
            f"  API         {api_address(self.settings)}\n"
            f"  API docs    {api_address(self.settings)}/docs\n"
            f"  Dagster UI  {ui_address(self.settings)}"
        )

    def crashed(self, part: ServiceSpec, exit_code: int) -> None:
        """Say which service ended, and record the runs that went down with it."""
        if part.name == CODE_SERVER:
            clean_up_orphaned_runs(self.settings, self.instance, _HERE, StopReason.DIED)
        log = _log_file(self.settings, part)
        click.echo(f"{part.title} ended with {how_it_ended(exit_code)} and is started again. Its log: {log}", err=True)

    def ending(self) -> None:
        """Say that the services are being stopped."""
        click.echo("Stopping BookBytes ...")

    def ended(self, interrupted: int) -> None:
        """Say how many books were `interrupted`."""
        if interrupted:
            books = "1 book was" if interrupted == 1 else f"{interrupted} books were"
            click.echo(f"Stopped while {books} being made. BookBytes goes on with that when it starts again.")
