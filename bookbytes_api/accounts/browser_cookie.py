"""The cookie with which a browser stays signed in: it names a login session, as the tokens of other clients do."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from bookbytes_api.accounts.session_rows import SESSION_LIFETIME

COOKIE = "bookbytes_session"
COOKIE_SCOPE = "browser"
"""The scope of its token, so that neither it nor an access token is taken for the other."""
RENEWED_AFTER = timedelta(days=1)
"""Whoever opens a page once a month stays signed in, and most pages write nothing."""


@dataclass(frozen=True, slots=True)
class BrowserCookie:
    """Makes the cookie. It is only sent to a server behind TLS where `is_secure`."""

    is_secure: bool

    def holding(self, token: str) -> Cookie:
        """Return the cookie with this token."""
        return self._cookie(token, round(SESSION_LIFETIME.total_seconds()))

    def removed(self) -> Cookie:
        """Return the cookie that takes the place of another one and is gone at once."""
        return self._cookie("", 0)

    def _cookie(self, value: str, seconds: int) -> Cookie:
        return Cookie(
            key=COOKIE, value=value, path="/", httponly=True, samesite="lax", secure=self.is_secure, max_age=seconds
        )


def browser_token(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """Return the token in the cookie of a request that says in no other way whose it is."""
    if "Authorization" in connection.headers:
        return None
    return connection.cookies.get(COOKIE) or None


def needs_renewal(issued_at: datetime) -> bool:
    """Return whether a cookie's token is so old that the session goes on with a new one."""
    return datetime.now(UTC) - issued_at > RENEWED_AFTER
