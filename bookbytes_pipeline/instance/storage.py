"""Dagster's records: opening them, and their tables."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO

import dagster as dg

from bookbytes_pipeline.db.outages import causes
from bookbytes_pipeline.db.reconnect import retry_while_down
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.settings import Settings


class InstanceStorageUnavailable(BookBytesError):
    """Dagster's records cannot be used. Trying again helps once their database is back, or its settings are mended."""

    code = "RECORDS_UNAVAILABLE"
    try_again = True


@dataclass(frozen=True)
class Tables:
    """The version of the tables of Dagster's records, and the newest one that this Dagster knows."""

    current: str
    latest: str


@contextmanager
def open_instance_storage(settings: Settings, *, patient: bool) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance; raises `InstanceStorageUnavailable`.

    Whoever starts together with its database is `patient`: it is waited for, a minute instead of Dagster's 11 seconds.
    """
    logging.getLogger().addHandler(logging.NullHandler())  # else Dagster tells each attempt to connect in five lines
    with ExitStack() as stack:
        try:
            instance = (retry_while_down if patient else _at_once)(lambda: stack.enter_context(open_instance(settings)))
        except BookBytesError:
            raise
        except Exception as error:  # whatever is wrong with its configuration or database
            raise InstanceStorageUnavailable(
                f"Dagster's records cannot be opened: {_root_cause(error)}. Check dagster.yaml in DAGSTER_HOME, and "
                "that the database it names is running and nobody's but Dagster's."
            ) from error
        yield instance


def _at_once(call: Callable[[], dg.DagsterInstance]) -> dg.DagsterInstance:
    return call()


def tables(instance: dg.DagsterInstance) -> Tables:
    """As the instance tells it, in YAML that is meant for people."""
    told = dict(re.findall(r"^ +(current|latest): (\S+)$", instance.schema_str(), re.MULTILINE))
    return Tables(told["current"], told["latest"])


def migrate_instance(instance: dg.DagsterInstance) -> tuple[str, str]:
    """Bring Dagster's tables up to date, as `dagster instance migrate` does; returns their versions before and after.

    Opening the instance has made those that were missing. Raises `InstanceStorageUnavailable`.
    """
    try:
        before = tables(instance)
        with redirect_stdout(StringIO()):  # SQLite's part says what it does, on the way
            instance.upgrade()
        return before.current, tables(instance).current
    except Exception as error:  # whatever the database says
        raise InstanceStorageUnavailable(
            f"Dagster's tables cannot be brought up to date: {_root_cause(error)}."
        ) from error


def _root_cause(error: BaseException) -> str:
    """The first line of what led to an error; Dagster and SQLAlchemy say more than anybody reads."""
    *_, first = causes(error)
    return (str(first).strip().splitlines() or [type(first).__name__])[0].rstrip(".")
