"""Signing up, logging in, and who one is."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import JSONBody, KwargDefinition

from bookbytes_api.accounts import passwords
from bookbytes_api.accounts.credentials import Credentials, LoginOperation, read_credentials
from bookbytes_api.accounts.limits import limited_attempts
from bookbytes_api.accounts.models import UserRow
from bookbytes_api.accounts.service import ALL_ACCOUNTS, log_in, parse_email, register
from bookbytes_api.accounts.tokens import ANYBODY, NOBODY, PUBLIC, VISITORS, Tokens
from bookbytes_api.accounts.user import Person
from bookbytes_api.errors import RegistrationClosed
from bookbytes_api.web.error_responses import fails
from bookbytes_api.web.strict_json import NO_NULL, by_the_letter
from bookbytes_pipeline.db.database import Library
from bookbytes_pipeline.settings import Settings

Email = Annotated[str, KwargDefinition(schema_extra={"format": "email"})]
NewPassword = Annotated[str, msgspec.Meta(min_length=8, max_length=128, pattern=NO_NULL)]
"""Bounded, because hashing takes longer the longer a password is."""


class Registration(msgspec.Struct):
    """Somebody who wants an account."""

    email: Email
    password: NewPassword


class Account(msgspec.Struct):
    """An account as its owner sees it."""

    id: UUID
    email: str
    is_active: bool
    created_at: datetime


class OwnAccount(Account):
    """One's own account."""

    is_admin: bool


class LoggedIn(msgspec.Struct):
    """A token and how to use it; it is good for `expires_in` seconds."""

    access_token: str
    token_type: str
    expires_in: int


@post(
    "/register",
    before_request=by_the_letter,
    opt={VISITORS: True},
    security=ANYBODY,
    middleware=limited_attempts(),
    responses=fails(400, 401, 403, 409, 413, 422, 429, 503),
    sync_to_thread=True,
)
def sign_up(
    data: JSONBody[Registration],
    library: NamedDependency[Library],
    settings: NamedDependency[Settings],
    visitor: NamedDependency[Person | None],
) -> Account:
    """Make an account. Where sign-up is closed, administrators make accounts for others."""
    if not settings.allow_registration and not (visitor and visitor.is_admin):
        raise RegistrationClosed("Sign-up is closed here. Ask an administrator for an account.")
    email, kept = parse_email(data.email), passwords.hashed(data.password)
    with library.session(ALL_ACCOUNTS) as session:
        return _account(register(session, email, kept))


@post(
    "/login",
    status_code=200,
    opt={PUBLIC: True},
    security=NOBODY,
    middleware=limited_attempts(),
    operation_class=LoginOperation,
    responses=fails(400, 401, 403, 413, 415, 422, 429, 503),
)
async def login(
    request: Request[Any, Any, Any],
    tokens: NamedDependency[Tokens],
    library: NamedDependency[Library],
) -> LoggedIn:
    """A token for an e-mail address and a password, as JSON or as OAuth2's password form."""
    credentials = await read_credentials(request)
    user_id = await sync_to_thread(_logged_in, library, credentials)
    return LoggedIn(tokens.new(user_id), "bearer", tokens.seconds)


@get("/me", responses=fails(401, 503), sync_to_thread=True)
def me(person: NamedDependency[Person], library: NamedDependency[Library]) -> OwnAccount:
    """Whose token this is."""
    with library.session() as session:
        row = session.get_one(UserRow, person.id)
        return OwnAccount(row.id, row.email, row.is_active, row.created_at, row.is_admin)


def _logged_in(library: Library, credentials: Credentials) -> UUID:
    with library.session() as session:
        return log_in(session, credentials.email, credentials.password).id


def _account(row: UserRow) -> Account:
    return Account(row.id, row.email, row.is_active, row.created_at)


router = Router("/auth", route_handlers=[sign_up, login, me], tags=["accounts"])
