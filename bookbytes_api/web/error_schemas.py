"""The body of an error: `{"error": {...}}`, or RFC 9457's problem details for clients that ask for them."""

import re
from http import HTTPStatus

import msgspec

PROBLEM_JSON = "application/problem+json"
_JSON_RANGES = ("application/json", "application/*", "*/*")
"""From the most specific to the least."""
_QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


class FieldError(msgspec.Struct, omit_defaults=True):
    """One error in a request: the `field`, if it is about one, and what is wrong with it."""

    message: str
    field: str | None = None


class ErrorDetail(msgspec.Struct, omit_defaults=True):
    """What happened: `code` for programs, `message` for people, and the `request_id` to find it in the logs."""

    code: str
    message: str
    request_id: str
    details: list[FieldError] | None = None


class ErrorResponse(msgspec.Struct):
    """The body of every error."""

    error: ErrorDetail


class ProblemDetails(msgspec.Struct, omit_defaults=True):
    """An error as problem details (RFC 9457), with `code`, `request_id` and `details` as extension members."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    details: list[FieldError] | None = None


def problem_details(error: ErrorDetail, status: int, path: str) -> ProblemDetails:
    """Return an error of the request to `path` as problem details."""
    title = HTTPStatus(status).phrase
    return ProblemDetails(
        "about:blank", title, status, error.message, path, error.code, error.request_id, error.details
    )


def prefers_problem_details(accept: str) -> bool:
    """Return whether an Accept header names problem details and does not prefer plain JSON.

    A wildcard is not enough: the format of clients that name none has always been `ErrorResponse`.
    """
    qualities = _qualities(accept)
    problem = qualities.get(PROBLEM_JSON, 0)
    json = next((qualities[media_range] for media_range in _JSON_RANGES if media_range in qualities), 0)
    return problem > 0 and problem >= json


def _qualities(accept: str) -> dict[str, float]:
    """Return the media ranges of an Accept header with their q-values; a malformed q-value counts as 0."""
    qualities = {}
    for item in accept.lower().split(","):
        media_range, *parameters = (part.strip() for part in item.split(";"))
        q = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
        qualities[media_range] = float(q) if _QUALITY.fullmatch(q) else 0
    return qualities
