"""What an app calls to find the server, to log in and to log out."""

from typing import Annotated, Any

from litestar import HttpMethod, Request, get, post, route
from litestar.concurrency import sync_to_thread
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, SerializationException, ValidationException
from litestar.params import HeaderParameter

from bookbytes_api.accounts.limits import LimitAttempts
from bookbytes_api.accounts.personal_tokens import PREFIX, find_token
from bookbytes_api.accounts.refresh_tokens import MAX_REFRESH_TOKEN_CHARS
from bookbytes_api.accounts.service import known_as
from bookbytes_api.accounts.sessions import Tokens
from bookbytes_api.accounts.user import User
from bookbytes_api.audiobookshelf.account import login_view, server_status
from bookbytes_api.audiobookshelf.files import View
from bookbytes_api.audiobookshelf.requests import LoginRequest
from bookbytes_api.errors import WrongCredentials
from bookbytes_api.web.access import NO_AUTH
from bookbytes_api.web.strict_json import decode_json
from bookbytes_pipeline.db.database import Database

_NO_STORE = CacheControlHeader(no_store=True)
_RefreshToken = Annotated[str, HeaderParameter(name="x-refresh-token", max_length=MAX_REFRESH_TOKEN_CHARS)]


class LimitLogins(LimitAttempts):
    """Counts an attempt as the login of our own API does: a password cannot be guessed twice as often here."""

    async def account(self, request: Request[Any, Any, Any]) -> str | None:  # noqa: D102 - as above
        try:
            return known_as(decode_json(await request.body(), LoginRequest).username)
        except (ValidationException, ClientException, SerializationException):
            return None


@get("/ping", opt={NO_AUTH: True}, sync_to_thread=False)
def ping() -> View:
    """Say that there is a server."""
    return {"success": True}


@get("/status", opt={NO_AUTH: True}, sync_to_thread=False)
def status() -> View:
    """Say what kind of server it is and how people log in."""
    return server_status()


@post("/login", status_code=200, cache_control=_NO_STORE, opt={NO_AUTH: True}, middleware=[LimitLogins()])
async def login(
    request: Request[Any, Any, Any], tokens: NamedDependency[Tokens], database: NamedDependency[Database]
) -> View:
    """Log in with an e-mail address and a password, or with a personal access token for the password."""
    sent = decode_json(await request.body(), LoginRequest)
    device = request.headers.get("User-Agent", "")
    if sent.password.startswith(PREFIX):
        return await sync_to_thread(_log_in_by_token, database, sent.password)
    return await sync_to_thread(_log_in, tokens, database, sent, device)


@post("/auth/refresh", status_code=200, cache_control=_NO_STORE, opt={NO_AUTH: True}, middleware=[LimitAttempts()])
async def refresh(
    refresh_token: _RefreshToken, tokens: NamedDependency[Tokens], database: NamedDependency[Database]
) -> View:
    """Get the next tokens for a refresh token."""
    return await sync_to_thread(_refresh, tokens, database, refresh_token)


@post("/logout", status_code=200, opt={NO_AUTH: True}, sync_to_thread=True)
def logout(
    tokens: NamedDependency[Tokens],
    refresh_token: Annotated[
        str | None, HeaderParameter(name="x-refresh-token", max_length=MAX_REFRESH_TOKEN_CHARS)
    ] = None,
) -> View:
    """End the session of a refresh token; without one, the app only forgets its tokens."""
    if refresh_token is not None:
        tokens.end(refresh_token)
    return {}


@route("/api/authorize", http_method=[HttpMethod.GET, HttpMethod.POST], status_code=200, sync_to_thread=True)
def authorize(
    request: Request[Any, Any, Any], user: NamedDependency[User], database: NamedDependency[Database]
) -> View:
    """Get what a login gives, with the token that was sent."""
    token = request.headers.get("Authorization", "").partition(" ")[2]
    with database.session() as session:
        return login_view(session, user, token, None)


def _log_in(tokens: Tokens, database: Database, sent: LoginRequest, device: str) -> View:
    begun = tokens.log_in(sent.username, sent.password, device)
    with database.session() as session:
        return login_view(session, begun.user, begun.access_token, begun.refresh_token)


def _log_in_by_token(database: Database, secret: str) -> View:
    found = find_token(database, secret)
    if found is None:
        raise WrongCredentials("This token was revoked, or its account has been closed.")
    with database.session() as session:
        return login_view(session, found[0], secret, None)


def _refresh(tokens: Tokens, database: Database, refresh_token: str) -> View:
    begun = tokens.refresh(refresh_token)
    with database.session() as session:
        return login_view(session, begun.user, begun.access_token, begun.refresh_token)


handlers = [ping, status, login, refresh, logout, authorize]
