"""One `bookbytes serve`, from the first process to the last."""

import time
from dataclasses import dataclass
from pathlib import Path

import click
import dagster as dg

from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.instance.orphaned_runs import End, Place, close_orphans
from bookbytes_pipeline.processes.process_group import how_it_ended
from bookbytes_pipeline.processes.serve.addresses import LOOPBACK, api_address, ui_address
from bookbytes_pipeline.processes.serve.log_files import Log
from bookbytes_pipeline.processes.serve.readiness import probes
from bookbytes_pipeline.processes.serve.services import API, CODE_SERVER, Part, parts
from bookbytes_pipeline.processes.serve.supervisor import Supervised, run_parts
from bookbytes_pipeline.processes.shutdown import Ending
from bookbytes_pipeline.settings import Settings

_HERE = Place(LOOPBACK)
"""At whichever port: a home is served once."""


def run_session(settings: Settings, ending: Ending) -> None:
    """Serve until the end is requested; raises `PartFailed`."""
    with open_instance(settings) as instance:
        close_orphans(settings, instance, _HERE, End.DIED)
        probe = probes(settings, instance, since=time.time())
        supervised = [Supervised(part, _log(settings, part), probe[part.name]) for part in parts(settings)]
        telling = _Telling(settings, instance)
        try:
            run_parts(supervised, telling, ending.is_requested)
        finally:
            telling.ended(close_orphans(settings, instance, _HERE, End.STOPPED))


def _log(settings: Settings, part: Part) -> Log:
    """The API says on the terminal what it does; the rest of it is for those who look for a fault."""
    prefix = f"{part.name}: " if settings.debug else ""
    return Log(_log_file(settings, part), settings.debug or part.name == API, prefix)


def _log_file(settings: Settings, part: Part) -> Path:
    return settings.bookbytes_home / "logs" / f"{part.name}.log"


@dataclass(frozen=True)
class _Telling:
    """Tells the person at the terminal, and Dagster about the runs that went down with the code server."""

    settings: Settings
    instance: dg.DagsterInstance

    def ready(self) -> None:
        click.echo(
            "BookBytes is ready. Ctrl-C stops it.\n"
            f"  API         {api_address(self.settings)}\n"
            f"  API docs    {api_address(self.settings)}/docs\n"
            f"  Dagster UI  {ui_address(self.settings)}"
        )

    def crashed(self, part: Part, exit_code: int) -> None:
        if part.name == CODE_SERVER:
            close_orphans(self.settings, self.instance, _HERE, End.DIED)
        log = _log_file(self.settings, part)
        click.echo(f"{part.title} ended with {how_it_ended(exit_code)} and is started again. Its log: {log}", err=True)

    def ending(self) -> None:
        click.echo("Stopping BookBytes ...")

    def ended(self, interrupted: int) -> None:
        if interrupted:
            books = "1 book was" if interrupted == 1 else f"{interrupted} books were"
            click.echo(f"Stopped while {books} being made. BookBytes goes on with that when it starts again.")
