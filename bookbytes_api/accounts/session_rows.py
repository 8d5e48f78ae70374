"""The rows of login sessions: whose they are, how far their refresh tokens have come, and their end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bookbytes_api.accounts.models import MAX_DEVICE_CHARS, LoginSessionRow, UserRow
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import UnknownSession

SESSION_LIFETIME = timedelta(days=30)
"""Since the login or the last refresh; no access token may live longer (JWT_EXPIRE_MINUTES)."""
REFRESH_GRACE = timedelta(seconds=60)
"""For a client that did not get the answer, or that refreshes twice at once, and sends the same refresh token again."""
MAX_SESSIONS_PER_DEVICE = 100
"""A script that logs in every time has one name; the phone of the same person has another and stays logged in."""


def add_session(session: Session, user_id: UUID, device: str) -> UUID:
    """Begin a session of this user and return its id, in a session that holds `ALL_ACCOUNTS`.

    The user's expired ones are deleted, and of one device those that were not used for the longest time.
    """
    now = datetime.now(UTC)
    name = "".join(character for character in device if character.isprintable())[:MAX_DEVICE_CHARS]
    session.execute(delete(LoginSessionRow).where(LoginSessionRow.user_id == user_id, LoginSessionRow.expires_at < now))
    of_device = select(LoginSessionRow).where(LoginSessionRow.user_id == user_id, LoginSessionRow.device == name)
    newest_first = of_device.order_by(LoginSessionRow.last_used_at.desc(), LoginSessionRow.created_at.desc())
    for row in session.scalars(newest_first.offset(MAX_SESSIONS_PER_DEVICE - 1)):
        session.delete(row)
    row = LoginSessionRow(user_id=user_id, device=name, created_at=now, last_used_at=now, refreshed_at=now)
    row.expires_at = now + SESSION_LIFETIME
    session.add(row)
    session.flush()
    return row.id


def refresh_session(session: Session, session_id: UUID, generation: int) -> User | None:
    """Return who goes on with a session by its refresh token of this generation; None if the session has ended.

    Each token is used once, and leads to the next generation. One that was used before is a copy that somebody else has,
    or was stolen from: that ends the session. Only the last one may be sent again within `REFRESH_GRACE`, by a client
    that has lost the answer; nothing changes then. In a session that holds the session's lock.
    """
    now = datetime.now(UTC)
    found = select(LoginSessionRow, UserRow).join(UserRow, UserRow.id == LoginSessionRow.user_id)
    pair = session.execute(found.where(LoginSessionRow.id == session_id, UserRow.is_active)).one_or_none()
    if pair is None:
        return None
    row, user = pair
    is_repeated = generation == row.generation - 1 and now - row.refreshed_at <= REFRESH_GRACE
    if row.expires_at < now or not (is_repeated or generation == row.generation):
        session.delete(row)
        return None
    if not is_repeated:
        row.generation += 1
        row.refreshed_at = row.last_used_at = now
        row.expires_at = now + SESSION_LIFETIME
    return User.from_row(user, session_id)


def sessions_of(session: Session, user_id: UUID) -> Sequence[LoginSessionRow]:
    """Return the sessions of a user that have not expired, the one used last first."""
    lasting = select(LoginSessionRow).where(
        LoginSessionRow.user_id == user_id, LoginSessionRow.expires_at >= datetime.now(UTC)
    )
    return session.scalars(lasting.order_by(LoginSessionRow.last_used_at.desc(), LoginSessionRow.id)).all()


def end_session(session: Session, user_id: UUID, session_id: UUID) -> None:
    """End a session of this user: its tokens are refused from the next request on. Raises `UnknownSession`."""
    row = session.get(LoginSessionRow, session_id)
    if row is None or row.user_id != user_id:
        raise UnknownSession(f"You have no session {session_id}.")
    session.delete(row)


def end_sessions(session: Session, user: UserRow, keep: UUID | None = None) -> None:
    """End the sessions of a user, except for one, and all signed addresses; in a session that holds `ALL_ACCOUNTS`."""
    of_user = delete(LoginSessionRow).where(LoginSessionRow.user_id == user.id)
    session.execute(of_user if keep is None else of_user.where(LoginSessionRow.id != keep))
    user.revocations += 1
