"""Registration, login, and the current user."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import JSONBody, KwargDefinition

from bookbytes_api.accounts import passwords, service
from bookbytes_api.accounts.credentials import (
    EMAIL_EXAMPLE,
    MAX_PASSWORD_CHARS,
    PASSWORD_EXAMPLE,
    Credentials,
    LoginOperation,
    read_credentials,
)
from bookbytes_api.accounts.limits import LimitAttempts
from bookbytes_api.accounts.models import UserRow
from bookbytes_api.accounts.oauth2_errors import LOGIN_HANDLERS
from bookbytes_api.accounts.service import ALL_ACCOUNTS, log_in, parse_email
from bookbytes_api.accounts.tokens import Tokens
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import RegistrationClosed
from bookbytes_api.web.access import NO_AUTH, NO_AUTH_SECURITY, OPTIONAL_AUTH, OPTIONAL_AUTH_SECURITY
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.strict_json import NO_NULL_BYTES_PATTERN, strict_json
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import Settings

Email = Annotated[str, KwargDefinition(schema_extra={"format": "email", "examples": [EMAIL_EXAMPLE]})]
NewPassword = Annotated[
    str,
    msgspec.Meta(
        min_length=8, max_length=MAX_PASSWORD_CHARS, pattern=NO_NULL_BYTES_PATTERN, examples=[PASSWORD_EXAMPLE]
    ),
]
"""Bounded, because hashing takes longer the longer a password is."""


class Registration(msgspec.Struct):
    """E-mail address and password of a new account. The password has 8 to 128 characters."""

    email: Email
    password: NewPassword


class Account(msgspec.Struct):
    """An account."""

    id: UUID
    email: str
    is_active: bool
    created_at: datetime


class OwnAccount(Account):
    """The account of the current user."""

    is_admin: bool


class TokenResponse(msgspec.Struct):
    """A bearer token; it is valid for `expires_in` seconds."""

    access_token: str
    token_type: str
    expires_in: int


@post(
    "/register",
    operation_id="register",
    before_request=strict_json,
    opt={OPTIONAL_AUTH: True},
    security=OPTIONAL_AUTH_SECURITY,
    middleware=[LimitAttempts()],
    responses=error_responses(400, 401, 403, 409, 413, 422, 429, 503),
    sync_to_thread=True,
)
def register(
    data: JSONBody[Registration],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    optional_user: NamedDependency[User | None],
) -> Account:
    """Create an account. Where registration is closed, only administrators can do that."""
    if not settings.allow_registration and not (optional_user and optional_user.is_admin):
        raise RegistrationClosed("Registration is closed here. Ask an administrator for an account.")
    email, password_hash = parse_email(data.email), passwords.hashed(data.password)
    with database.session(ALL_ACCOUNTS) as session:
        return _account(service.register(session, email, password_hash))


@post(
    "/login",
    operation_id="login",
    status_code=200,
    cache_control=CacheControlHeader(no_store=True),
    opt={NO_AUTH: True},
    security=NO_AUTH_SECURITY,
    middleware=[LimitAttempts()],
    operation_class=LoginOperation,
    exception_handlers=LOGIN_HANDLERS,
    responses=error_responses(400, 401, 403, 413, 415, 422, 429, 503),
)
async def login(
    request: Request[Any, Any, Any],
    tokens: NamedDependency[Tokens],
    database: NamedDependency[Database],
) -> TokenResponse:
    """Get a token for an e-mail address and a password, sent as JSON or as an OAuth2 password form."""
    credentials = await read_credentials(request)
    user_id = await sync_to_thread(_logged_in, database, credentials)
    return TokenResponse(tokens.new(user_id), "bearer", tokens.seconds)


@get("/me", operation_id="get_current_user", responses=error_responses(401, 503), sync_to_thread=True)
def get_current_user(user: NamedDependency[User], database: NamedDependency[Database]) -> OwnAccount:
    """Get the account that the token belongs to."""
    with database.session() as session:
        row = session.get_one(UserRow, user.id)
        return OwnAccount(row.id, row.email, row.is_active, row.created_at, row.is_admin)


def _logged_in(database: Database, credentials: Credentials) -> UUID:
    with database.session() as session:
        return log_in(session, credentials.email, credentials.password).id


def _account(row: UserRow) -> Account:
    return Account(row.id, row.email, row.is_active, row.created_at)


router = Router("/auth", route_handlers=[register, login, get_current_user], tags=["accounts"])
