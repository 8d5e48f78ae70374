"""Points in time, in and out of the database."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import StatementError

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.library.models import BookRow
from tests.library.rows import book_row

IN_DELHI = datetime(2026, 3, 1, 2, 30, 0, 125, tzinfo=timezone(timedelta(hours=5, minutes=30)))


def test_a_moment_comes_back_in_utc(database: Database) -> None:
    """It is the same moment, to the microsecond, wherever it was written."""
    _publish_at(database, IN_DELHI)

    with database.session() as session:
        read = session.scalars(select(BookRow.created_at)).one()
    assert (datetime(2026, 2, 28, 21, 0, 0, 125, tzinfo=UTC), UTC) == (read, read.tzinfo)


def test_moments_are_compared_as_such(database: Database) -> None:
    """A question may name its moment in any time zone."""
    _publish_at(database, IN_DELHI)

    with database.session() as session:
        before = select(BookRow.isbn).where(BookRow.created_at < IN_DELHI + timedelta(seconds=1))
        after = select(BookRow.isbn).where(BookRow.created_at > IN_DELHI + timedelta(seconds=1))
        assert (1, 0) == (len(session.scalars(before).all()), len(session.scalars(after).all()))


def test_a_moment_without_a_time_zone_is_refused(database: Database) -> None:
    """Nobody knows when it was."""
    with pytest.raises(StatementError, match="has no time zone"):
        _publish_at(database, IN_DELHI.replace(tzinfo=None))


def _publish_at(database: Database, moment: datetime) -> None:
    with database.session() as session:
        session.add(book_row())
        session.flush()
        session.execute(update(BookRow).values(created_at=moment))
