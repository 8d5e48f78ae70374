"""Registration, login, and the current user."""

from typing import Any

from litestar import Request, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import JSONBody

from bookbytes_api.accounts import passwords, service
from bookbytes_api.accounts.credentials import LoginOperation, read_credentials
from bookbytes_api.accounts.limits import LimitAttempts
from bookbytes_api.accounts.models import UserRow
from bookbytes_api.accounts.oauth2_errors import LOGIN_HANDLERS
from bookbytes_api.accounts.schemas import Account, OwnAccount, Registration, TokenResponse
from bookbytes_api.accounts.service import ALL_ACCOUNTS, parse_email
from bookbytes_api.accounts.sessions import Tokens
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import RegistrationClosed
from bookbytes_api.web.access import NO_AUTH, NO_AUTH_SECURITY, OPTIONAL_AUTH, OPTIONAL_AUTH_SECURITY
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import Settings


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
        return Account.from_row(service.register(session, email, password_hash))


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
async def login(request: Request[Any, Any, Any], tokens: NamedDependency[Tokens]) -> TokenResponse:
    """Get tokens for an e-mail address and a password, sent as JSON or as an OAuth2 password form."""
    credentials = await read_credentials(request)
    device = request.headers.get("User-Agent", "")
    login = await sync_to_thread(tokens.log_in, credentials.email, credentials.password, device)
    return TokenResponse.from_login(login)


@get("/me", operation_id="get_current_user", responses=error_responses(401, 503), sync_to_thread=True)
def get_current_user(user: NamedDependency[User], database: NamedDependency[Database]) -> OwnAccount:
    """Get the account that the token belongs to."""
    with database.session() as session:
        return OwnAccount.from_row(session.get_one(UserRow, user.id))


router = Router("/auth", route_handlers=[register, login, get_current_user], tags=["accounts"])
