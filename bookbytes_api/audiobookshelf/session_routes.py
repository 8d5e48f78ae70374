"""Sessions that are open, and those of devices that were offline."""

from datetime import UTC, datetime
from uuid import UUID

from litestar import MediaType, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from bookbytes_api.accounts.user import User
from bookbytes_api.audiobookshelf.files import View
from bookbytes_api.audiobookshelf.requests import LocalSession, LocalSessions, SessionSync
from bookbytes_api.audiobookshelf.sessions import open_view, record_local, sync
from bookbytes_api.audiobookshelf.shelf import shelved_book
from bookbytes_api.errors import UnknownBook
from bookbytes_api.listening.positions import listening_lock
from bookbytes_api.listening.sessions import find_session
from bookbytes_pipeline.db.database import Database


@get("/api/session/{session_id:uuid}", sync_to_thread=True)
def get_session(session_id: FromPath[UUID], user: NamedDependency[User], database: NamedDependency[Database]) -> View:
    """Get a session of yours."""
    with database.session() as session:
        row, heard = find_session(session, user.id, session_id)
        return open_view(row, heard, shelved_book(session, heard.id))


@post("/api/session/{session_id:uuid}/sync", status_code=200, media_type=MediaType.TEXT, sync_to_thread=True)
def sync_session(
    session_id: FromPath[UUID],
    data: JSONBody[SessionSync],
    user: NamedDependency[User],
    database: NamedDependency[Database],
) -> str:
    """Take where the player is, and with it your place in the book."""
    with database.session(listening_lock(user.id)) as session:
        sync(session, user.id, session_id, data, datetime.now(UTC), is_closed=False)
    return ""


@post("/api/session/{session_id:uuid}/close", status_code=200, media_type=MediaType.TEXT, sync_to_thread=True)
def close_session(
    session_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    data: JSONBody[SessionSync | None] = None,
) -> str:
    """End a session, with where the player was in the end or without."""
    with database.session(listening_lock(user.id)) as session:
        sync(session, user.id, session_id, data, datetime.now(UTC), is_closed=True)
    return ""


@post("/api/session/local", status_code=200, media_type=MediaType.TEXT, sync_to_thread=True)
def report_session(
    data: JSONBody[LocalSession], user: NamedDependency[User], database: NamedDependency[Database]
) -> str:
    """Take the session of a device that was offline; the same one again changes nothing."""
    with database.session(listening_lock(user.id)) as session:
        [taken] = record_local(session, user.id, [data], "", datetime.now(UTC))
    if not taken["success"]:
        raise UnknownBook(taken["error"])
    return ""


@post("/api/session/local-all", status_code=200, sync_to_thread=True)
def report_sessions(
    data: JSONBody[LocalSessions], user: NamedDependency[User], database: NamedDependency[Database]
) -> View:
    """Take up to 500 of them, in any order; say which were taken."""
    device = data.device_info.name if data.device_info else ""
    with database.session(listening_lock(user.id)) as session:
        return {"results": record_local(session, user.id, data.sessions, device, datetime.now(UTC))}


handlers = [get_session, sync_session, close_session, report_session, report_sessions]
