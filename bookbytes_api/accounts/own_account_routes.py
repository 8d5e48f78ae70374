"""Changing and resetting a password, and closing the account."""

from litestar import Router, delete, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from bookbytes_api.accounts import own_account, password_resets
from bookbytes_api.accounts.limits import LimitAttempts, LimitPasswordAttempts
from bookbytes_api.accounts.schemas import Closing, PasswordChange, PasswordReset
from bookbytes_api.accounts.user import User
from bookbytes_api.web.access import LOGIN_ONLY, NO_AUTH, NO_AUTH_SECURITY
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.db.database import Database


@put(
    "/password",
    operation_id="change_password",
    status_code=204,
    before_request=strict_json,
    opt={LOGIN_ONLY: True},
    middleware=[LimitPasswordAttempts()],
    responses=error_responses(400, 401, 403, 413, 422, 429, 503),
    sync_to_thread=True,
)
def change_password(
    data: JSONBody[PasswordChange], user: NamedDependency[User], database: NamedDependency[Database]
) -> None:
    """Change your password. All other sessions end, and all addresses of clips; personal access tokens stay."""
    own_account.change_password(database, user, data.current_password, data.new_password)


@post(
    "/password-reset",
    operation_id="reset_password",
    status_code=204,
    before_request=strict_json,
    opt={NO_AUTH: True},
    security=NO_AUTH_SECURITY,
    middleware=[LimitAttempts()],
    responses=error_responses(400, 401, 413, 422, 429, 503),
    sync_to_thread=True,
)
def reset_password(data: JSONBody[PasswordReset], database: NamedDependency[Database]) -> None:
    """Choose a new password with the token of a reset link. All sessions end; personal access tokens stay."""
    password_resets.reset_password(database, data.token, data.new_password)


@delete(
    "/me",
    operation_id="close_account",
    before_request=strict_json,
    opt={LOGIN_ONLY: True},
    middleware=[LimitPasswordAttempts()],
    responses=error_responses(400, 401, 403, 409, 413, 422, 429, 503),
    sync_to_thread=True,
)
def close_account(data: JSONBody[Closing], user: NamedDependency[User], database: NamedDependency[Database]) -> None:
    """Close your account for good: all that is yours is deleted. What you have requested stays, without your name."""
    own_account.close(database, user, data.password)


router = Router("/auth", route_handlers=[change_password, reset_password, close_account], tags=["accounts"])
