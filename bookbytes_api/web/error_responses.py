"""Errors as HTTP: every one is `{"error": {"code", "message", "request_id", "details"?}}`."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap

from bookbytes_api import errors
from bookbytes_api.web.request_log import request_id
from bookbytes_pipeline.domain import errors as domain

UNPROCESSABLE = 422

STATUS: Mapping[type[domain.BookBytesError], int] = {
    domain.InvalidISBN: UNPROCESSABLE,
    domain.UnreadableBook: UNPROCESSABLE,
    domain.LibraryUnavailable: 503,
    domain.StoreUnavailable: 503,
    domain.BookLocked: 409,
    errors.InvalidEmail: UNPROCESSABLE,
    errors.NotAuthenticated: 401,
    errors.AccountInactive: 403,
    errors.AdministratorNeeded: 403,
    errors.RegistrationClosed: 403,
    errors.TextAttached: 403,
    errors.UnknownBook: 404,
    errors.UnknownChapter: 404,
    errors.NoAudio: 404,
    errors.UnknownJob: 404,
    errors.EmailTaken: 409,
    errors.JobFinished: 409,
    errors.NothingToRetry: 409,
    errors.TooManyJobs: 429,
    errors.DagsterUnavailable: 503,
    errors.RateLimitsUnavailable: 503,
}
"""The status of each error; a class that is not listed has the status of its parent."""

_FIELDS: Mapping[type[domain.BookBytesError], str] = {domain.InvalidISBN: "isbn", errors.InvalidEmail: "email"}
"""The field that is at fault, where an error is about one."""

_OUTSIDE: Mapping[type[domain.BookBytesError], str] = {
    domain.LibraryUnavailable: "The library cannot be reached just now. Try again in a moment.",
    domain.StoreUnavailable: "The store of texts and clips cannot be used just now. Try again in a moment.",
    errors.RateLimitsUnavailable: "Nobody can log in or sign up just now. Try again in a moment.",
}
"""What strangers are told where the error itself names addresses and paths; that one is in the log."""

_LITESTARS = {
    400: ("BAD_REQUEST", "The request cannot be read."),
    401: ("NOT_AUTHENTICATED", "Log in first: send the token as `Authorization: Bearer <token>`."),
    403: ("FORBIDDEN", "This is not allowed."),
    404: ("NOT_FOUND", "Nothing is at this address."),
    405: ("METHOD_NOT_ALLOWED", "This address does not take that method."),
    413: ("TOO_LARGE", "The request is larger than this address takes."),
    416: ("RANGE_NOT_SATISFIABLE", "The clip is shorter than that; Content-Range says how long it is."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "This address takes another content type."),
    429: ("RATE_LIMITED", "Too many attempts. Wait as long as Retry-After says."),
}
_UNEXPECTED = (
    "UNEXPECTED",
    "Something unexpected went wrong. An operator finds it in the log under the request id.",
)
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_REMEDY_TIME = "30"
"""Seconds after which a client may try again what failed because something is down."""


class FieldError(msgspec.Struct, omit_defaults=True):
    """One fault of a request: which `field`, where the fault has one, and what is wrong with it."""

    message: str
    field: str | None = None


class ErrorDetail(msgspec.Struct, omit_defaults=True):
    """What happened. `code` is for programs, `message` for people; operators find `request_id` in the logs."""

    code: str
    message: str
    request_id: str
    details: list[FieldError] | None = None


class ErrorResponse(msgspec.Struct):
    """The body of every answer that is an error."""

    error: ErrorDetail


def error_responses(*statuses: int) -> dict[int, ResponseSpec]:
    """What a handler's documentation says of the errors it answers with."""
    return {status: ResponseSpec(ErrorResponse, generate_examples=False, description="Error") for status in statuses}


