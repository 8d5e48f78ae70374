"""Points in time, written to the database and read back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import StatementError

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.library.models import BookRow
from tests.library.rows import book_row

IN_DELHI = datetime(2026, 3, 1, 2, 30, 0, 125, tzinfo=timezone(timedelta(hours=5, minutes=30)))


def test_a_time_is_read_in_utc(database: Database) -> None:
    """It is the same point in time, to the microsecond, whatever its time zone was."""
    _publish_at(database, IN_DELHI)

    with database.session() as session:
        read = session.scalars(select(BookRow.created_at)).one()
    assert (datetime(2026, 2, 28, 21, 0, 0, 125, tzinfo=UTC), UTC) == (read, read.tzinfo)


def test_times_are_compared_across_time_zones(database: Database) -> None:
    """A query may have its time in any time zone."""
    _publish_at(database, IN_DELHI)

    with database.session() as session:
        before = select(BookRow.isbn).where(BookRow.created_at < IN_DELHI + timedelta(seconds=1))
        after = select(BookRow.isbn).where(BookRow.created_at > IN_DELHI + timedelta(seconds=1))
        assert (1, 0) == (len(session.scalars(before).all()), len(session.scalars(after).all()))


def test_a_time_without_a_time_zone_is_refused(database: Database) -> None:
    """Without one it is ambiguous."""
    with pytest.raises(StatementError, match="has no time zone"):
        _publish_at(database, IN_DELHI.replace(tzinfo=None))


def _publish_at(database: Database, time: datetime) -> None:
    with database.session() as session:
        session.add(book_row())
        session.flush()
        session.execute(update(BookRow).values(created_at=time))
