"""Errors as HTTP responses, translated in one place."""

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap

from bookbytes_api import errors
from bookbytes_api.web.access import ASKS_FOR_PASSWORD
from bookbytes_api.web.error_schemas import (
    PROBLEM_JSON,
    ErrorDetail,
    ErrorResponse,
    FieldError,
    ProblemDetails,
    prefers_problem_details,
    problem_details,
)
from bookbytes_api.web.request_log import request_id
from bookbytes_api.web.validation_messages import field_of, sentence
from bookbytes_pipeline.domain import errors as domain

UNPROCESSABLE = 422

STATUS: Mapping[type[domain.BookBytesError], int] = {
    domain.InvalidISBN: UNPROCESSABLE,
    domain.UnreadableBook: UNPROCESSABLE,
    domain.InvalidCorrection: UNPROCESSABLE,
    domain.InvalidVoice: UNPROCESSABLE,
    domain.InvalidSearch: UNPROCESSABLE,
    domain.CatalogueOff: 403,
    domain.BookNotFound: 404,
    domain.Refused: 502,
    domain.Unavailable: 503,
    domain.NoText: 404,
    domain.LibraryUnavailable: 503,
    domain.StoreUnavailable: 503,
    domain.BookLocked: 409,
    errors.InvalidEmail: UNPROCESSABLE,
    errors.InvalidRange: UNPROCESSABLE,
    errors.NotAuthenticated: 401,
    errors.ForeignSite: 403,
    errors.WrongPassword: 403,
    errors.AccountInactive: 403,
    errors.AdministratorNeeded: 403,
    errors.RegistrationClosed: 403,
    errors.TokenScopeTooNarrow: 403,
    errors.TextAttached: 403,
    errors.UnknownBook: 404,
    errors.UnknownChapter: 404,
    errors.NoAudio: 404,
    errors.NoTranscript: 404,
    errors.UnknownPosition: 404,
    errors.UnknownListeningSession: 404,
    errors.UnknownBookmark: 404,
    errors.UnknownJob: 404,
    errors.BookFileGone: 404,
    errors.UnknownToken: 404,
    errors.UnknownSession: 404,
    errors.UnknownAccount: 404,
    errors.EmailTaken: 409,
    errors.LastAdministrator: 409,
    errors.TooManyTokens: 409,
    errors.TooManyBookmarks: 409,
    errors.JobFinished: 409,
    errors.BookNotFinished: 409,
    errors.NothingToRetry: 409,
    errors.TooManyJobs: 429,
    errors.TooManyBookFiles: 429,
    errors.BookFileFailed: 503,
    errors.DagsterUnavailable: 503,
    errors.RateLimitsUnavailable: 503,
    errors.VoicesUnknown: 503,
}
"""The status of each error; a class that is not listed has the status of its parent."""

_FIELDS: Mapping[type[domain.BookBytesError], str] = {
    domain.InvalidISBN: "isbn",
    domain.InvalidVoice: "voice",
    domain.InvalidSearch: "q",
    errors.InvalidEmail: "email",
}
"""The field that an error is about."""

_NO_SPACE = "There is no space left, so nothing new can be kept. What is here can be heard; an operator must free some."
_PUBLIC_MESSAGES: Mapping[type[domain.BookBytesError], str] = {
    domain.Refused: "Open Library does not answer this server. An operator can find out why by the request id.",
    domain.Unavailable: "Open Library does not answer right now. Wait as many seconds as Retry-After says.",
    domain.LibraryUnavailable: "The library is unavailable. Try again in a moment.",
    domain.StoreUnavailable: "The store of texts and clips is unavailable. Try again in a moment.",
    domain.LibraryFull: _NO_SPACE,
    domain.StoreFull: _NO_SPACE,
    errors.RateLimitsUnavailable: "Nobody can log in or register right now. Try again in a moment.",
}
"""The messages of errors whose own message names addresses and paths; that one is in the log."""

_HTTP_ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("BAD_REQUEST", "The request cannot be read."),
    401: ("NOT_AUTHENTICATED", "Log in first: send the token as `Authorization: Bearer <token>`."),
    403: ("FORBIDDEN", "This is not allowed."),
    404: ("NOT_FOUND", "There is nothing at this address."),
    405: ("METHOD_NOT_ALLOWED", "This address does not support that method."),
    413: ("TOO_LARGE", "The request is larger than this address accepts."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "This address accepts another content type."),
    416: ("RANGE_NOT_SATISFIABLE", "The file is shorter than that; Content-Range says how long it is."),
    429: ("RATE_LIMITED", "Too many attempts. Wait as many seconds as Retry-After says."),
}
"""Code and message of the errors that Litestar raises, by status."""
_UNEXPECTED = (
    "UNEXPECTED",
    "Something unexpected went wrong. An operator can find it in the log by the request id.",
)
_CLIENT_LEFT = "client disconnected prematurely"
"""What Litestar says of a client that has gone before its body was read."""
_RETRY_AFTER_S = "30"
"""Seconds after which a client may retry what failed because a dependency is unavailable."""


