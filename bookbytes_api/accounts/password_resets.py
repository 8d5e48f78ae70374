"""Reset links: with one, somebody who has forgotten a password chooses another, once."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bookbytes_api.accounts import passwords
from bookbytes_api.accounts.models import PasswordResetRow, UserRow
from bookbytes_api.accounts.service import ALL_ACCOUNTS
from bookbytes_api.accounts.session_rows import end_sessions
from bookbytes_api.errors import InvalidResetLink
from bookbytes_pipeline.db.database import Database

RESET_LIFETIME = timedelta(hours=24)
MAX_RESET_TOKEN_CHARS = 100
RESET_API = "/api/v1/auth/password-reset"
_PAGE = "/reset"
_RANDOM_BYTES = 32
"""So many that the hash needs neither salt nor time."""


@dataclass(frozen=True, slots=True)
class Reset:
    """A reset that was allowed: the token is kept nowhere."""

    token: str
    expires_at: datetime

    def link(self, address: str) -> str:
        """Return the link for a server at this address. What follows a # is never sent to it, nor in a Referer."""
        return f"{address}{_PAGE}#token={self.token}"


def allow_reset(session: Session, user_id: UUID) -> Reset:
    """Let this user choose another password; an earlier link is void. In a session that holds `ALL_ACCOUNTS`."""
    reset = Reset(secrets.token_urlsafe(_RANDOM_BYTES), datetime.now(UTC) + RESET_LIFETIME)
    session.merge(PasswordResetRow(user_id=user_id, token_hash=_hash(reset.token), expires_at=reset.expires_at))
    return reset


def reset_password(database: Database, token: str, new_password: str) -> None:
    """Set the password of the user to whom the token was given; all sessions end. Raises `InvalidResetLink`."""
    password_hash = passwords.hashed(new_password)
    with database.session(ALL_ACCOUNTS) as session:
        allowed = select(UserRow).join(PasswordResetRow, PasswordResetRow.user_id == UserRow.id)
        valid = (PasswordResetRow.token_hash == _hash(token), PasswordResetRow.expires_at >= datetime.now(UTC))
        row = session.scalar(allowed.where(*valid, UserRow.is_active))
        if row is None:
            raise InvalidResetLink("This link was used, or has expired. Ask an administrator for another one.")
        row.password_hash = password_hash
        end_sessions(session, row)
        discard_reset(session, row.id)


def discard_reset(session: Session, user_id: UUID) -> None:
    """Make the reset link of this user void, if there is one."""
    session.execute(delete(PasswordResetRow).where(PasswordResetRow.user_id == user_id))


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
