"""Who may do what."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from bookbytes_api.accounts.state import account_state
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import AdministratorNeeded


def current_user(request: Request[User, Any, Any]) -> User:
    """Return the user who sent the request, as the authentication established."""
    return request.user


def optional_user(request: Request[User | None, Any, Any]) -> User | None:
    """Return the user who sent the request to a route with optional authentication, or None."""
    return request.user


def require_uploader(connection: ASGIConnection[Any, User, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse users who may not attach a text, before 50 MB of it are received."""
    allowed = account_state(connection.app).settings.allow_user_uploads
    if not (connection.user.is_admin or allowed):
        raise AdministratorNeeded("A book's text changes what everybody hears: ask an administrator.")


def require_administrator(connection: ASGIConnection[Any, User, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse users who are not administrators."""
    if not connection.user.is_admin:
        raise AdministratorNeeded("This changes what everybody hears: ask an administrator.")


def require_account_manager(connection: ASGIConnection[Any, User, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse users who are not administrators where accounts of others are seen and changed."""
    if not connection.user.is_admin:
        raise AdministratorNeeded("Accounts of others are for administrators.")
