"""Transactions of one library from many threads, each of which might be another machine."""

import gc
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import QueuePool, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import LibraryUnavailable
from bookbytes_pipeline.library.models import BookRow
from tests.library.rows import book_row
from tests.postgres import PostgresServer

THREADS = 8
CAP = 3


def test_what_was_counted_under_a_lock_is_still_true_when_writing(database: Database) -> None:
    """Of eight threads that add a book while there are fewer than three, three do."""

    def add_if_room(number: int) -> None:
        with database.session("shelf") as session:
            room = _count(session) < CAP
            time.sleep(0.005)  # for the others to count too, if they could
            if room:
                session.add(book_row(f"isbn {number}"))

    _at_once(add_if_room)

    with database.session() as session:
        assert CAP == _count(session)


def test_reading_does_not_wait_for_a_lock(database: Database) -> None:
    """Whoever asks for no lock sees the library as it was before the holder began."""
    with database.session("shelf") as holder:
        holder.add(book_row())
        holder.flush()
        with database.session() as reader:
            seen = _count(reader)

    assert 0 == seen


def test_several_locks_are_taken_in_one_order(database: Database) -> None:
    """Transactions that name the same two locks differently do not end up waiting for each other."""

    def add(number: int) -> None:
        for attempt in range(5):
            with database.session(*(("a", "b") if number % 2 else ("b", "a"))) as session:
                session.add(book_row(f"{number}-{attempt}"))

    _at_once(add)

    with database.session() as session:
        assert THREADS * 5 == _count(session)


def test_reading_then_writing_needs_no_lock(database: Database) -> None:
    """A transaction that has looked around still writes after another one wrote."""
    with database.session() as session:
        session.execute(select(BookRow.id)).all()
        with database.session() as other:
            other.add(book_row("9780198526636"))
        session.add(book_row())

    with database.session() as session:
        assert 2 == _count(session)


def test_a_part_that_failed_is_taken_back_alone(database: Database) -> None:
    """Inside a transaction, a savepoint keeps what was written before it."""
    with database.session() as session:
        session.add(book_row())
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(book_row())

    with database.session() as session:
        assert 1 == _count(session)


def test_a_savepoint_belongs_to_its_transaction(database: Database) -> None:
    """What a savepoint wrote first of all goes when the transaction fails."""
    with pytest.raises(ZeroDivisionError):
        _write_in_a_savepoint_and_fail(database)

    with database.session() as session:
        assert 0 == _count(session)


def test_a_session_may_end_on_another_thread(database: Database) -> None:
    """A request's session is opened and committed by different threads of a pool."""
    opened = database.session()
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as another:
        one.submit(lambda: opened.__enter__().add(book_row())).result()
        another.submit(opened.__exit__, None, None, None).result()

    with database.session() as session:
        assert 1 == _count(session)


def test_locks_of_different_names_do_not_wait_for_each_other(postgres: PostgresServer) -> None:
    """PostgreSQL lets in whoever asks for another name."""
    with postgres.database(postgres.migrated) as url:
        database = Database(url)
        with database.session("user 1"), database.session("user 2") as session:
            session.add(book_row())

        with database.session() as session:
            assert 1 == _count(session)
        database.close()


def test_a_lock_is_not_waited_for_without_end(postgres: PostgresServer) -> None:
    """Whoever cannot be let in within the statement timeout is told that the library is unavailable."""
    with postgres.database(postgres.migrated) as url:
        database, hasty = Database(url), Database(f"{url}?options=-c%20statement_timeout%3D100")
        with database.session("shelf"), pytest.raises(LibraryUnavailable, match="statement timeout"):
            _enter(hasty, "shelf")

        database.close()
        hasty.close()


def test_statements_end_and_speak_utc(postgres: PostgresServer) -> None:
    """Every connection to PostgreSQL has the timeout and the time zone set."""
    with postgres.database(postgres.migrated) as url:
        database = Database(url)
        with database.session() as session:
            timeout, zone = (session.scalar(text(f"SHOW {name}")) for name in ("statement_timeout", "timezone"))
        database.close()

    assert ("15s", "UTC") == (timeout, zone)


def test_a_library_that_nobody_uses_any_more_keeps_no_connection(postgres: PostgresServer) -> None:
    """A command opens the library for one question and does not have to think of closing it."""
    with postgres.database(postgres.migrated) as url:
        database = Database(url)
        database.check()
        pool = database.engine.pool
        assert isinstance(pool, QueuePool)
        kept = pool.checkedin()
        del database
        gc.collect()

    assert (1, 0) == (kept, pool.checkedin())


def _at_once(work: Callable[[int], None]) -> None:
    """Run `work` on every thread, started together."""
    barrier = threading.Barrier(THREADS, timeout=30)

    def run(number: int) -> None:
        barrier.wait()
        work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(THREADS)))


def _enter(database: Database, *locks: str) -> None:
    with database.session(*locks):
        pass


def _write_in_a_savepoint_and_fail(database: Database) -> None:
    with database.session() as session:
        with session.begin_nested():
            session.add(book_row())
        raise ZeroDivisionError


def _count(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(BookRow)).one()
