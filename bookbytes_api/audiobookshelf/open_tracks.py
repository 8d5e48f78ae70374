"""The clips of a session that is open, for apps whose player sends no token."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import HttpMethod, Request, route
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from starlette.responses import Response

from bookbytes_api.accounts.models import UserRow
from bookbytes_api.books.audio import clip_file
from bookbytes_api.errors import UnknownChapter, UnknownListeningSession
from bookbytes_api.listening.models import ListeningSessionRow
from bookbytes_api.listening.sessions import MAX_SESSION_S
from bookbytes_api.web.access import NO_AUTH
from bookbytes_api.web.stored_files import file_response
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.library.models import BookRow, ChapterRow
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import Store

_RANDOM_VERSION = 4


@route(
    "/public/session/{session_id:uuid}/track/{index:int}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={NO_AUTH: True},
    sync_to_thread=True,
)
def get_track(
    session_id: FromPath[UUID],
    index: FromPath[int],
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Response:
    """Get a clip of a session that is open; its random id is the permission, until it is closed or left for 36 hours.

    Audiobookshelf's own app plays by this address where a server says that it is 2.22 or later.
    """
    with database.session() as session:
        chapter = _track(session, session_id, index)
    return file_response(request, store, clip_file(chapter), link_seconds=settings.s3_link_seconds)


def _track(session: Session, session_id: UUID, index: int) -> ChapterRow:
    """Return a track, counted from 1; raises `UnknownListeningSession` or `UnknownChapter`."""
    isbn = _isbn(session, session_id)
    heard = select(ChapterRow).join(BookRow, BookRow.id == ChapterRow.book_id).where(BookRow.isbn == isbn)
    tracks = heard.where(ChapterRow.chapter_number > 0, ChapterRow.audio_key.is_not(None))
    in_order = tracks.order_by(ChapterRow.chapter_number).options(joinedload(ChapterRow.book))
    chapters = session.scalars(in_order).all()
    if not 1 <= index <= len(chapters):
        raise UnknownChapter("The session has no such track.")
    return chapters[index - 1]


def _isbn(session: Session, session_id: UUID) -> str:
    """Return the book of an open session of somebody whose account is open.

    An id that a device made may be easy to guess: it leads nowhere unless it is a random one, and one person's alone.
    """
    open_since = datetime.now(UTC) - timedelta(seconds=MAX_SESSION_S)
    known = select(ListeningSessionRow.isbn).join(UserRow, UserRow.id == ListeningSessionRow.user_id)
    is_open = ListeningSessionRow.closed_at.is_(None), ListeningSessionRow.updated_at >= open_since, UserRow.is_active
    isbns = session.scalars(known.where(ListeningSessionRow.id == session_id, *is_open)).all()
    if len(isbns) != 1 or session_id.version != _RANDOM_VERSION:
        raise UnknownListeningSession("There is no such open session.")
    return isbns[0]


handlers = [get_track]
