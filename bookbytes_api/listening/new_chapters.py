"""Chapters that can be listened to since a person last listened to their book."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookbytes_api.listening.models import PositionRow
from bookbytes_pipeline.library.models import BookRow, ChapterRow


def count_new_chapters(session: Session, user_id: UUID, book_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many chapters of these books have been added since the user's position: one statement.

    Only of books in which the user has a position, and only where there are some. A chapter that is made again is not
    new, nor is one that had no clip at first.
    """
    added = (
        select(ChapterRow.book_id, func.count())
        .join(BookRow, BookRow.id == ChapterRow.book_id)
        .join(PositionRow, PositionRow.isbn == BookRow.isbn)
        .where(PositionRow.user_id == user_id, ~PositionRow.is_deleted, ChapterRow.book_id.in_(book_ids))
        .where(ChapterRow.created_at > PositionRow.effective_time)
        .where(ChapterRow.chapter_number > 0, ChapterRow.audio_key.is_not(None))
    )
    return dict(session.execute(added.group_by(ChapterRow.book_id)).all())
