"""Refusing what other sites make a browser send: its cookie would go with it."""

from typing import Any
from urllib.parse import urlsplit

from litestar import HttpMethod
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from bookbytes_api.errors import ForeignSite

_SAFE_METHODS = {HttpMethod.GET.value, HttpMethod.HEAD.value, HttpMethod.OPTIONS.value}


def require_same_origin(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Raise `ForeignSite` for a request that changes something, unless a page of this server has sent it.

    Browsers say where a request comes from, in `Sec-Fetch-Site` or, if they are old or the address is no `https` one,
    in `Origin`. A request with neither is no browser's that we know, and is refused as well.
    """
    if connection.scope.get("method") in _SAFE_METHODS:
        return
    site = connection.headers.get("Sec-Fetch-Site")
    if site == "same-origin":
        return
    origin = connection.headers.get("Origin", "")
    if site is None and origin and urlsplit(origin).netloc == connection.headers.get("Host"):
        return
    raise ForeignSite("Another site sent this in your name, so nothing was done. Go back to BookBytes and try again.")


def from_same_origin(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse the same on a route that needs nobody to be signed in."""
    require_same_origin(connection)
