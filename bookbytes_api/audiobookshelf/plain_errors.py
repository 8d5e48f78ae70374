"""Errors as these apps show them: a status, and the message as plain text."""

from collections.abc import Callable
from typing import Any

from litestar import MediaType, Request, Response
from litestar.types import ExceptionHandlersMap

from bookbytes_api.web.error_responses import HANDLERS
from bookbytes_api.web.error_schemas import ErrorResponse, ProblemDetails

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]


def _in_plain_text(handler: Handler) -> Handler:
    def respond(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        response = handler(request, error)
        match response.content:
            case ErrorResponse(error=detail):
                message = detail.message
            case ProblemDetails(detail=message):
                pass
        return Response(message, status_code=response.status_code, headers=response.headers, media_type=MediaType.TEXT)

    return respond


PLAIN_ERRORS: ExceptionHandlersMap = {kind: _in_plain_text(handler) for kind, handler in HANDLERS.items()}
"""As those of all routes, in another form."""
