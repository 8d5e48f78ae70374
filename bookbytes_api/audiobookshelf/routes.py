"""Where these apps find the API: under a prefix, and at the root as well if the settings say so."""

from litestar import Router

from bookbytes_api.audiobookshelf import (
    item_routes,
    library_routes,
    login_routes,
    me_routes,
    open_tracks,
    session_routes,
)
from bookbytes_api.audiobookshelf.plain_errors import PLAIN_ERRORS
from bookbytes_api.web.access import LISTENS

PREFIX = "/audiobookshelf"
_PARTS = (login_routes, library_routes, item_routes, me_routes, session_routes, open_tracks)


def routers(*, at_root: bool) -> list[Router]:
    """Return the routes under the prefix, and if asked the same at the root, for apps that accept no path."""
    return [_router(path) for path in ([PREFIX, "/"] if at_root else [PREFIX])]


def _router(path: str) -> Router:
    """Return the routes; it is another project's API, and no part of the OpenAPI document of ours."""
    return Router(
        path,
        route_handlers=[handler for part in _PARTS for handler in part.handlers],
        opt={LISTENS: True},
        exception_handlers=PLAIN_ERRORS,
        include_in_schema=False,
    )