def _answer(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    message: str,
    *,
    details: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[ErrorResponse]:
    fault = ErrorDetail(code, message, request_id(request.scope), details)
    return Response(ErrorResponse(fault), status_code=status, headers=headers, media_type=MediaType.JSON)


def _explained(request: Request[Any, Any, Any], error: domain.BookBytesError) -> Response[ErrorResponse]:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    headers = {}
    if status == 401:  # noqa: PLR2004 - RFC 9110 asks for the challenge with exactly this status
        headers["WWW-Authenticate"] = "Bearer"
    told = _OUTSIDE.get(type(error), str(error))
    if status >= 500:  # noqa: PLR2004 - the server's own fault
        structlog.get_logger().error("request failed", code=error.code, reason=str(error))
    if status in {429, 503}:
        headers["Retry-After"] = _REMEDY_TIME
    details = [FieldError(told, field)] if (field := _FIELDS.get(type(error))) else None
    return _answer(request, status, error.code, told, details=details, headers=headers)


def _invalid(request: Request[Any, Any, Any], error: ValidationException) -> Response[ErrorResponse]:
    faults = error.extra if isinstance(error.extra, list) else []
    details = [_detail(str(fault["message"]), fault.get("key")) for fault in faults]
    field = next((detail.field for detail in details if detail.field), None)
    name = "".join(mark if mark.isalnum() else "_" for mark in field.rpartition(".")[2]) if field else "REQUEST"
    told = " ".join(f"{detail.field or 'request'}: {detail.message}." for detail in details) or str(error.detail)
    return _answer(request, UNPROCESSABLE, f"INVALID_{name.upper()}", told, details=details or None)


def _detail(message: str, field: str | None) -> FieldError:
    """Litestar's words, where they would name what only its handlers know."""
    if missing := _MISSING.fullmatch(message):
        return FieldError("It is missing", missing[1])
    if field == "data":
        return FieldError("It is missing" if message == "'data'" else message, "body")
    if message.startswith("Unsupported type"):
        return FieldError("Expected a file", field)
    return FieldError(message, field)


def refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[ErrorResponse]:
    """The answer to what Litestar itself refuses."""
    if isinstance(error.__cause__, SerializationException):
        return _unreadable(request, error)
    if error.status_code >= 500:  # noqa: PLR2004 - as above; no trace, for it may be a client that left
        structlog.get_logger().error("request failed", code=_UNEXPECTED[0], reason=error.detail)
        return _answer(request, error.status_code, *_UNEXPECTED)
    code, message = _LITESTARS.get(error.status_code, (f"HTTP_{error.status_code}", str(error.detail)))
    headers = dict(error.headers or {})
    if error.status_code == 401:  # noqa: PLR2004 - as above
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(request, error.status_code, code, message, headers=headers)


def _unreadable(request: Request[Any, Any, Any], _error: Exception) -> Response[ErrorResponse]:
    """JSON that is none, that is not UTF-8, or that is nested deeper than the decoder follows."""
    return _answer(request, 400, "INVALID_JSON", "The body is not JSON as this address takes it.")


def _undecodable(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorResponse]:
    """What Litestar meets in bodies and lets pass: bytes that are no text, encodings that nobody knows, great depth.

    The trace is kept, for it may be a fault of ours after all; missing keys surely are.
    """
    if isinstance(error, KeyError | IndexError):
        return _unexpected(request, error)
    structlog.get_logger().warning("unreadable request", exc_info=error)
    return _answer(request, 400, *_LITESTARS[400])


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorResponse]:
    """Nobody foresaw this: the trace goes to the log, the person gets the number under which it stands there."""
    structlog.get_logger().error("unexpected error", exc_info=error)
    return _answer(request, 500, *_UNEXPECTED)


HANDLERS: ExceptionHandlersMap = {
    domain.BookBytesError: _explained,
    ValidationException: _invalid,
    SerializationException: _unreadable,
    RecursionError: _undecodable,
    UnicodeDecodeError: _undecodable,
    LookupError: _undecodable,
    HTTPException: refused,
    Exception: _unexpected,
}
