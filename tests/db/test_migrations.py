"""Every migration, up and down, on both kinds of database."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, inspect, text
from sqlalchemy.orm import Session

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.db.migrations import REVISIONS
from bookbytes_pipeline.domain.search_words import query_words
from bookbytes_pipeline.library.models import Base
from bookbytes_pipeline.library.search import find_books

CONFIG = Path(__file__).parents[2] / "pyproject.toml"
TABLES = ("books", "book_isbns", "chapters")
A_BOOK = """
INSERT INTO books (id, isbn, title, author, language, work, contents_source, recipe, created_at, updated_at)
VALUES ('6f1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', '9780306406157', 'On Rivers', 'Ada Ford', 'en', 'on rivers', 'epub',
        'recipe', '2026-03-01 12:00:00', '2026-03-01 12:00:00');
INSERT INTO book_isbns (isbn, type, book_id)
VALUES ('9780306406157', 'isbn_13', '6f1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b');
INSERT INTO chapters (id, book_id, chapter_number, title, grounding, word_count, created_at, updated_at)
VALUES ('7f1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', '6f1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', 1, 'Sources', 'full_text', 4,
        '2026-03-01 12:00:00', '2026-03-01 12:00:00')
"""
"""A published book in the tables of the first revision; no migration may lose it."""

A_SUMMARY_WITH_PASSAGES = """
INSERT INTO chapters (id, book_id, chapter_number, title, grounding, word_count, created_at, updated_at)
VALUES ('8f1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', '6f1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', 0, 'The book', 'full_text', 4,
        '2026-03-01 12:00:00', '2026-03-01 12:00:00');
INSERT INTO chapter_evidence (chapter_id, sentences) VALUES ('7f1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', '[]')
"""
"""What the fourth revision adds to that book: a summary of the whole, and passages of its chapter."""


A_USER_WITH_JOBS = """
INSERT INTO users (id, email, password_hash, is_active, is_admin, created_at, updated_at)
VALUES ('9f1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', 'ada@example.org', 'hash', true, true, '2026-03-01 12:00:00',
        '2026-03-01 12:00:00'),
       ('af1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', 'bob@example.org', 'hash', true, false, '2026-03-01 12:00:00',
        '2026-03-01 12:00:00');
INSERT INTO jobs (id, user_id, isbn, force, attempt, request_id, progress, chapters_done, created_at, updated_at)
VALUES ('bf1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', '9f1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', '9780306406157', false, 1, 'one', 0, 0,
        '2026-03-01 12:00:00', '2026-03-01 12:00:00'),
       ('cf1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', 'af1c0a3e5b7d4e2f8a9b0c1d2e3f4a5b', '9780306406157', false, 1, 'two', 0, 0,
        '2026-03-01 12:00:00', '2026-03-01 12:00:00')
