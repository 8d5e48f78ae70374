"""Opening the library, and what is said when it cannot be."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, func, inspect, select, text

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.db.migrations import apply_migrations
from bookbytes_pipeline.domain.errors import InvalidSettings, LibraryUnavailable
from bookbytes_pipeline.library.models import BookRow
from tests.cli_runner import bookbytes, offline
from tests.library.rows import book_row
from tests.postgres import PASSWORD, PostgresServer


def test_a_sqlite_library_is_made_where_there_is_none(tmp_path: Path) -> None:
    """The folder, the file and the tables come by themselves."""
    database = Database(f"sqlite:///{tmp_path}/deep/library.db")
    database.check()

    assert (tmp_path / "deep" / "library.db").is_file()


def test_a_library_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """Whatever the file says of its version, opening it leads to today's tables."""
    url = f"sqlite:///{tmp_path}/library.db"
    _forget_all_tables(Database(url))

    with Database(url).session() as session:
        session.add(book_row())
        session.flush()

        assert 1 == session.scalar(select(func.count()).select_from(BookRow))


def test_databases_are_migrated_by_several_threads_of_a_process(tmp_path: Path) -> None:
    """Each its own; Alembic by itself would mix them up."""

    def migrated(number: int) -> bool:
        with create_engine(f"sqlite:///{tmp_path}/{number}.db", poolclass=NullPool).begin() as connection:
            apply_migrations(connection)
            return inspect(connection).has_table("jobs")

    with ThreadPoolExecutor(8) as threads:
        assert [True] * 8 == list(threads.map(migrated, range(8)))


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """The tables made before the failure are taken back, so that opening can be tried again."""
    url = f"sqlite:///{tmp_path}/library.db"
    older = Database(url)
    _forget_all_tables(older)
    with older.session() as session:
        session.execute(text("CREATE TABLE chapters (in_the_way INTEGER)"))

    with pytest.raises(LibraryUnavailable, match="table chapters already exists"):
        Database(url).check()
    assert {"alembic_version", "chapters"} == set(inspect(older.engine).get_table_names())


def test_a_library_of_a_newer_version_is_left_alone(database_url: str) -> None:
    """An older BookBytes says that it is too old instead of touching tables that it does not know."""
    with closing(Database(database_url)) as newer:
        with newer.session() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with closing(Database(database_url)) as older, pytest.raises(LibraryUnavailable, match="a newer BookBytes"):
            older.check()


def test_a_postgresql_library_is_migrated_by_its_operator(postgres: PostgresServer, tmp_path: Path) -> None:
    """What the sentence says to run is what helps, also to a process that is already waiting for it."""
    with postgres.database() as url, closing(Database(url)) as database:
        with pytest.raises(LibraryUnavailable, match="not up to date: run `bookbytes migrate`"):
            database.check()
        done = bookbytes("migrate", env=offline(tmp_path, DATABASE_URL=url))

        assert 0 == done.returncode, done.stderr
        database.check()


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    """The sentence names the database and the cause."""
    (tmp_path / "library.db").write_text("this is no database, it only looks like a file of one" * 20)

    with pytest.raises(LibraryUnavailable, match=r"library\.db cannot be used: file is not a database"):
        Database(f"sqlite:///{tmp_path}/library.db").check()


def test_a_server_that_went_away_is_explained_until_it_is_back(postgres: PostgresServer) -> None:
    """The same library works again afterwards, without anybody opening it anew."""
    with postgres.database(postgres.migrated) as url, closing(Database(url)) as database:
        database.check()
        postgres.stop()
        try:
            with pytest.raises(LibraryUnavailable, match="Connection refused") as told:
                database.check()
        finally:
            postgres.start()

        database.check()
        assert PASSWORD not in str(told.value)


def test_a_connection_that_breaks_in_the_middle_is_explained(postgres: PostgresServer) -> None:
    """The transaction at hand is lost and says so; the next one has a connection that works."""
    with postgres.database(postgres.migrated) as url, closing(Database(url)) as database:
        with pytest.raises(LibraryUnavailable, match="cannot be used: "), database.session() as session:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        with database.session() as session:
            session.add(book_row())


def test_a_wrong_password_is_explained_and_not_told(postgres: PostgresServer) -> None:
    """The sentence names the server, the database, the user and the cause."""
    database = Database(postgres.url("postgres").replace(PASSWORD, "s3cret"))

    with pytest.raises(LibraryUnavailable, match='password authentication failed for user "postgres"') as told:
        database.check()

    assert f"postgresql+psycopg://postgres:***@127.0.0.1:{postgres.port}/postgres" in str(told.value)
    assert "s3cret" not in str(told.value)


def test_a_password_in_the_query_is_not_shown() -> None:
    """`?password=` is a place for it too."""
    database = Database("postgresql+psycopg://127.0.0.1/books?user=reader&password=s3cret")

    assert "postgresql+psycopg://127.0.0.1/books" == database.address


@pytest.mark.parametrize("url", ["postgresql+psycopg://u:s3c@ret@127.0.0.1/books", "postgresql+psycopg://u:s3cret"])
def test_a_url_that_is_none_is_refused_unseen(url: str) -> None:
    """A password with an @ in it would otherwise be taken for the server's name, and told."""
    with pytest.raises(InvalidSettings, match="DATABASE_URL") as told:
        Database(url)

    assert "ret" not in str(told.value)


def _forget_all_tables(database: Database) -> None:
    with database.session() as session:
        for table in set(inspect(session.connection()).get_table_names()) - {"alembic_version"}:
            session.execute(text(f"DROP TABLE {table}"))
        session.execute(text("DELETE FROM alembic_version"))
