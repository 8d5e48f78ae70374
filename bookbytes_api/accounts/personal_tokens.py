"""Personal access tokens: what somebody gives to a program instead of a password."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bookbytes_api.accounts.models import PersonalAccessTokenRow, UserRow
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import TooManyTokens, UnknownToken
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import LibraryUnavailable

PREFIX = "bookbytes_"
"""Tells these tokens from those of a login, and lets scanners find one that was published by mistake."""
MAX_TOKENS = 50
_RANDOM_BYTES = 32
"""So many that the hash needs neither salt nor time."""
_LAST_USE_PRECISION = timedelta(hours=1)
"""A player asks many times in a minute, and each note of that is a write."""


class TokenScope(StrEnum):
    """What a token allows: each what those before it allow, and more. None has the rights of administrators."""

    READ = "read"
    LISTEN = "listen"
    MAKE = "make"

    def allows(self, needed: "TokenScope") -> bool:
        """Return whether a token of this scope will do where `needed` is."""
        scopes = list(TokenScope)
        return scopes.index(self) >= scopes.index(needed)


def create_token(session: Session, user_id: UUID, name: str, scope: TokenScope) -> tuple[PersonalAccessTokenRow, str]:
    """Return a new token with its secret, which is kept nowhere; raises `TooManyTokens`.

    In a session that holds the lock `tokens_lock`.
    """
    owned = select(func.count()).select_from(PersonalAccessTokenRow).where(PersonalAccessTokenRow.user_id == user_id)
    if session.scalar(owned) == MAX_TOKENS:
        raise TooManyTokens(f"You have {MAX_TOKENS} tokens. Revoke one that you do not use any more.")
    secret = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    row = PersonalAccessTokenRow(user_id=user_id, name=name, scope=scope.value, token_hash=_hash(secret))
    session.add(row)
    session.flush()
    return row, secret


def tokens_of(session: Session, user_id: UUID) -> Sequence[PersonalAccessTokenRow]:
    """Return the tokens of a user, the oldest first."""
    owned = select(PersonalAccessTokenRow).where(PersonalAccessTokenRow.user_id == user_id)
    return session.scalars(owned.order_by(PersonalAccessTokenRow.created_at, PersonalAccessTokenRow.id)).all()


def revoke_token(session: Session, user_id: UUID, token_id: UUID) -> None:
    """Delete a token of this user: it is refused from the next request on. Raises `UnknownToken`."""
    row = session.get(PersonalAccessTokenRow, token_id)
    if row is None or row.user_id != user_id:
        raise UnknownToken(f"You have no token {token_id}.")
    session.delete(row)


def revoke_tokens(session: Session, user_id: UUID) -> None:
    """Delete all tokens of this user."""
    session.execute(delete(PersonalAccessTokenRow).where(PersonalAccessTokenRow.user_id == user_id))


def tokens_lock(user_id: UUID) -> str:
    """Return the name of the lock under which the tokens of a user are created and counted."""
    return f"tokens {user_id}"


def find_token(database: Database, secret: str) -> tuple[User, TokenScope] | None:
    """Return whose token this is and what it allows, and note its use; None for one that nobody has."""
    with database.session() as session:
        known = select(PersonalAccessTokenRow, UserRow).join(UserRow, UserRow.id == PersonalAccessTokenRow.user_id)
        found = session.execute(known.where(PersonalAccessTokenRow.token_hash == _hash(secret), UserRow.is_active))
        pair = found.one_or_none()
        if pair is None:
            return None
        token, user = pair
        scope = TokenScope(token.scope)
        listens = scope.allows(TokenScope.LISTEN)
        owner = User(user.id, user.email, is_admin=False, may_listen=listens, revocations=user.revocations)
        token_id, last_used_at = token.id, token.last_used_at
    if last_used_at is None or datetime.now(UTC) - last_used_at > _LAST_USE_PRECISION:
        _note_use(database, token_id)
    return owner, scope


def _note_use(database: Database, token_id: UUID) -> None:
    """Where nothing can be written, people listen all the same."""
    used = update(PersonalAccessTokenRow).where(PersonalAccessTokenRow.id == token_id)
    with suppress(LibraryUnavailable), database.session() as session:
        session.execute(used.values(last_used_at=datetime.now(UTC)))


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
