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
print("asking", flush=True)
engine.connect().close()
"""


def chapters_failed(*errors: Exception) -> BookBytesError:
    """As a step raises it: the failures of several chapters in one."""
    failed = ChaptersFailed("2 chapters failed", try_again=True, chapter=1)
    failed.__cause__ = ExceptionGroup("chapters", errors)
    return failed


OUTAGES = (StoreUnavailable("full"), LibraryUnavailable("gone"), OperationalError("", {}, OSError()))


@pytest.mark.parametrize("error", OUTAGES)
def test_an_outage_is_seen_wherever_it_hides(error: Exception) -> None:
    """Alone, beneath another error, or among the failures of chapters."""
    wrapped = RuntimeError("a step failed")
    wrapped.__cause__ = error

    assert [True] * 3 == [is_outage(failure) for failure in (error, wrapped, chapters_failed(Refused("no"), error))]


@pytest.mark.parametrize("error", [None, Unavailable("busy"), Refused("no"), chapters_failed(Refused("no"))])
def test_a_provider_is_nothing_of_ours(error: Exception | None) -> None:
    """It was asked as often as is sensible."""
    assert not is_outage(error)


def test_a_statement_that_is_wrong_is_no_outage(postgres: PostgresServer) -> None:
    """The database answered: trying again would not help."""
    engine = create_engine(postgres.url("postgres"), poolclass=NullPool)
    with engine.connect() as connection, pytest.raises(DBAPIError) as told:
        connection.execute(text("SELECT nonsense"))

    assert not is_database_down(told.value)


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_a_run_waits_for_a_database_that_is_started_again(postgres: PostgresServer, driver: str) -> None:
    """The library's driver and Dagster's: the connection is there as soon as the server is."""
    url = postgres.url("postgres").replace("+psycopg", f"+{driver}")
    postgres.stop()
    with subprocess.Popen([COMMANDS / "python", "-c", CONNECT, url], stdout=subprocess.PIPE) as asking:
        try:
            assert asking.stdout
            assert b"asking\n" == asking.stdout.readline()
        finally:
            postgres.start()

    assert 0 == asking.returncode
