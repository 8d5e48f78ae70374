"""Login sessions: each begins with a password and goes on as long as its client refreshes it."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from bookbytes_api.accounts import service
from bookbytes_api.accounts.browser_cookie import COOKIE_SCOPE
from bookbytes_api.accounts.models import UserRow
from bookbytes_api.accounts.refresh_tokens import RefreshTokens
from bookbytes_api.accounts.service import ALL_ACCOUNTS
from bookbytes_api.accounts.session_rows import (
    SESSION_LIFETIME,
    add_session,
    end_session_by_id,
    prolong_session,
    refresh_session,
)
from bookbytes_api.accounts.tokens import PasswordBearerAuth
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import SessionEnded, WrongCredentials
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import LibraryFull


@dataclass(frozen=True, slots=True)
class Login:
    """What a login or a refresh gives: who it is, both tokens, and for how many seconds `access_token` is valid."""

    user: User
    access_token: str
    refresh_token: str
    expires_in: int


class Tokens:
    """Begins and refreshes login sessions, by issuing their tokens; blocks."""

    def __init__(self, database: Database, auth: PasswordBearerAuth, refresh_tokens: RefreshTokens) -> None:
        self._database, self._auth, self._refresh_tokens = database, auth, refresh_tokens
        self.seconds = round(auth.default_token_expiration.total_seconds())

    def log_in(self, email: str, password: str, device: str = "") -> Login:
        """Begin a session; `device` is what the client calls itself (User-Agent), of any length.

        On a full disk, which must keep nobody from listening, it is a login that cannot be refreshed or listed.
        Raises `WrongCredentials` or `AccountInactive`.
        """
        with self._database.session() as session:
            user = User.from_row(service.log_in(session, email, password))
        try:
            return self._begin(user.id, user.revocations, device)
        except LibraryFull:
            return self._login(user, uuid4(), 0, rev=user.revocations)

    def refresh(self, refresh_token: str) -> Login:
        """Go on with a session, with a new access token and the next refresh token; raises `SessionEnded`.

        See `session_rows.refresh_session` for a token that has been used before.
        """
        signed_for = self._refresh_tokens.read(refresh_token)
        if signed_for is None:
            raise SessionEnded("This is no refresh token of this BookBytes. Log in again.")
        session_id, generation = signed_for
        with self._database.session() as session:
            user = refresh_session(session, session_id, generation)
        if user is None:
            raise SessionEnded("This session has ended. Log in again.")
        return self._login(user, session_id, generation + 1)

    def end(self, refresh_token: str) -> None:
        """End the session of a refresh token, if it has not ended before."""
        signed_for = self._refresh_tokens.read(refresh_token)
        if signed_for is not None:
            with self._database.session() as session:
                end_session_by_id(session, signed_for[0])

    def for_browser(self, user: User) -> str:
        """Return the token for the cookie of a browser, for as long as a session lasts that nobody refreshes."""
        sid, rev = (user.session_id, None) if user.session_id else (uuid4(), user.revocations)
        return self._auth.create_token(str(user.id), SESSION_LIFETIME, sid=str(sid), rev=rev, scope=COOKIE_SCOPE)

    def go_on(self, user: User) -> str:
        """Let the session of a browser last as long as a new one, and return the token for its next cookie."""
        if user.session_id is not None:
            with self._database.session() as session:
                prolong_session(session, user.session_id)
        return self.for_browser(user)

    def new(self, user_id: UUID) -> str:
        """Begin a session for this user without a password, and return its access token."""
        with self._database.session() as session:
            revocations = session.get_one(UserRow, user_id).revocations
        return self._begin(user_id, revocations, "").access_token

    def _begin(self, user_id: UUID, revocations: int, device: str) -> Login:
        """Begin a session, unless everything was signed out since the password was checked."""
        with self._database.session(ALL_ACCOUNTS) as session:
            row = session.get(UserRow, user_id)
            if row is None or not row.is_active or row.revocations != revocations:
                raise WrongCredentials("The account was changed at the same moment. Log in again.")
            session_id = add_session(session, user_id, device)
            user = User.from_row(row, session_id)
        return self._login(user, session_id, 0)

    def _login(self, user: User, session_id: UUID, generation: int, rev: int | None = None) -> Login:
        access_token = self._auth.create_token(str(user.id), sid=str(session_id), rev=rev)
        return Login(user, access_token, self._refresh_tokens.sign(session_id, generation), self.seconds)
