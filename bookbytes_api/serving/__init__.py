"""`bookbytes serve`: the API, Dagster's UI, its daemon and its code server on this machine, as one thing."""

from contextlib import AbstractContextManager

import click
from filelock import FileLock, Timeout

from bookbytes_api.serving.addresses import require_free
from bookbytes_api.serving.errors import AlreadyServing
from bookbytes_api.serving.signals import ending_on_signals
from bookbytes_pipeline.domain.errors import StoreUnavailable
from bookbytes_pipeline.settings import Settings


def serve(settings: Settings) -> int:
    """Serve until Ctrl-C or SIGTERM; no process is left then. Returns the exit code of a stop that was asked for.

    Raises `AlreadyServing`, `AddressTaken` or `StoreUnavailable` before anything is started, `PartFailed` later.
    """
    with _only_one(settings), ending_on_signals() as ending:
        require_free(settings)
        click.echo("Starting BookBytes ...")
        from bookbytes_api.serving.session import run_session  # noqa: PLC0415 - Dagster takes seconds to import

        run_session(settings, ending)
    return 0


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
