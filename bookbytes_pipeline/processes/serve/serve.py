"""`bookbytes serve`: the API, Dagster's UI, its daemon and its code server on this machine, as one command."""

import click

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.processes.output import unblocked_output
from bookbytes_pipeline.processes.serve.addresses import require_free_ports
from bookbytes_pipeline.processes.serve.errors import AlreadyServing
from bookbytes_pipeline.processes.shutdown import shutdown_on_signals
from bookbytes_pipeline.processes.single_instance import single_instance
from bookbytes_pipeline.sample.epub import SAMPLE_ISBN, sample_epub
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import open_store


def serve(settings: Settings) -> int:
    """Serve until Ctrl-C or SIGTERM; no process is left then. Returns the exit code of a requested stop.

    Raises `AlreadyServing`, `AddressInUse`, `LibraryUnavailable` or `StoreUnavailable` before anything is started,
    `ServiceFailed` later.
    """
    home = settings.bookbytes_home
    already_serving = AlreadyServing(f"BookBytes is already being served from {home}. Stop that one first.")
    with (
        single_instance(home, "serve", already_serving),
        shutdown_on_signals() as shutdown,
        unblocked_output(as_json=False),
    ):
        require_free_ports(settings)
        click.echo("Starting BookBytes ...")
        Database(settings.library_url).check()  # creates the embedded one; says what to do about another
        _attach_sample(settings)
        from bookbytes_pipeline.processes.serve.supervisor_run import run_supervisor  # noqa: PLC0415 - Dagster takes seconds to import

        run_supervisor(settings, shutdown)
    return 0


def _attach_sample(settings: Settings) -> None:
    """Attach the bundled sample's text, so that a newcomer has a book to request."""
    sources = open_store(settings.store_config).sources
    if not sources.has(SAMPLE_ISBN):
        sources.write(SAMPLE_ISBN, sample_epub())
