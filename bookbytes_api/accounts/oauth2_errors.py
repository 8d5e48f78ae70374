"""Errors of the login for OAuth2 clients, which read a word and a sentence at the top level (RFC 6749, 5.2)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.enums import RequestEncodingType
from litestar.types import ExceptionHandlersMap

from bookbytes_api.web.error_responses import HANDLERS
from bookbytes_api.web.error_schemas import ErrorDetail, ErrorResponse, FieldError

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]

_MAY_PASS = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_NOT_GRANTED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class OAuth2Error(msgspec.Struct, omit_defaults=True):
    """An error of a form: OAuth2's two members, and beside them what `ErrorResponse` has below its `error`.

    One `error` cannot be both the word that OAuth2 wants and the object of all other errors.
    """

    error: str
    error_description: str
    code: str
    request_id: str
    details: list[FieldError] | None = None


def _oauth2_error(status: int, error: ErrorDetail) -> OAuth2Error:
    return OAuth2Error(_word(status), error.message, error.code, error.request_id, error.details)


def _word(status: int) -> str:
    if status in _NOT_GRANTED:
        return "invalid_grant"
    if status in _MAY_PASS:
        return "temporarily_unavailable"
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request"


def _for_forms(handler: Handler) -> Handler:
    """Return a handler that responds to JSON as this one does, and to a form with `OAuth2Error`."""

    def respond(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        response = handler(request, error)
        is_form = request.content_type[0] == RequestEncodingType.URL_ENCODED
        if not is_form or not isinstance(response.content, ErrorResponse):
            return response
        status = response.status_code or HTTPStatus.INTERNAL_SERVER_ERROR
        content = _oauth2_error(status, response.content.error)
        return Response(content, status_code=status, headers=response.headers, media_type=MediaType.JSON)

    return respond


LOGIN_HANDLERS: ExceptionHandlersMap = {kind: _for_forms(handler) for kind, handler in HANDLERS.items()}
"""As those of all routes, except that the errors of a form are for OAuth2 clients."""
