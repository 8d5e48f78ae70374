"""How lists of items are filtered and sorted."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select, true
from sqlalchemy.orm import Session

from bookbytes_api.audiobookshelf.items import author_view
from bookbytes_api.audiobookshelf.shelf import languages_and_authors
from bookbytes_api.listening.models import PositionRow
from bookbytes_pipeline.library.models import BookRow, ChapterRow

_LENGTH = (
    select(func.coalesce(func.sum(ChapterRow.duration), 0.0))
    .where(ChapterRow.book_id == BookRow.id, ChapterRow.chapter_number > 0)
    .scalar_subquery()
)
_TITLE = func.lower(BookRow.title)
_SORTS: Mapping[str, Any] = {
    "media.metadata.authorName": func.lower(BookRow.author),
    "media.metadata.publishedYear": func.coalesce(BookRow.publish_year, 0),
    "media.duration": _LENGTH,
    "addedAt": BookRow.created_at,
    "updatedAt": BookRow.updated_at,
}


def sort_key(sort: str, *, is_descending: bool) -> ColumnElement[Any]:
    """Return what a list is sorted by: the title, unless it is one of the other words that apps have for it."""
    key = _SORTS.get(sort, _TITLE)
    descending: ColumnElement[Any] = key.desc()
    return descending if is_descending else key


def condition(session: Session, user_id: UUID, filter_by: str) -> ColumnElement[bool]:
    """Return what a filter means: a word such as `progress`, and after a dot a value in Base64.

    Nothing here has a series, a tag or whatever else there may be.
    """
    if not filter_by:
        return true()
    group, _, encoded = filter_by.partition(".")
    value = _decoded(encoded)
    if group == "progress":
        return _progress(user_id, value)
    if group == "languages":
        return BookRow.language == value
    if group == "authors":
        _, authors = languages_and_authors(session)
        return BookRow.author.in_([name for name in authors if author_view(name)["id"] == value])
    return false()


def _progress(user_id: UUID, state: str) -> ColumnElement[bool]:
    known = select(PositionRow.isbn).where(PositionRow.user_id == user_id, ~PositionRow.is_deleted)
    finished = BookRow.isbn.in_(known.where(PositionRow.is_finished))
    states = {
        "finished": finished,
        "not-finished": ~finished,
        "in-progress": BookRow.isbn.in_(known.where(~PositionRow.is_finished)),
        "not-started": ~BookRow.isbn.in_(known),
    }
    return states.get(state, false())


def _decoded(encoded: str) -> str:
    try:
        return b64decode(encoded).decode().replace("\0", "")
    except (binascii.Error, ValueError):  # no Base64, not in ASCII, or no UTF-8
        return ""
