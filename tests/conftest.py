"""What tests of several folders need."""

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bookbytes_pipeline.db.database import Database
from tests.postgres import PostgresServer, postgres_server
from tests.s3 import KEYS, S3Server, s3_server

DATABASES = ("sqlite", "postgresql")


def pytest_configure() -> None:
    """Let tests stop what they start where a shell ignores signals: what runs in the background inherits that."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, started when the first test asks for it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def _s3_running() -> Iterator[S3Server]:
    """An S3 server, started when the first test asks for it."""
    with s3_server() as server:
        yield server


@pytest.fixture
def s3_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys to the S3 server in the environment, where boto3 looks for them."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def s3(_s3_running: S3Server, s3_keys: None) -> S3Server:  # noqa: ARG001 - whoever asks for the server needs them
    """The S3 server."""
    return _s3_running


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a library without books, on each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/library.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(server.migrated) as url:
        yield url


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, on each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/library.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty library, on each kind of database."""
    with closing(Database(database_url)) as opened:
        yield opened
