"""Refreshing, listing and ending login sessions."""

from uuid import UUID

from litestar import Router, delete, get, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from bookbytes_api.accounts.limits import LimitAttempts
from bookbytes_api.accounts.models import UserRow
from bookbytes_api.accounts.personal_tokens import revoke_tokens
from bookbytes_api.accounts.schemas import LoginSession, LogoutEverywhere, RefreshRequest, TokenResponse
from bookbytes_api.accounts.service import ALL_ACCOUNTS
from bookbytes_api.accounts.session_rows import end_session, end_sessions, sessions_of
from bookbytes_api.accounts.sessions import Tokens
from bookbytes_api.accounts.user import User
from bookbytes_api.web.access import LOGIN_ONLY, NO_AUTH, NO_AUTH_SECURITY
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.db.database import Database


@post(
    "/refresh",
    operation_id="refresh_login",
    status_code=200,
    before_request=strict_json,
    cache_control=CacheControlHeader(no_store=True),
    opt={NO_AUTH: True},
    security=NO_AUTH_SECURITY,
    middleware=[LimitAttempts()],
    responses=error_responses(400, 401, 413, 422, 429, 503),
    sync_to_thread=True,
)
def refresh_login(data: JSONBody[RefreshRequest], tokens: NamedDependency[Tokens]) -> TokenResponse:
    """Get the next tokens for a refresh token, which is used up by that.

    For a minute the same refresh token gets the next one again, for clients that have lost the answer. After that it
    ends the session: somebody has a copy of it.
    """
    return TokenResponse.from_login(tokens.refresh(data.refresh_token))


@post(
    "/logout",
    operation_id="logout",
    status_code=204,
    opt={LOGIN_ONLY: True},
    responses=error_responses(401, 403, 503),
    sync_to_thread=True,
)
def logout(user: NamedDependency[User], database: NamedDependency[Database]) -> None:
    """Sign out here: the session that sends this ends, with its access tokens and its refresh token."""
    if user.session_id is not None:
        with database.session() as session:
            end_session(session, user.id, user.session_id)


@post(
    "/logout-everywhere",
    operation_id="logout_everywhere",
    status_code=204,
    before_request=strict_json,
    opt={LOGIN_ONLY: True},
    responses=error_responses(400, 401, 403, 413, 422, 503),
    sync_to_thread=True,
)
def logout_everywhere(
    user: NamedDependency[User],
    database: NamedDependency[Database],
    data: JSONBody[LogoutEverywhere | None] = None,
) -> None:
    """Sign out everywhere: all of your sessions end, and all addresses of clips.

    Personal access tokens stay, unless the body says otherwise.
    """
    with database.session(ALL_ACCOUNTS) as session:
        end_sessions(session, session.get_one(UserRow, user.id))
        if data is not None and data.tokens:
            revoke_tokens(session, user.id)


@get(
    "/sessions",
    operation_id="list_sessions",
    opt={LOGIN_ONLY: True},
    responses=error_responses(401, 403, 503),
    sync_to_thread=True,
)
def list_sessions(user: NamedDependency[User], database: NamedDependency[Database]) -> list[LoginSession]:
    """List your login sessions, the one used last first."""
    with database.session() as session:
        return [LoginSession.from_row(row, user.session_id) for row in sessions_of(session, user.id)]


@delete(
    "/sessions/{session_id:uuid}",
    operation_id="end_session",
    opt={LOGIN_ONLY: True},
    responses=error_responses(400, 401, 403, 404, 503),
    sync_to_thread=True,
)
def end_own_session(
    session_id: FromPath[UUID], user: NamedDependency[User], database: NamedDependency[Database]
) -> None:
    """Sign out on another device: its tokens are refused from the next request on."""
    with database.session() as session:
        end_session(session, user.id, session_id)


router = Router(
    "/auth",
    route_handlers=[refresh_login, logout, logout_everywhere, list_sessions, end_own_session],
    tags=["accounts"],
)
