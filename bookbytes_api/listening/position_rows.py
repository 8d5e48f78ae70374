"""Positions and their history, between the tables and the values that are merged."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bookbytes_api.listening.models import PositionHistoryRow, PositionRow
from bookbytes_api.listening.places import Place
from bookbytes_api.listening.reports import Finish, Lost, Position, Report
from bookbytes_pipeline.domain.isbn import ISBN


def position_from(row: PositionRow) -> Position:
    """Return a position as it is merged."""
    decided_at = row.finish_decided_at
    finish = Finish(row.is_finished, decided_at) if decided_at else None
    return Position(_report(row), finish, row.is_deleted)


def lost_from(rows: Iterable[PositionHistoryRow]) -> list[Lost]:
    """Return a history as it is merged."""
    return [Lost(_report(row), row.received_at, row.why) for row in rows]


def write_position(session: Session, row: PositionRow, position: Position, now: datetime) -> None:
    """Write a position to its row, which may be new."""
    report, finish = position.report, position.finish
    row.chapter_number, row.seconds = report.place.chapter_number, report.place.seconds
    row.client_time, row.effective_time, row.device = report.client_time, report.effective_time, report.device
    row.is_finished, row.is_deleted = finish is not None and finish.is_finished, position.is_deleted
    row.finish_decided_at = finish.decided_at if finish else None
    row.finished_at = finish.decided_at if finish and finish.is_finished else None
    row.updated_at = now
    session.add(row)


def select_history(user_id: UUID, isbns: Collection[ISBN]) -> Select[PositionHistoryRow]:
    """Select the history of a user's positions in these books."""
    of_user = select(PositionHistoryRow).where(PositionHistoryRow.user_id == user_id)
    return of_user.where(PositionHistoryRow.isbn.in_(isbns))


def history_rows(
    session: Session, user_id: UUID, isbns: Collection[ISBN]
) -> Mapping[ISBN, Sequence[PositionHistoryRow]]:
    """Return that history by book; nothing for a book without one."""
    rows: defaultdict[ISBN, list[PositionHistoryRow]] = defaultdict(list)
    for row in session.scalars(select_history(user_id, isbns)):
        rows[row.isbn].append(row)
    return rows


def write_history(
    session: Session, user_id: UUID, isbn: ISBN, rows: Iterable[PositionHistoryRow], history: Iterable[Lost]
) -> None:
    """Make the rows of a book's history this one: add what is new, delete what has no room any more."""
    kept = {lost.report.identity: lost for lost in history}
    for row in rows:
        if kept.pop(_report(row).identity, None) is None:
            session.delete(row)
    for lost in kept.values():
        session.add(_history_row(user_id, isbn, lost))


def _history_row(user_id: UUID, isbn: ISBN, lost: Lost) -> PositionHistoryRow:
    report = lost.report
    return PositionHistoryRow(
        user_id=user_id,
        isbn=isbn,
        chapter_number=report.place.chapter_number,
        seconds=report.place.seconds,
        client_time=report.client_time,
        effective_time=report.effective_time,
        device=report.device,
        received_at=lost.received_at,
        why=lost.why,
    )


def _report(row: PositionRow | PositionHistoryRow) -> Report:
    place = Place(row.chapter_number, row.seconds)
    return Report(place, row.client_time, row.effective_time, row.device)
