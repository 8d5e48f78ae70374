"""How long people listen, day by day of their own time zone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookbytes_api.listening.models import ListeningDayRow
from bookbytes_pipeline.domain.isbn import ISBN

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Listened:
    """A stretch of listening to a book: when it ended, how many seconds it took, and the offset of the time zone."""

    isbn: ISBN
    ended_at: datetime
    seconds: float
    utc_offset: timedelta = timedelta()

    @property
    def by_day(self) -> Iterator[tuple[date, float]]:
        """The seconds of each day, split at midnight in that time zone."""
        end = (self.ended_at.astimezone(UTC) + self.utc_offset).replace(tzinfo=None)
        start = end - timedelta(seconds=self.seconds)
        while start < end:
            midnight = datetime.combine(start.date() + _DAY, datetime.min.time())
            until = min(midnight, end)
            yield start.date(), (until - start).total_seconds()
            start = until


def add_listened(session: Session, user_id: UUID, stretches: Sequence[Listened]) -> None:
    """Add to the days' times, of which no day has more than its 24 hours, whatever devices say.

    In a session that holds the lock `listening_lock`.
    """
    added: defaultdict[tuple[date, ISBN], float] = defaultdict(float)
    for stretch in stretches:
        for day, seconds in stretch.by_day:
            added[day, stretch.isbn] += seconds
    known = select(ListeningDayRow).where(
        ListeningDayRow.user_id == user_id, ListeningDayRow.day.in_({day for day, _ in added})
    )
    rows = {(row.day, row.isbn): row for row in session.scalars(known)} if added else {}
    totals: defaultdict[date, float] = defaultdict(float)
    for (day, _), row in rows.items():
        totals[day] += row.seconds
    for (day, isbn), seconds in added.items():
        room = min(seconds, _DAY.total_seconds() - totals[day])
        if room > 0:
            row = rows.get((day, isbn)) or ListeningDayRow(user_id=user_id, day=day, isbn=isbn, seconds=0.0)
            row.seconds = round(row.seconds + room, 3)
            totals[day] += room
            session.add(row)
    session.flush()


def seconds_by_day(session: Session, user_id: UUID, first: date, last: date) -> Sequence[tuple[date, float]]:
    """Return the seconds listened on each day of a range on which there were any, in order."""
    total = func.sum(ListeningDayRow.seconds)
    of_days = select(ListeningDayRow.day, total).where(
        ListeningDayRow.user_id == user_id, ListeningDayRow.day.between(first, last)
    )
    days = session.execute(of_days.group_by(ListeningDayRow.day).order_by(ListeningDayRow.day))
    return [(day, round(seconds, 3)) for day, seconds in days]


def seconds_by_book(session: Session, user_id: UUID, isbns: Sequence[ISBN]) -> Mapping[ISBN, float]:
    """Return the seconds listened to each of these books."""
    total = func.sum(ListeningDayRow.seconds)
    of_books = select(ListeningDayRow.isbn, total).where(
        ListeningDayRow.user_id == user_id, ListeningDayRow.isbn.in_(isbns)
    )
    return {isbn: round(seconds, 3) for isbn, seconds in session.execute(of_books.group_by(ListeningDayRow.isbn))}
