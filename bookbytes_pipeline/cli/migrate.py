"""`bookbytes migrate`: the tables of the library and of Dagster, made or brought up to date."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.db.reconnect import retry_while_down
from bookbytes_pipeline.settings import load_settings


@click.command
def migrate() -> None:
    """Bring the tables of the library and of Dagster up to date.

    For PostgreSQL, whose operator decides when; before everything else of a new release is started. Waits a minute for
    the databases. A second time changes nothing, and two at once take turns.
    """
    from bookbytes_pipeline.instance.storage import migrate_instance, open_instance_storage  # noqa: PLC0415 - Dagster takes seconds

    settings = load_settings()
    database = Database(settings.library_url)
    with _migrating(database) as before:
        _tell(f"The library at {database.address}", before, database.version)
        with open_instance_storage(settings, patient=True) as instance:
            _tell("Dagster's records", *migrate_instance(instance))


@contextmanager
def _migrating(database: Database) -> Iterator[str | None]:
    """The library's own part, once its database is there."""
    with ExitStack() as stack:
        yield retry_while_down(lambda: stack.enter_context(database.migrate()))


def _tell(what: str, before: str | None, after: str | None) -> None:
    if before is None:
        click.echo(f"{what}: tables made, version {after}.")
    elif before == after:
        click.echo(f"{what}: up to date, version {after}.")
    else:
        click.echo(f"{what}: migrated from version {before} to {after}.")


commands = {"migrate": migrate}
