"""Signing in, signing up and signing out with a browser."""

from typing import Annotated, Any

from litestar import MediaType, Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import QueryParameter
from litestar.response import Redirect
from sqlalchemy import select

from bookbytes_api.accounts import passwords, service
from bookbytes_api.accounts.credentials import Credentials, read_credentials
from bookbytes_api.accounts.limits import LimitAttempts
from bookbytes_api.accounts.service import ALL_ACCOUNTS, parse_email
from bookbytes_api.accounts.session_rows import end_session
from bookbytes_api.accounts.sessions import Tokens
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import RegistrationClosed
from bookbytes_api.web.access import NO_AUTH, OPTIONAL_AUTH
from bookbytes_api.web.error_responses import HANDLERS
from bookbytes_api.web.same_origin import from_same_origin
from bookbytes_api.web_app.addresses import SIGN_IN, SIGN_OUT, SIGN_UP, page_of_this_server
from bookbytes_api.web_app.page_errors import error_message
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.settings import Settings

MIN_PASSWORD_CHARS = 8
Wanted = Annotated[str, QueryParameter(name="next")]


@get(SIGN_IN, media_type=MediaType.HTML, opt={OPTIONAL_AUTH: True}, sync_to_thread=True)
def sign_in_page(
    page: NamedDependency[Page], database: NamedDependency[Database], wanted: Wanted = "/"
) -> Response[Any]:
    """The form to sign in; whoever comes first is led to sign up."""
    if page.request.user is not None:
        return Redirect(page_of_this_server(wanted), status_code=303)
    return page.render("sign_in.html", next=page_of_this_server(wanted), is_first=_has_no_account(database))


@post(
    SIGN_IN,
    media_type=MediaType.HTML,
    opt={NO_AUTH: True},
    guards=[from_same_origin],
    middleware=[LimitAttempts()],
)
async def sign_in(
    request: Request[Any, Any, Any], page: NamedDependency[Page], tokens: NamedDependency[Tokens]
) -> Response[Any]:
    """Sign in, and go on where the person wanted to."""
    wanted = page_of_this_server(str((await request.form()).get("next", "/")))
    try:
        credentials = await read_credentials(request)
        return await sync_to_thread(_signed_in, page, tokens, credentials, wanted)
    except (BookBytesError, HTTPException) as error:
        return _refused(page, "sign_in.html", error, next=wanted, email=(await request.form()).get("username", ""))


@get(SIGN_UP, media_type=MediaType.HTML, opt={OPTIONAL_AUTH: True}, sync_to_thread=True)
def sign_up_page(page: NamedDependency[Page], database: NamedDependency[Database]) -> Response[Any]:
    """The form to sign up, which says what role the account will have."""
    if page.request.user is not None:
        return Redirect("/", status_code=303)
    return page.render("sign_up.html", is_first=_has_no_account(database))


@post(
    SIGN_UP,
    media_type=MediaType.HTML,
    opt={NO_AUTH: True},
    guards=[from_same_origin],
    middleware=[LimitAttempts()],
)
async def sign_up(
    request: Request[Any, Any, Any],
    page: NamedDependency[Page],
    tokens: NamedDependency[Tokens],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Create an account, and sign in with it."""
    try:
        credentials = await read_credentials(request)
        await sync_to_thread(_register, credentials, database, settings)
        return await sync_to_thread(_signed_in, page, tokens, credentials, "/")
    except (BookBytesError, HTTPException) as error:
        return _refused(page, "sign_up.html", error, email=(await request.form()).get("username", ""))


@post(
    SIGN_OUT,
    media_type=MediaType.HTML,
    opt={OPTIONAL_AUTH: True},
    guards=[from_same_origin],
    sync_to_thread=True,
)
def sign_out(
    page: NamedDependency[Page], database: NamedDependency[Database], optional_user: NamedDependency[User | None]
) -> Response[Any]:
    """Sign out here: the session ends, and the browser forgets these pages and the books that it has kept."""
    if optional_user is not None and optional_user.session_id is not None:
        with database.session() as session:
            end_session(session, optional_user.id, optional_user.session_id)
    response: Response[Any] = Redirect(SIGN_IN, status_code=303, headers={"Clear-Site-Data": '"cache", "storage"'})
    response.set_cookie(page.cookie.removed())
    return response


def _signed_in(page: Page, tokens: Tokens, credentials: Credentials, wanted: str) -> Response[Any]:
    login = tokens.log_in(credentials.email, credentials.password, page.request.headers.get("User-Agent", ""))
    response: Response[Any] = Redirect(wanted, status_code=303)
    response.set_cookie(page.cookie.holding(tokens.for_browser(login.user)))
    return response


def _register(credentials: Credentials, database: Database, settings: Settings) -> None:
    if not settings.allow_registration:
        raise RegistrationClosed("Registration is closed here. Ask an administrator for an account.")
    if len(credentials.password) < MIN_PASSWORD_CHARS:
        raise HTTPException(f"The password needs {MIN_PASSWORD_CHARS} characters or more.", status_code=422)
    email, password_hash = parse_email(credentials.email), passwords.hashed(credentials.password)
    with database.session(ALL_ACCOUNTS) as session:
        service.register(session, email, password_hash)


def _refused(page: Page, template: str, error: Exception, **context: Any) -> PageTemplate:
    """Show the form again with what was wrong."""
    handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    response = handler(page.request, error)
    return page.render(template, status=response.status_code or 500, message=error_message(response), **context)


def _has_no_account(database: Database) -> bool:
    with database.session() as session:
        return session.scalar(select(service.accounts().exists())) is not True


router = Router("/", route_handlers=[sign_in_page, sign_in, sign_up_page, sign_up, sign_out])