def error_responses(*statuses: int) -> dict[int, ResponseSpec]:
    """Return what the OpenAPI document says of the errors that a handler responds with."""
    return {
        status: ResponseSpec(ErrorResponse, generate_examples=False, description=HTTPStatus(status).phrase)
        for status in statuses
    }


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Return the response to an error that Litestar raised."""
    if isinstance(error.__cause__, SerializationException):
        return _invalid_json(request, error)
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        has_left = error.detail == _CLIENT_LEFT  # who closes a tab while its page reports something is no fault of ours
        structlog.get_logger().log(
            logging.INFO if has_left else logging.ERROR, "request failed", code=_UNEXPECTED[0], reason=error.detail
        )
        return _respond(request, error.status_code, *_UNEXPECTED)
    code, message = _HTTP_ERRORS.get(error.status_code, (f"HTTP_{error.status_code}", str(error.detail)))
    return _respond(request, error.status_code, code, message, headers=error.headers)


def _respond(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    message: str,
    *,
    details: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[ErrorResponse] | Response[ProblemDetails]:
    """Return the error in the format that the client prefers."""
    error = ErrorDetail(code, message, request_id(request.scope), details)
    more = {**(headers or {}), "Vary": "Accept"}
    if status == HTTPStatus.UNAUTHORIZED:
        more["WWW-Authenticate"] = _challenge(request)
    if prefers_problem_details(",".join(request.headers.getall("Accept", []))):
        problem = problem_details(error, status, quote(request.scope["path"]))
        return Response(problem, status_code=status, headers=more, media_type=PROBLEM_JSON)
    return Response(ErrorResponse(error), status_code=status, headers=more, media_type=MediaType.JSON)


def _challenge(request: Request[Any, Any, Any]) -> str:
    """Say how to authenticate; a browser or an app asks for a password only where the route wants it to."""
    route = request.scope.get("route_handler")
    asks = route is not None and route.opt.get(ASKS_FOR_PASSWORD)
    return 'Basic realm="BookBytes", charset="UTF-8"' if asks else "Bearer"


def _domain_error(request: Request[Any, Any, Any], error: domain.BookBytesError) -> Response[Any]:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    message = _PUBLIC_MESSAGES.get(type(error), str(error))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        structlog.get_logger().error("request failed", code=error.code, reason=str(error))
    may_pass = status in {429, 503} and message != _NO_SPACE
    headers = {"Retry-After": _retry_after(error)} if may_pass else {}
    details = [FieldError(message, field)] if (field := _FIELDS.get(type(error))) else None
    return _respond(request, status, error.code, message, details=details, headers=headers)


def _retry_after(error: domain.BookBytesError) -> str:
    """Return the pause that a provider asked for, else the usual one."""
    pause = error.retry_after if isinstance(error, domain.Unavailable) else None
    return str(math.ceil(pause)) if pause else _RETRY_AFTER_S


def _validation_error(request: Request[Any, Any, Any], error: ValidationException) -> Response[Any]:
    """The code names the first field that is invalid."""
    found = error.extra if isinstance(error.extra, list) else []
    messages = [field_of(str(fault["message"]), fault.get("key")) for fault in found]
    details = [FieldError(sentence(message, field), field) for message, field in messages]
    field = next((detail.field for detail in details if detail.field), "request").rpartition(".")[2].partition("[")[0]
    name = "".join(character if character.isalnum() else "_" for character in field).upper()
    message = " ".join(detail.message for detail in details) or str(error.detail)
    return _respond(request, UNPROCESSABLE, f"INVALID_{name}", message, details=details or None)


def _invalid_json(request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    """The body is no JSON, is not UTF-8, or is nested deeper than the decoder follows."""
    return _respond(request, 400, "INVALID_JSON", "The body is not JSON that this address accepts.")


def _undecodable(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What Litestar does not catch itself: bytes that are no text, unknown encodings, great depth.

    The trace is logged, for it may be a fault of ours after all; missing keys surely are.
    """
    if isinstance(error, KeyError | IndexError):
        return _unexpected(request, error)
    structlog.get_logger().warning("unreadable request", exc_info=error)
    return _respond(request, 400, *_HTTP_ERRORS[400])


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The trace goes to the log; the client gets the request id that leads there."""
    structlog.get_logger().error("unexpected error", exc_info=error)
    return _respond(request, 500, *_UNEXPECTED)


HANDLERS: ExceptionHandlersMap = {
    domain.BookBytesError: _domain_error,
    ValidationException: _validation_error,
    SerializationException: _invalid_json,
    RecursionError: _undecodable,
    UnicodeDecodeError: _undecodable,
    LookupError: _undecodable,
    HTTPException: http_error,
    Exception: _unexpected,
}
