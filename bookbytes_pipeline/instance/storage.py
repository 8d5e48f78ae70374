"""Dagster's own storage: opening it, and the version of its tables."""

import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO

import dagster as dg

from bookbytes_pipeline.db.outages import root_cause
from bookbytes_pipeline.db.reconnect import retry_while_down
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.settings import Settings


class InstanceStorageUnavailable(BookBytesError):
    """Dagster's storage cannot be used. Trying again helps once its database is back, or its settings are fixed."""

    code = "RECORDS_UNAVAILABLE"
    try_again = True


@dataclass(frozen=True)
class SchemaVersions:
    """The version of Dagster's tables, and the newest one that this Dagster knows."""

    current: str
    latest: str


@contextmanager
def open_instance_storage(settings: Settings, *, wait_for_database: bool) -> Iterator[dg.DagsterInstance]:
    """Open the Dagster instance; raises `InstanceStorageUnavailable`.

    A process that starts together with its database should `wait_for_database`: a minute, instead of Dagster's 11
    seconds.
    """
    logging.getLogger().addHandler(logging.NullHandler())  # else Dagster prints five lines for each attempt to connect
    with ExitStack() as stack:
        try:
            if wait_for_database:
                instance = retry_while_down(lambda: stack.enter_context(open_instance(settings)))
            else:
                instance = stack.enter_context(open_instance(settings))
        except BookBytesError:
            raise
        except Exception as error:  # whatever is wrong with its configuration or database
            raise InstanceStorageUnavailable(
                f"Dagster's records cannot be opened: {root_cause(error)}. Check dagster.yaml in DAGSTER_HOME, and "
                "that the database it names is running and used by Dagster only."
            ) from error
        yield instance


def schema_versions(instance: dg.DagsterInstance) -> SchemaVersions:
    """Read the versions from the instance, which only has them as YAML for people."""
    versions = dict(re.findall(r"^ +(current|latest): (\S+)$", instance.schema_str(), re.MULTILINE))
    return SchemaVersions(versions["current"], versions["latest"])


def migrate_instance(instance: dg.DagsterInstance) -> tuple[str, str]:
    """Bring Dagster's tables up to date, as `dagster instance migrate` does; returns their versions before and after.

    Opening the instance has created missing ones. Raises `InstanceStorageUnavailable`.
    """
    try:
        before = schema_versions(instance)
        with redirect_stdout(StringIO()):  # the SQLite storage prints its progress
            instance.upgrade()
        return before.current, schema_versions(instance).current
    except Exception as error:  # whatever the database says
        raise InstanceStorageUnavailable(f"Dagster's tables cannot be migrated: {root_cause(error)}.") from error
