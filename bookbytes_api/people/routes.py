"""Listing people, changing what they may do, and letting them choose another password; for administrators."""

from uuid import UUID

from litestar import Router, get, patch, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from bookbytes_api.accounts.guards import require_account_manager
from bookbytes_api.accounts.password_resets import RESET_API, allow_reset
from bookbytes_api.accounts.service import ALL_ACCOUNTS, account_by_id, change_account
from bookbytes_api.people.queries import find_person, list_people
from bookbytes_api.people.schemas import Person, PersonChange, PersonPage, ResetLink
from bookbytes_api.web.access import LOGIN_ONLY
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.pagination import PageNumber, PageSize
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.db.database import Database


@get(
    "/",
    operation_id="list_users",
    guards=[require_account_manager],
    opt={LOGIN_ONLY: True},
    responses=error_responses(400, 401, 403, 422, 503),
    sync_to_thread=True,
)
def list_users(database: NamedDependency[Database], page: PageNumber = 1, size: PageSize = 20) -> PersonPage:
    """List the accounts by address. For administrators."""
    with database.session() as session:
        items, total = list_people(session, (page - 1) * size, size)
        return PersonPage(items=items, total=total, page=page, size=size)


@patch(
    "/{user_id:uuid}",
    operation_id="change_user",
    guards=[require_account_manager],
    before_request=strict_json,
    opt={LOGIN_ONLY: True},
    responses=error_responses(400, 401, 403, 404, 409, 413, 422, 503),
    sync_to_thread=True,
)
def change_user(user_id: FromPath[UUID], data: JSONBody[PersonChange], database: NamedDependency[Database]) -> Person:
    """Change whether an account is active, or an administrator's; one administrator always stays. For administrators.

    An account that is deactivated is signed out, and its tokens and addresses are refused from the next request on.
    """
    with database.session(ALL_ACCOUNTS) as session:
        account = account_by_id(session, user_id)
        change_account(session, account, is_active=data.is_active, is_admin=data.is_admin)
        session.flush()
        return find_person(session, user_id)


@post(
    "/{user_id:uuid}/password-reset",
    operation_id="create_reset_link",
    guards=[require_account_manager],
    opt={LOGIN_ONLY: True},
    cache_control=CacheControlHeader(no_store=True),
    responses=error_responses(400, 401, 403, 404, 503),
    sync_to_thread=True,
)
def create_reset_link(
    user_id: FromPath[UUID], database: NamedDependency[Database], public_address: NamedDependency[str]
) -> ResetLink:
    """Make a link with which somebody chooses a new password, once; an earlier one is void. For administrators."""
    with database.session(ALL_ACCOUNTS) as session:
        reset = allow_reset(session, account_by_id(session, user_id).id)
    return ResetLink(reset.link(public_address), public_address + RESET_API, reset.token, reset.expires_at)


router = Router(
    "/users",
    route_handlers=[list_users, change_user, create_reset_link],
    tags=["people"],
)
