"""Errors of pages: to the sign-in page where somebody has to sign in, else in a sentence on a page."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, NotFoundException
from litestar.response import Redirect, Template
from litestar.types import ExceptionHandlersMap

from bookbytes_api.accounts.state import account_state
from bookbytes_api.web.error_responses import HANDLERS, http_error
from bookbytes_api.web.error_schemas import ErrorResponse, ProblemDetails
from bookbytes_api.web_app.addresses import SIGN_IN

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]

_TITLES = {
    403: "This is not allowed",
    404: "Not found",
    409: "Not right now",
    429: "Too many attempts",
    503: "Not available right now",
}
_WAIT_OF_PROGRAMS = "Wait as many seconds as Retry-After says."
_WAIT_OF_PEOPLE = "Wait a moment, then try again."
"""Who reads a page sees no headers."""


def error_message(response: Response[Any]) -> str:
    """Return the sentence in the response to an error."""
    match response.content:
        case ErrorResponse(error=detail):
            return detail.message.replace(_WAIT_OF_PROGRAMS, _WAIT_OF_PEOPLE)
        case ProblemDetails(detail=message):
            return message.replace(_WAIT_OF_PROGRAMS, _WAIT_OF_PEOPLE)
    raise TypeError(response.content)


def message_of(request: Request[Any, Any, Any], error: Exception) -> str:
    """Return an error as a sentence, for a page that goes on without what failed."""
    handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    return error_message(handler(request, error))


def _as_page(handler: Handler) -> Handler:
    def respond(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        response = handler(request, error)
        status = response.status_code or HTTPStatus.INTERNAL_SERVER_ERROR
        if status == HTTPStatus.UNAUTHORIZED:
            return _to_sign_in(request)
        context = {
            "user": request.scope.get("user"),
            "path": request.url.path,
            "settings": account_state(request.app).settings,
            "title": _TITLES.get(status, "Something went wrong"),
            "message": error_message(response),
            "request_id": request.scope["state"]["request_id"],
            "is_server_error": status >= HTTPStatus.INTERNAL_SERVER_ERROR,
        }
        headers = {**response.headers, "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'"}
        return Template("error.html", context=context, status_code=status, headers=headers, media_type=MediaType.HTML)

    return respond


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Lead to the sign-in page, and from there back to the page that was asked for."""
    wanted = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query:
        wanted = f"{wanted}?{request.url.query}"
    return Redirect(SIGN_IN if wanted == "/" else f"{SIGN_IN}?{urlencode({'next': wanted})}", status_code=303)


PAGE_ERRORS: ExceptionHandlersMap = {kind: _as_page(handler) for kind, handler in HANDLERS.items()}
"""As those of all routes, for people."""


def http_error_or_page(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Return a page to a browser that somebody has led to an address without one; else the usual error.

    It takes the place of the usual handler: one for 404 alone would count more than those of other routes.
    """
    is_nothing_there = isinstance(error, NotFoundException) and not request.url.path.startswith("/api/")
    if is_nothing_there and "text/html" in request.headers.get("Accept", ""):
        return _as_page(http_error)(request, error)
    return http_error(request, error)
