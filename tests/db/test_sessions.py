"""Transactions of one library from many threads, as from several machines."""

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


def test_a_count_under_a_lock_is_still_valid_when_writing(database: Database) -> None:
    """Eight threads add a book if there are fewer than three; exactly three do."""

    def add_if_room(number: int) -> None:
        with database.session("shelf") as session:
            has_room = _count(session) < CAP
            time.sleep(0.005)  # so that the others would count too if they could
            if has_room:
                session.add(book_row(f"isbn {number}"))

    _on_all_threads(add_if_room)

    with database.session() as session:
        assert CAP == _count(session)


def test_reading_does_not_wait_for_a_lock(database: Database) -> None:
    """A reader without a lock sees the library as it was before the holder of the lock began."""
    with database.session("shelf") as holder:
        holder.add(book_row())
        holder.flush()
        with database.session() as reader:
            count = _count(reader)

    assert 0 == count


def test_several_locks_are_acquired_in_one_order(database: Database) -> None:
    """Transactions that name the same two locks in different order do not deadlock."""

    def add(number: int) -> None:
        for attempt in range(5):
            with database.session(*(("a", "b") if number % 2 else ("b", "a"))) as session:
                session.add(book_row(f"{number}-{attempt}"))

    _on_all_threads(add)

    with database.session() as session:
        assert THREADS * 5 == _count(session)


def test_reading_then_writing_needs_no_lock(database: Database) -> None:
    """A transaction that has read can still write after another one wrote."""
    with database.session() as session:
        session.execute(select(BookRow.id)).all()
        with database.session() as other:
            other.add(book_row("9780198526636"))
        session.add(book_row())

    with database.session() as session:
        assert 2 == _count(session)


def test_a_failed_savepoint_is_rolled_back_alone(database: Database) -> None:
    """The transaction keeps what was written before the savepoint."""
    with database.session() as session:
        session.add(book_row())
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(book_row())

    with database.session() as session:
        assert 1 == _count(session)


def test_a_savepoint_belongs_to_its_transaction(database: Database) -> None:
    """What a savepoint wrote is rolled back when the transaction fails."""
    with pytest.raises(ZeroDivisionError):
        _write_in_a_savepoint_and_fail(database)

    with database.session() as session:
        assert 0 == _count(session)


def test_a_session_may_end_on_another_thread(database: Database) -> None:
    """A request's session is opened and committed by different threads of a pool."""
    opened = database.session()
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        first.submit(lambda: opened.__enter__().add(book_row())).result()
        second.submit(opened.__exit__, None, None, None).result()

    with database.session() as session:
        assert 1 == _count(session)


def test_locks_of_different_names_do_not_wait_for_each_other(postgres: PostgresServer) -> None:
    """PostgreSQL grants a lock of another name immediately."""
    with postgres.database(postgres.migrated) as url:
        database = Database(url)
        with database.session("user 1"), database.session("user 2") as session:
            session.add(book_row())

        with database.session() as session:
            assert 1 == _count(session)
        database.close()


def test_waiting_for_a_lock_has_a_timeout(postgres: PostgresServer) -> None:
    """After the statement timeout the library is reported as unavailable."""
    with postgres.database(postgres.migrated) as url:
        database, impatient = Database(url), Database(f"{url}?options=-c%20statement_timeout%3D100")
        with database.session("shelf"), pytest.raises(LibraryUnavailable, match="statement timeout"):
            _enter(impatient, "shelf")

        database.close()
        impatient.close()


def test_connections_have_a_statement_timeout_and_utc(postgres: PostgresServer) -> None:
    """Every connection to PostgreSQL has the timeout and the time zone set."""
    with postgres.database(postgres.migrated) as url:
        database = Database(url)
        with database.session() as session:
            timeout, zone = (session.scalar(text(f"SHOW {name}")) for name in ("statement_timeout", "timezone"))
        database.close()

    assert ("15s", "UTC") == (timeout, zone)


def test_a_library_that_is_no_longer_used_keeps_no_connection(postgres: PostgresServer) -> None:
    """A command opens the library for one query and does not have to close it."""
    with postgres.database(postgres.migrated) as url:
        database = Database(url)
        database.check()
        pool = database.engine.pool
        assert isinstance(pool, QueuePool)
        connections_before = pool.checkedin()
        del database
        gc.collect()

    assert (1, 0) == (connections_before, pool.checkedin())


def _on_all_threads(work: Callable[[int], None]) -> None:
    """Run `work` on every thread, started together."""
    barrier = threading.Barrier(THREADS, timeout=120)

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
