"""`bookbytes doctor`: what works here, what does not, and how to fix it."""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import Any, TypeVar

import click

from bookbytes_pipeline.cli.doctor_providers import find, speak, write
from bookbytes_pipeline.cli.doctor_services import check_code_server, check_daemon, check_storage, check_valkey
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.instance.storage import open_instance_storage
from bookbytes_pipeline.library.queries import fingerprints_by_isbn
from bookbytes_pipeline.providers.response_cache import NullCache
from bookbytes_pipeline.settings import Settings, load_settings
from bookbytes_pipeline.store.bucket import Bucket
from bookbytes_pipeline.store.disk_space import DiskAlmostFull, require_free_space
from bookbytes_pipeline.store.store import open_store

T = TypeVar("T")

TIMEOUT_S = 20.0
"""For all checks of our own services together; they run side by side. Dagster tries its database for 11 seconds."""
PROVIDERS_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Check:
    """A check of one thing that has been started, and how long it may take since then."""

    name: str
    future: Future[str]
    timeout_s: float = TIMEOUT_S


@click.command
@click.option("--api", is_flag=True, help="Check what the API needs: the key that signs tokens, and no providers.")
def doctor(api: bool) -> None:
    """Check settings, store, databases, Dagster and providers; exit code 1 if anything is wrong.

    Each provider gets one small request, like those for a book: a paid one charges a fraction of a cent.
    """
    settings = load_settings()
    started = time.monotonic()
    with ExitStack() as stack:
        passed = [_report(check, started) for check in _checks(settings, stack, api=api)]
    sys.exit(0 if all(passed) else 1)


def _checks(settings: Settings, stack: ExitStack, *, api: bool) -> list[Check]:
    resources = build_resources(settings, cache=NullCache())
    instance = _start(lambda: stack.enter_context(open_instance_storage(settings, wait_for_database=False)))
    valkey, folders = settings.valkey_url, settings.local_folders
    return [
        Check("settings", _start(partial(_check_settings, settings, api=api))),
        Check("store", _start(partial(_check_store, settings))),
        *([Check("disk", _start(partial(require_free_space, folders, settings.min_free_disk_mb)))] if folders else []),
        Check("library", _start(partial(_check_library, resources["database"]))),
        Check("dagster", _start(lambda: check_storage(instance.result()))),
        Check("code server", _start(partial(check_code_server, settings))),
        Check("daemon", _start(lambda: check_daemon(settings, instance.result()))),
        *([Check("valkey", _start(partial(check_valkey, valkey)))] if valkey else []),
        *([] if api else _providers(resources)),
    ]


def _providers(resources: Mapping[str, Any]) -> list[Check]:
    return [
        _provider("metadata", lambda: asyncio.run(find(resources["metadata_source"]))),
        _provider("language model", lambda: asyncio.run(write(resources["language_model"]))),
        _provider("narrator", lambda: asyncio.run(speak(resources["narrator"]))),
    ]


def _provider(name: str, check: Callable[[], str]) -> Check:
    return Check(name, _start(check), PROVIDERS_TIMEOUT_S)


def _start(call: Callable[[], T]) -> Future[T]:
    """Run `call` in a daemon thread, which does not keep the process from exiting, and return its future result."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised where the result is read
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


def _report(check: Check, started: float) -> bool:
    try:
        click.echo(f"ok    {check.name}: {check.future.result(started + check.timeout_s - time.monotonic())}")
    except DiskAlmostFull as error:
        click.echo(f"WARN  {check.name}: {error}")
    except BookBytesError as error:
        click.echo(f"WRONG {check.name}: {error}")
        return False
    except TimeoutError:
        click.echo(f"WRONG {check.name}: there was no answer within {check.timeout_s:.0f} seconds.")
        return False
    except Exception as error:  # noqa: BLE001 - the other checks are reported all the same
        cause = (str(error).splitlines() or ["no message"])[0]
        click.echo(f"WRONG {check.name}: unexpected {type(error).__name__}: {cause}")
        return False
    return True


def _check_settings(settings: Settings, *, api: bool) -> str:
    if api:
        settings.require_signing_key()
    return f"valid; local files are kept in {settings.bookbytes_home.absolute()}"


def _check_store(settings: Settings) -> str:
    store = open_store(settings.store_config)
    store.require_room()
    if isinstance(store.files, Bucket) and store.files.lacks_conditional_writes:
        return f"{store.files.address()}, which has no conditional writes: of two writers of one file the last one wins"
    return store.files.address()


def _check_library(database: Database) -> str:
    with database.session() as session:
        isbns = len(session.execute(fingerprints_by_isbn()).all())
    return f"{database.address}; ISBNs with a book: {isbns}"


commands = {"doctor": doctor}
