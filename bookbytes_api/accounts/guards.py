"""Who may ask what."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from bookbytes_api.accounts.user import User
from bookbytes_api.errors import AdministratorNeeded
from bookbytes_pipeline.settings import Settings


def current_user(request: Request[User, Any, Any]) -> User:
    """Whoever sent the request; the authentication has made sure of it."""
    return request.user


def optional_user(request: Request[User | None, Any, Any]) -> User | None:
    """Whoever sent the request to a route that strangers may ask too; None for a stranger."""
    return request.user


def require_uploader(connection: ASGIConnection[Any, User, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let those pass who may attach a text, before 50 MB of it are received."""
    settings: Settings = connection.app.state.settings
    if not (connection.user.is_admin or settings.allow_user_uploads):
        raise AdministratorNeeded("A book's text changes what everybody hears: ask an administrator.")


def require_administrator(connection: ASGIConnection[Any, User, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let administrators pass."""
    if not connection.user.is_admin:
        raise AdministratorNeeded("This changes what everybody hears: ask an administrator.")
