"""The rows of login sessions: whose they are, how far their refresh tokens have come, and their end."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bookbytes_api.accounts.models import MAX_DEVICE_CHARS, LoginSessionRow, UserRow
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import UnknownSession
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import LibraryUnavailable

SESSION_LIFETIME = timedelta(days=30)
"""Since the login or the last refresh; no access token may live longer (JWT_EXPIRE_MINUTES)."""
REFRESH_GRACE = timedelta(seconds=60)
"""For a client that did not get the answer, or that refreshes twice at once, and sends the same refresh token again."""
MAX_SESSIONS_PER_DEVICE = 100
"""A script that logs in every time has one name; the phone of the same person has another and stays logged in."""
_LAST_USE_PRECISION = timedelta(hours=1)
"""A player asks many times in a minute, and each note of that is a write."""


def add_session(session: Session, user_id: UUID, device: str) -> UUID:
    """Begin a session of this user and return its id, in a session that holds `ALL_ACCOUNTS`.

    The user's expired ones are deleted, and of one device those that were not used for the longest time.
    """
    now = datetime.now(UTC)
    name = "".join(character for character in device if character.isprintable())[:MAX_DEVICE_CHARS]
    session.execute(delete(LoginSessionRow).where(LoginSessionRow.user_id == user_id, LoginSessionRow.expires_at < now))
    of_device = select(LoginSessionRow.id).where(LoginSessionRow.user_id == user_id, LoginSessionRow.device == name)
    newest_first = of_device.order_by(LoginSessionRow.last_used_at.desc(), LoginSessionRow.created_at.desc())
    too_many = session.scalars(newest_first.offset(MAX_SESSIONS_PER_DEVICE - 1)).all()
    session.execute(delete(LoginSessionRow).where(LoginSessionRow.id.in_(too_many)))
    row = LoginSessionRow(
        user_id=user_id,
        device=name,
        created_at=now,
        refreshed_at=now,
        last_used_at=now,
        expires_at=now + SESSION_LIFETIME,
    )
    session.add(row)
    session.flush()
    return row.id


def refresh_session(session: Session, session_id: UUID, generation: int) -> User | None:
    """Return who goes on with a session by its refresh token of this generation; None if the session has ended.

    Each token leads to the next generation once. Within `REFRESH_GRACE` of that it may be sent again and nothing more
    changes; any other token that was used before is in two hands, one of them a thief's, and ends the session.
    """
    now = datetime.now(UTC)
    active_users = select(UserRow.id).where(UserRow.is_active)
    lasting = (
        LoginSessionRow.id == session_id,
        LoginSessionRow.expires_at >= now,
        LoginSessionRow.user_id.in_(active_users),
    )
    first_use = update(LoginSessionRow).where(*lasting, LoginSessionRow.generation == generation)
    next_one = {"generation": generation + 1, "refreshed_at": now, "last_used_at": now}
    session.execute(first_use.values(**next_one, expires_at=now + SESSION_LIFETIME))
    just_used = (LoginSessionRow.generation == generation + 1, LoginSessionRow.refreshed_at >= now - REFRESH_GRACE)
    owner = select(UserRow).join(LoginSessionRow, LoginSessionRow.user_id == UserRow.id)
    row = session.scalar(owner.where(*lasting, *just_used))
    if row is None:
        session.execute(delete(LoginSessionRow).where(LoginSessionRow.id == session_id))
        return None
    return User.from_row(row, session_id)


def find_session_user(database: Database, user_id: UUID, session_id: UUID) -> User | None:
    """Return the user who is logged in by this session, and note its use; None if the session has ended."""
    now = datetime.now(UTC)
    with database.session() as session:
        known = select(UserRow, LoginSessionRow.last_used_at).join(
            LoginSessionRow, LoginSessionRow.user_id == UserRow.id
        )
        lasting = (LoginSessionRow.id == session_id, LoginSessionRow.expires_at >= now)
        pair = session.execute(known.where(UserRow.id == user_id, UserRow.is_active, *lasting)).one_or_none()
        if pair is None:
            return None
        row, last_used_at = pair
        user = User.from_row(row, session_id)
    if now - last_used_at > _LAST_USE_PRECISION:
        _note_use(database, session_id, now)
    return user


def find_user_without_session(database: Database, user_id: UUID, revocations: int) -> User | None:
    """Return the user who logged in while nothing could be stored; None once everything was signed out."""
    known = select(UserRow).where(UserRow.id == user_id, UserRow.is_active, UserRow.revocations == revocations)
    with database.session() as session:
        row = session.scalar(known)
        return User.from_row(row) if row else None


def prolong_session(session: Session, session_id: UUID) -> None:
    """Let a session that has not ended last as long from now on as a new one."""
    now = datetime.now(UTC)
    lasting = update(LoginSessionRow).where(LoginSessionRow.id == session_id, LoginSessionRow.expires_at >= now)
    session.execute(lasting.values(last_used_at=now, expires_at=now + SESSION_LIFETIME))


def sessions_of(session: Session, user_id: UUID) -> Sequence[LoginSessionRow]:
    """Return the sessions of a user that have not expired, the one used last first."""
    of_user = select(LoginSessionRow).where(LoginSessionRow.user_id == user_id)
    lasting = of_user.where(LoginSessionRow.expires_at >= datetime.now(UTC))
    return session.scalars(lasting.order_by(LoginSessionRow.last_used_at.desc(), LoginSessionRow.id)).all()


def end_session(session: Session, user_id: UUID, session_id: UUID) -> None:
    """End a session of this user: its tokens are refused from the next request on. Raises `UnknownSession`."""
    own = delete(LoginSessionRow).where(LoginSessionRow.id == session_id, LoginSessionRow.user_id == user_id)
    if session.scalar(own.returning(LoginSessionRow.id)) is None:
        raise UnknownSession(f"You have no session {session_id}.")


def end_session_by_id(session: Session, session_id: UUID) -> None:
    """End this session, for whoever has its refresh token; none if it has ended before."""
    session.execute(delete(LoginSessionRow).where(LoginSessionRow.id == session_id))


def end_sessions(session: Session, user: UserRow, keep: UUID | None = None) -> None:
    """End the sessions of a user, except for one, and all signed addresses; in a session that holds `ALL_ACCOUNTS`."""
    of_user = delete(LoginSessionRow).where(LoginSessionRow.user_id == user.id)
    session.execute(of_user if keep is None else of_user.where(LoginSessionRow.id != keep))
    user.revocations += 1


def _note_use(database: Database, session_id: UUID, now: datetime) -> None:
    """Where nothing can be written, people listen all the same."""
    used = update(LoginSessionRow).where(LoginSessionRow.id == session_id)
    with suppress(LibraryUnavailable), database.session() as session:
        session.execute(used.values(last_used_at=now))