"""
"""Two people who wait for the same book."""


@pytest.fixture
def connection(empty_database_url: str) -> Iterator[Connection]:
    """A connection to a database without tables."""
    with create_engine(empty_database_url, poolclass=NullPool).connect() as opened:
        yield opened


def test_the_revisions_are_those_of_alembic() -> None:
    """They are linear; the constant saves importing Alembic whenever a library is opened."""
    scripts = ScriptDirectory.from_config(Config(toml_file=CONFIG))

    assert [REVISIONS[-1]] == scripts.get_heads()
    assert list(REVISIONS) == [script.revision for script in scripts.walk_revisions()][::-1]


def test_the_migrations_create_the_tables_of_the_models(connection: Connection) -> None:
    """After all of them, Alembic finds nothing left to migrate."""
    _alembic(connection, command.upgrade, "head")

    _alembic(connection, command.check)
    tables = {name for name in inspect(connection).get_table_names() if "_search_terms" not in name}
    assert {"alembic_version", *Base.metadata.tables} == tables


def test_no_step_up_or_down_loses_a_book(connection: Connection) -> None:
    """A library can be upgraded one version at a time, and downgraded to the first."""
    _alembic(connection, command.upgrade, REVISIONS[0])
    _add_a_book(connection)
    for revision in REVISIONS[1:]:
        _alembic(connection, command.upgrade, revision)
        assert [1, 1, 1] == _counts(connection), revision
    for revision in REVISIONS[-2::-1]:
        _alembic(connection, command.downgrade, revision)
        assert [1, 1, 1] == _counts(connection), revision


def test_books_of_0_3_0_need_no_review(connection: Connection) -> None:
    """The new columns of old rows say that nothing is wrong, and that nobody chose a length or a voice."""
    _alembic(connection, command.upgrade, "0003")
    _add_a_book(connection)
    _alembic(connection, command.upgrade, "0004")

    assert (False, None) == tuple(connection.execute(text("SELECT needs_review, minutes FROM books")).one())
    assert "[]" == connection.scalar(text("SELECT CAST(review_reasons AS TEXT) FROM chapters"))
    _alembic(connection, command.upgrade, "0005")
    assert connection.scalar(text("SELECT voice FROM books")) is None


def test_books_of_0_3_0_are_found(connection: Connection) -> None:
    """The search index is filled from what is there; a downgrade takes it away, and the next upgrade fills it again."""
    before = REVISIONS[REVISIONS.index("0009") - 1]
    _alembic(connection, command.upgrade, before)
    _add_a_book(connection)
    for _ in range(2):
        _alembic(connection, command.upgrade, "head")
        with Session(connection) as session:
            for query in ("RIVER", "ford", "sources"):
                assert 1 == find_books(session, query_words(query), latest=True, offset=0, size=1).total
        _alembic(connection, command.downgrade, before)


def test_0_3_0_gets_back_what_it_knows(connection: Connection) -> None:
    """A downgrade deletes passages and summaries of whole books, which would be chapters with the number 0."""
    _alembic(connection, command.upgrade, "0004")
    _add_a_book(connection)
    for statement in A_SUMMARY_WITH_PASSAGES.split(";"):
        connection.execute(text(statement))
    connection.commit()
    assert [1, 1, 2] == _counts(connection)

    _alembic(connection, command.downgrade, "0003")

    assert [1, 1, 1] == _counts(connection)
    assert 1 == connection.scalar(text("SELECT chapter_number FROM chapters"))
    assert not inspect(connection).has_table("chapter_evidence")


def test_jobs_of_0_3_0_outlive_their_user(connection: Connection) -> None:
    """They keep their user until the account is closed, and their indexes; a downgrade deletes those without one."""
    before = REVISIONS[REVISIONS.index("0011") - 1]
    _alembic(connection, command.upgrade, before)
    indexes = _indexes_of_jobs(connection)
    for statement in A_USER_WITH_JOBS.split(";"):
        connection.execute(text(statement))
    connection.commit()

    _alembic(connection, command.upgrade, "head")
    assert indexes == _indexes_of_jobs(connection)
    assert 2 == connection.scalar(text("SELECT count(*) FROM jobs WHERE user_id IS NOT NULL"))
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA foreign_keys = ON"))
    connection.execute(text("DELETE FROM users WHERE email = 'ada@example.org'"))
    connection.commit()
    assert [1, 1] == [
        connection.scalar(text(f"SELECT count(*) FROM jobs WHERE user_id IS {condition}"))  # noqa: S608 - our own words
        for condition in ("NULL", "NOT NULL")
    ]

    _alembic(connection, command.downgrade, before)
    assert indexes == _indexes_of_jobs(connection)
    assert 1 == connection.scalar(text("SELECT count(*) FROM jobs"))


def test_down_to_nothing_and_up_again(connection: Connection) -> None:
    """No table, index or type is left that would prevent the next upgrade."""
    _alembic(connection, command.upgrade, "head")
    _alembic(connection, command.downgrade, "base")

    assert ["alembic_version"] == inspect(connection).get_table_names()
    _alembic(connection, command.upgrade, "head")
    _alembic(connection, command.check)


def test_a_sqlite_library_of_the_first_version_keeps_its_books(tmp_path: Path) -> None:
    """Opening it migrates it and keeps its rows, although SQLite alters a table by replacing it."""
    url = f"sqlite:///{tmp_path}/library.db"
    with create_engine(url, poolclass=NullPool).connect() as old:
        _alembic(old, command.upgrade, REVISIONS[0])
        _add_a_book(old)

    with closing(Database(url)) as database, database.session() as session:
        assert [1, 1, 1] == _counts(session.connection())


def _alembic(connection: Connection, run: Callable[..., None], *arguments: str) -> None:
    config = Config(toml_file=CONFIG)
    config.attributes["connection"] = connection
    run(config, *arguments)
    connection.commit()


def _add_a_book(connection: Connection) -> None:
    for statement in A_BOOK.split(";"):
        connection.execute(text(statement))
    connection.commit()


def _indexes_of_jobs(connection: Connection) -> dict[str, tuple[object, object]]:
    """The columns of each index, and the condition of those that have one."""
    where = f"{connection.dialect.name}_where"
    indexes = inspect(connection).get_indexes("jobs")
    return {
        str(index["name"]): (index["column_names"], str(index.get("dialect_options", {}).get(where)))
        for index in indexes
    }


def _counts(connection: Connection) -> list[int | None]:
    return [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in TABLES]  # noqa: S608 - our own names
