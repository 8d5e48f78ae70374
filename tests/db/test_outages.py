"""What counts as an outage, and how long a run waits for its end."""

import subprocess

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from bookbytes_pipeline.db.outages import is_database_down, is_outage
from bookbytes_pipeline.domain.errors import (
    BookBytesError,
    ChaptersFailed,
    LibraryUnavailable,
    Refused,
    StoreUnavailable,
    Unavailable,
)
from tests.cli_runner import COMMANDS
from tests.postgres import PostgresServer

CONNECT = """
import sys
from bookbytes_pipeline.db.reconnect import install_reconnect_hook
from sqlalchemy import create_engine
install_reconnect_hook()
engine = create_engine(sys.argv[1])
print("connecting", flush=True)
engine.connect().close()
"""


def chapters_failed(*errors: Exception) -> BookBytesError:
    """The error that a step raises for the failures of several chapters."""
    error = ChaptersFailed("2 chapters failed", try_again=True, chapter=1)
    error.__cause__ = ExceptionGroup("chapters", errors)
    return error


OUTAGES = (StoreUnavailable("full"), LibraryUnavailable("gone"), OperationalError("", {}, OSError()))


@pytest.mark.parametrize("error", OUTAGES)
def test_an_outage_is_recognised_in_nested_errors(error: Exception) -> None:
    """Alone, as the cause of another error, or among the failures of chapters."""
    wrapped = RuntimeError("a step failed")
    wrapped.__cause__ = error

    assert [True] * 3 == [is_outage(failure) for failure in (error, wrapped, chapters_failed(Refused("no"), error))]


@pytest.mark.parametrize("error", [None, Unavailable("busy"), Refused("no"), chapters_failed(Refused("no"))])
def test_the_failure_of_a_provider_is_no_outage(error: Exception | None) -> None:
    """Its requests have been retried already."""
    assert not is_outage(error)


def test_an_invalid_statement_is_no_outage(postgres: PostgresServer) -> None:
    """The database answered: a retry would not help."""
    engine = create_engine(postgres.url("postgres"), poolclass=NullPool)
    with engine.connect() as connection, pytest.raises(DBAPIError) as failure:
        connection.execute(text("SELECT nonsense"))

    assert not is_database_down(failure.value)


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_a_run_waits_for_a_database_that_is_restarted(postgres: PostgresServer, driver: str) -> None:
    """With the library's driver and Dagster's: the connection is made as soon as the server is up."""
    url = postgres.url("postgres").replace("+psycopg", f"+{driver}")
    postgres.stop()
    with subprocess.Popen([COMMANDS / "python", "-c", CONNECT, url], stdout=subprocess.PIPE) as connecting:
        try:
            assert connecting.stdout
            assert b"connecting\n" == connecting.stdout.readline()
        finally:
            postgres.start()

    assert 0 == connecting.returncode
