"""Opening the library, and the messages when that is impossible."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, func, inspect, select, text

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.db.migrations import apply_migrations, note_release
from bookbytes_pipeline.domain.errors import InvalidSettings, LibraryUnavailable
from bookbytes_pipeline.library.models import BookRow
from tests.cli_runner import bookbytes, offline
from tests.library.rows import book_row
from tests.postgres import PASSWORD, PostgresServer


def test_a_missing_sqlite_library_is_created(tmp_path: Path) -> None:
    """The folder, the file and the tables are created automatically."""
    database = Database(f"sqlite:///{tmp_path}/deep/library.db")
    database.check()

    assert (tmp_path / "deep" / "library.db").is_file()


def test_a_library_of_an_older_version_is_migrated(tmp_path: Path) -> None:
    """Opening it creates the current tables, whatever version the file has."""
    url = f"sqlite:///{tmp_path}/library.db"
    _drop_all_tables(Database(url))

    with Database(url).session() as session:
        session.add(book_row())
        session.flush()

        assert 1 == session.scalar(select(func.count()).select_from(BookRow))


def test_databases_are_migrated_by_several_threads_of_a_process(tmp_path: Path) -> None:
    """Each thread has its own; Alembic alone is not thread-safe."""

    def migrated(number: int) -> bool:
        with create_engine(f"sqlite:///{tmp_path}/{number}.db", poolclass=NullPool).begin() as connection:
            apply_migrations(connection)
            return inspect(connection).has_table("jobs")

    with ThreadPoolExecutor(8) as threads:
        assert [True] * 8 == list(threads.map(migrated, range(8)))


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """The tables created before the failure are rolled back, so that opening can be retried."""
    url = f"sqlite:///{tmp_path}/library.db"
    older = Database(url)
    _drop_all_tables(older)
    with older.session() as session:
        session.execute(text("CREATE TABLE chapters (in_the_way INTEGER)"))

    with pytest.raises(LibraryUnavailable, match="table chapters already exists"):
        Database(url).check()
    assert {"alembic_version", "chapters"} == set(inspect(older.engine).get_table_names())


def test_a_library_of_a_newer_version_is_left_alone(database_url: str) -> None:
    """An older BookBytes reports that it is too old instead of changing tables that it does not know."""
    with closing(Database(database_url)) as newer:
        with newer.session() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
            note_release(session.connection(), "BookBytes 0.9.1")
        with closing(Database(database_url)) as older, pytest.raises(LibraryUnavailable) as refusal:
            older.check()
        with newer.session() as session:
            assert "9999" == session.scalar(text("SELECT version_num FROM alembic_version"))

    told = str(refusal.value)
    assert "belong to BookBytes 0.9.1; this is BookBytes " in told
    assert told.endswith(". Use that release or a later one, or give the library a database of its own.")


def test_a_database_that_does_not_say_whose_it_is_is_left_alone(database_url: str) -> None:
    """Dagster keeps its version in a table of the same name."""
    with closing(Database(database_url)) as other:
        with other.session() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '29b539ebc72a'"))
            if session.connection().dialect.name == "sqlite":
                session.execute(text("PRAGMA user_version = 0"))
            else:
                session.execute(text("COMMENT ON TABLE alembic_version IS NULL"))
        with closing(Database(database_url)) as ours, pytest.raises(LibraryUnavailable, match="or to Dagster; this is"):
            ours.check()


def test_a_migrated_library_says_which_release_it_takes(database_url: str) -> None:
    """An older release reads that, and tells it."""
    with closing(Database(database_url)) as database, database.session() as session:
        if session.connection().dialect.name == "sqlite":
            noted = session.scalar(text("PRAGMA user_version"))
            major, minor, patch = map(int, version("bookbytes").split("."))
            assert major * 1_000_000 + minor * 1_000 + patch == noted
        else:
            noted = session.scalar(text("SELECT obj_description('alembic_version'::regclass)"))
            assert f"BookBytes {version('bookbytes')}" == noted


def test_a_postgresql_library_is_migrated_by_its_operator(postgres: PostgresServer, tmp_path: Path) -> None:
    """The command in the message works, also for a process that has the library open already."""
    with postgres.database() as url, closing(Database(url)) as database:
        with pytest.raises(LibraryUnavailable, match="not up to date: run `bookbytes migrate`"):
            database.check()
        migrated = bookbytes("migrate", env=offline(tmp_path, DATABASE_URL=url))

        assert 0 == migrated.returncode, migrated.stderr
        database.check()


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    """The message names the database and the cause."""
    (tmp_path / "library.db").write_text("this is no database, it only looks like a file of one" * 20)

    with pytest.raises(LibraryUnavailable, match=r"library\.db cannot be used: file is not a database"):
        Database(f"sqlite:///{tmp_path}/library.db").check()


def test_a_server_that_is_down_is_reported_until_it_is_back(postgres: PostgresServer) -> None:
    """The same library works afterwards, without being reopened."""
    with postgres.database(postgres.migrated) as url, closing(Database(url)) as database:
        database.check()
        postgres.stop()
        try:
            with pytest.raises(LibraryUnavailable, match="Connection refused") as failure:
                database.check()
        finally:
            postgres.start()

        database.check()
        assert PASSWORD not in str(failure.value)


def test_a_connection_that_breaks_in_a_transaction_is_reported(postgres: PostgresServer) -> None:
    """The transaction fails with a message; the next one has a working connection."""
    with postgres.database(postgres.migrated) as url, closing(Database(url)) as database:
        with pytest.raises(LibraryUnavailable, match="cannot be used: "), database.session() as session:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        with database.session() as session:
            session.add(book_row())


def test_a_wrong_password_is_reported_but_not_shown(postgres: PostgresServer) -> None:
    """The message names the server, the database, the user and the cause."""
    database = Database(postgres.url("postgres").replace(PASSWORD, "s3cret"))

    with pytest.raises(LibraryUnavailable, match='password authentication failed for user "postgres"') as failure:
        database.check()

    assert f"postgresql+psycopg://postgres:***@127.0.0.1:{postgres.port}/postgres" in str(failure.value)
    assert "s3cret" not in str(failure.value)


def test_a_password_in_the_query_is_not_shown() -> None:
    """A URL can also hold it as `?password=`."""
    database = Database("postgresql+psycopg://127.0.0.1/books?user=reader&password=s3cret")

    assert "postgresql+psycopg://127.0.0.1/books" == database.address


@pytest.mark.parametrize("url", ["postgresql+psycopg://u:s3c@ret@127.0.0.1/books", "postgresql+psycopg://u:s3cret"])
def test_an_invalid_url_is_refused_but_not_shown(url: str) -> None:
    """Part of a password with an @ in it would otherwise be shown as the server's name."""
    with pytest.raises(InvalidSettings, match="DATABASE_URL") as failure:
        Database(url)

    assert "ret" not in str(failure.value)


def _drop_all_tables(database: Database) -> None:
    with database.session() as session:
        own = text("SELECT name FROM pragma_table_list WHERE type IN ('table', 'virtual') ORDER BY type, name")
        tables = [name for name in session.scalars(own) if not name.startswith(("sqlite_", "alembic_"))]
        for table in tables:  # the virtual ones last, into which triggers write; the tables behind them go with them
            session.execute(text(f"DROP TABLE {table}"))
        session.execute(text("DELETE FROM alembic_version"))
