"""Who sends a request, where that is not said by the token of a login."""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from secrets import compare_digest
from typing import Any
from uuid import UUID

from litestar import HttpMethod
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.middleware.authentication import AuthenticationResult

from bookbytes_api.accounts.browser_cookie import browser_token
from bookbytes_api.accounts.listen_urls import SIGNATURE, ListenURLs, listener_of
from bookbytes_api.accounts.models import SYSTEM_EMAIL, UserRow
from bookbytes_api.accounts.personal_tokens import PREFIX, TokenScope, find_token
from bookbytes_api.accounts.system import system_user
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import NotAuthenticated, TokenScopeTooNarrow
from bookbytes_api.web.access import (
    LISTEN_URL,
    LISTENS,
    LOGIN_IN_ADDRESS,
    LOGIN_ONLY,
    OPTIONAL_AUTH,
    TOKEN_IN_ADDRESS,
    TOKEN_PARAMETER,
)
from bookbytes_pipeline.db.database import Database

API_KEY_HEADER = "X-API-Key"

Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True)
class Identification:
    """Knows people by a personal access token, by the address of a clip and, unless `api_key` is empty, by that key."""

    database: Database
    api_key: str
    listen_urls: ListenURLs

    async def identify(self, connection: Connection) -> AuthenticationResult | None:
        """Return who sends this request; None where only the token of a login can tell.

        Raises `NotAuthenticated` or `TokenScopeTooNarrow`.
        """
        key = connection.headers.get(API_KEY_HEADER)
        authorization = connection.headers.get("Authorization")
        options = connection.route_handler.opt
        if key is None and authorization is None and options.get(OPTIONAL_AUTH) and not browser_token(connection):
            return AuthenticationResult(user=None, auth=None)
        if authorization is None and options.get(LISTEN_URL) and SIGNATURE in connection.query_params:
            return AuthenticationResult(user=await sync_to_thread(self._listener, connection), auth=None)
        if self.api_key and key is not None:
            if not compare_digest(key.encode(), self.api_key.encode()):
                raise NotAuthenticated(f"{API_KEY_HEADER} is not the key that this BookBytes was started with.")
            return AuthenticationResult(user=await sync_to_thread(system_user, self.database), auth=SYSTEM_EMAIL)
        secret = _personal_token(authorization or "")
        if authorization is None and options.get(TOKEN_IN_ADDRESS):
            secret = connection.query_params.get(TOKEN_PARAMETER)
            if options.get(LOGIN_IN_ADDRESS) and secret is not None and not secret.startswith(PREFIX):
                return None
        if secret is not None:
            return AuthenticationResult(user=await sync_to_thread(self._owner, secret, connection), auth=None)
        return None

    def _listener(self, connection: Connection) -> User:
        user = active_user(self.database, listener_of(connection.query_params))
        if user is None:
            raise NotAuthenticated("The account that this address was made for has been closed.")
        self.listen_urls.require_signed(connection.scope["path"], connection.query_params, user.revocations)
        return user

    def _owner(self, secret: str, connection: Connection) -> User:
        found = find_token(self.database, secret)
        if found is None:
            raise NotAuthenticated("This token was revoked, or its account has been closed. Create another one.")
        owner, scope = found
        if connection.route_handler.opt.get(LOGIN_ONLY):
            raise TokenScopeTooNarrow("No personal access token allows this. Log in with your password.")
        needed = _needed_scope(connection)
        if not scope.allows(needed):
            raise TokenScopeTooNarrow(f"This token allows you to {scope}; this needs one with the scope `{needed}`.")
        return owner


def active_user(database: Database, user_id: UUID) -> User | None:
    """Return the user of this account; None if there is none, or if it has been closed."""
    with database.session() as session:
        row = session.get(UserRow, user_id)
        return User.from_row(row) if row and row.is_active else None


def _personal_token(authorization: str) -> str | None:
    """Return the personal access token in the header, sent as bearer token or as the password of HTTP Basic."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "basic":
        value = _password(value)
    elif scheme.lower() != "bearer":
        return None
    return value if value.startswith(PREFIX) else None


def _password(encoded: str) -> str:
    """Return the password; the name before it is whatever an app wanted to have."""
    try:
        return b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _needed_scope(connection: Connection) -> TokenScope:
    if connection.route_handler.opt.get(LISTENS):
        return TokenScope.LISTEN
    reads = connection.scope.get("method") in {HttpMethod.GET.value, HttpMethod.HEAD.value}
    return TokenScope.READ if reads else TokenScope.MAKE
