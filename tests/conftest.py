"""What tests of several folders need."""

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import load_settings
from bookbytes_pipeline.store.store import Store, open_store
from tests.pgbouncer import pgbouncer
from tests.postgres import PostgresServer, postgres_server
from tests.s3 import KEYS, S3Server, s3_server

DATABASES = ("sqlite", "postgresql")
POOLED = "pgbouncer"
"""PostgreSQL behind PgBouncer: for the folders of tests that hold the contracts of the database."""
POOLED_FOLDERS = {"db", "library"}
STORES = ("folder", "bucket")
LONGEST = (
    "tests/api/test_jobs_running.py",
    "tests/processes/test_code_server.py",
    "tests/production/",
    "tests/cli/test_killed_at_any_moment.py",
    "tests/processes/test_interrupted.py",
    "tests/web_app/test_one_book_in_a_browser.py",
    "tests/cli/test_commands.py",
    "tests/cli/test_failures.py",
    "tests/api/test_launcher.py",
    "tests/docs/test_commands.py",
    "tests/api/test_replicas.py",
    "tests/api/test_schema.py",
    "tests/defs/test_dagster_commands.py",
    "tests/test_one_isbn.py",
    "tests/test_one_isbn_at_the_terminal.py",
    "tests/web_app/",
    "tests/processes/",
    "tests/test_home_of_0_3_0.py",
    "tests/cli/",
)
"""What takes longest begins first, lest one worker is left with it when the others are done."""


def pytest_configure() -> None:
    """Let tests stop what they start where a shell ignores signals: what runs in the background inherits that."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the tests into that order; pytest forgets the order of paths of which one contains the others."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(test: str) -> int:
    return next((place for place, path in enumerate(LONGEST) if test.startswith(path)), len(LONGEST))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, started when the first test asks for it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def _pgbouncer_port(postgres: PostgresServer) -> Iterator[int]:
    """The port of a PgBouncer before that server."""
    with pgbouncer(postgres) as port:
        yield port


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a database on each kind."""
    for fixture in ("database_url", "empty_database_url"):
        if fixture not in metafunc.fixturenames:
            continue
        pooled = [POOLED] if metafunc.definition.path.parent.name in POOLED_FOLDERS else []
        metafunc.parametrize(fixture, [*DATABASES, *pooled], indirect=True)


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


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a library without books."""
    with _database(request, tmp_path, migrated=True) as url:
        yield url


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    with _database(request, tmp_path, migrated=False) as url:
        yield url


@contextmanager
def _database(request: pytest.FixtureRequest, tmp_path: Path, *, migrated: bool) -> Iterator[str]:
    """A new database of the kind that the test asks for."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/library.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    port = request.getfixturevalue("_pgbouncer_port") if request.param == POOLED else server.port
    with server.database(*([server.migrated] if migrated else [])) as url:
        yield url.replace(f":{server.port}/", f":{port}/")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty library, on each kind of database."""
    with closing(Database(database_url)) as opened:
        yield opened


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_store(load_settings(bookbytes_home=tmp_path).store_config)
    server: S3Server = request.getfixturevalue("s3")
    return open_store(load_settings(bookbytes_home=tmp_path, **server.settings()).store_config)
