"""`bookbytes doctor`: what works here, what does not, and how to mend it."""

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
from bookbytes_pipeline.cli.doctor_services import about_code_server, about_daemon, about_records, about_valkey
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.instance.storage import open_instance_storage
from bookbytes_pipeline.library.queries import fingerprints_by_isbn
from bookbytes_pipeline.providers.response_cache import NullCache
from bookbytes_pipeline.settings import Settings, load_settings
from bookbytes_pipeline.store.store import open_store

Found = TypeVar("Found")

PATIENCE = 20.0
"""Seconds for all checks of what belongs to BookBytes, side by side. Dagster itself tries its database for 11."""
PROVIDERS_PATIENCE = 120.0
"""Seconds for those of others."""


@dataclass(frozen=True)
class Check:
    """A question about one part, asked already; `patience` in seconds since then."""

    what: str
    answer: Future[str]
    patience: float = PATIENCE


@click.command
@click.option("--api", is_flag=True, help="Check what the API needs: the key that signs tokens, and no providers.")
def doctor(api: bool) -> None:
    """Check settings, store, databases, Dagster and providers; exit code 1 if anything needs mending.

    Each provider is asked one small question, as a book would ask it: a paid one charges a fraction of a cent.
    """
    settings = load_settings()
    started = time.monotonic()
    with ExitStack() as stack:
        sound = [_told(check, started) for check in _checks(settings, stack, api=api)]
    sys.exit(0 if all(sound) else 1)


def _checks(settings: Settings, stack: ExitStack, *, api: bool) -> list[Check]:
    resources = build_resources(settings, cache=NullCache())
    records = _asked(lambda: stack.enter_context(open_instance_storage(settings, patient=False)))
    valkey = settings.valkey_url
    return [
        Check("settings", _asked(partial(_about_settings, settings, api=api))),
        Check("store", _asked(partial(_about_store, settings))),
        Check("library", _asked(partial(_about_library, resources["database"]))),
        Check("dagster", _asked(lambda: about_records(records.result()))),
        Check("code server", _asked(partial(about_code_server, settings))),
        Check("daemon", _asked(lambda: about_daemon(settings, records.result()))),
        *([Check("valkey", _asked(partial(about_valkey, valkey)))] if valkey else []),
        *([] if api else _providers(resources)),
    ]


def _providers(resources: Mapping[str, Any]) -> list[Check]:
    return [
        _provider("metadata", lambda: asyncio.run(find(resources["metadata_source"]))),
        _provider("language model", lambda: asyncio.run(write(resources["language_model"]))),
        _provider("narrator", lambda: asyncio.run(speak(resources["narrator"]))),
    ]


def _provider(what: str, look: Callable[[], str]) -> Check:
    return Check(what, _asked(look), PROVIDERS_PATIENCE)


def _asked(look: Callable[[], Found]) -> Future[Found]:
    """The answer of `look`, asked in a thread that keeps nobody from leaving."""
    answer: Future[Found] = Future()

    def ask() -> None:
        try:
            answer.set_result(look())
        except BaseException as error:  # noqa: BLE001 - whoever reads the answer gets it
            answer.set_exception(error)

    Thread(target=ask, daemon=True).start()
    return answer


def _told(check: Check, started: float) -> bool:
    try:
        click.echo(f"ok    {check.what}: {check.answer.result(started + check.patience - time.monotonic())}")
    except BookBytesError as error:
        click.echo(f"WRONG {check.what}: {error}")
        return False
    except TimeoutError:
        click.echo(f"WRONG {check.what}: there was no answer within {check.patience:.0f} seconds.")
        return False
    except Exception as error:  # noqa: BLE001 - the other checks are to be told all the same
        cause = (str(error).splitlines() or ["for no reason that it told"])[0]
        click.echo(f"WRONG {check.what}: failed unexpectedly, with {type(error).__name__}: {cause}")
        return False
    return True


def _about_settings(settings: Settings, *, api: bool) -> str:
    if api:
        settings.require_signing_key()
    return f"read; what is local is kept in {settings.bookbytes_home.absolute()}"


def _about_store(settings: Settings) -> str:
    store = open_store(settings.store_config)
    store.require_room()
    return store.files.address()


def _about_library(database: Database) -> str:
    with database.session() as session:
        isbns = len(session.execute(fingerprints_by_isbn()).all())
    return f"{database.address} holds the books of {isbns} ISBNs"


commands = {"doctor": doctor}
