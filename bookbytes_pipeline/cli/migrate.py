"""`bookbytes migrate`: the tables of the library and of Dagster, created or migrated."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.db.reconnect import retry_while_down
from bookbytes_pipeline.settings import load_settings


@click.command
def migrate() -> None:
    """Create or migrate the tables of the library and of Dagster.

    For PostgreSQL, whose operator decides when; run it before starting anything else of a new release. It waits up to
    a minute for the databases. Running it again changes nothing, and two at once take turns.
    """
    from bookbytes_pipeline.instance.storage import migrate_instance, open_instance_storage  # noqa: PLC0415 - Dagster takes seconds

    settings = load_settings()
    database = Database(settings.library_url)
    with _migrating(database) as before:
        _report(f"The library at {database.address}", before, database.version)
        with open_instance_storage(settings, wait_for_database=True) as instance:
            _report("Dagster's records", *migrate_instance(instance))


@contextmanager
def _migrating(database: Database) -> Iterator[str | None]:
    """Migrate the library once its database is up; yields the version before."""
    with ExitStack() as stack:
        yield retry_while_down(lambda: stack.enter_context(database.migrate()))


def _report(name: str, before: str | None, after: str | None) -> None:
    if before is None:
        click.echo(f"{name}: tables created, version {after}.")
    elif before == after:
        click.echo(f"{name}: up to date, version {after}.")
    else:
        click.echo(f"{name}: migrated from version {before} to {after}.")


commands = {"migrate": migrate}
