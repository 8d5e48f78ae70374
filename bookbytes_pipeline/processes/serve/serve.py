"""`bookbytes serve`: the API, Dagster's UI, its daemon and its code server on this machine, as one thing."""

from contextlib import AbstractContextManager

import click
from filelock import FileLock, Timeout

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import StoreUnavailable
from bookbytes_pipeline.processes.serve.addresses import require_free
from bookbytes_pipeline.processes.serve.errors import AlreadyServing
from bookbytes_pipeline.processes.shutdown import shutdown_on_signals
from bookbytes_pipeline.sample.epub import SAMPLE_ISBN, sample_epub
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import open_store


def serve(settings: Settings) -> int:
    """Serve until Ctrl-C or SIGTERM; no process is left then. Returns the exit code of a stop that was asked for.

    Raises `AlreadyServing`, `AddressTaken`, `LibraryUnavailable` or `StoreUnavailable` before anything is started,
    `ServiceFailed` later.
    """
    with _only_one(settings), shutdown_on_signals() as ending:
        require_free(settings)
        click.echo("Starting BookBytes ...")
        Database(settings.library_url).check()  # makes the embedded one; says what to do about another
        _offer_sample(settings)
        from bookbytes_pipeline.processes.serve.supervisor_run import run_supervisor  # noqa: PLC0415 - Dagster takes seconds to import

        run_supervisor(settings, ending)
    return 0


def _offer_sample(settings: Settings) -> None:
    """Attach the bundled sample's text, so that a newcomer has a book to ask for."""
    sources = open_store(settings.store_config).sources
    if not sources.has(SAMPLE_ISBN):
        sources.write(SAMPLE_ISBN, sample_epub())


def _only_one(settings: Settings) -> AbstractContextManager[object]:
    """Hold this home; the operating system gives it back however this process ends."""
    home = settings.bookbytes_home
    try:
        (home / "locks").mkdir(parents=True, exist_ok=True)
        return FileLock(home / "locks" / "serve.lock").acquire(timeout=0)
    except Timeout:
        raise AlreadyServing(f"BookBytes is being served from {home} already. Stop it there first.") from None
    except OSError as error:
        raise StoreUnavailable(
            f"{home} cannot be used: {error.strerror}. Check BOOKBYTES_HOME and who may write there."
        ) from error
