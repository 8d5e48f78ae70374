"""Answers of the catalogue: a client that has the same already is told so, and one without a token what is needed."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from litestar import HttpMethod, Request, Response
from litestar.exceptions import NotAuthorizedException
from litestar.types import ExceptionHandlersMap

from bookbytes_api.accounts.state import account_state
from bookbytes_api.errors import NotAuthenticated
from bookbytes_api.opds import version_1, version_2
from bookbytes_api.web.error_responses import HANDLERS
from bookbytes_api.web.public_address import public_address
from bookbytes_pipeline.domain.errors import BookBytesError

_USE_A_TOKEN = "Use a personal access token as the password, with any name."  # noqa: S105 - a sentence


def respond(request: Request[Any, Any, Any], body: bytes, media_type: str) -> Response[bytes]:
    """Return the document, or 304 to a client whose copy is the same; HEAD has no body."""
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    if known & {etag, "*"}:
        return Response(b"", status_code=304, headers=headers)
    if request.method == HttpMethod.HEAD:
        return Response(b"", headers={**headers, "Content-Length": str(len(body))}, media_type=media_type)
    return Response(body, headers=headers, media_type=media_type)


def _ask_for_token(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    reason = f"{error} " if isinstance(error, NotAuthenticated) else ""
    return HANDLERS[BookBytesError](request, NotAuthenticated(f"{reason}{_USE_A_TOKEN}"))


def _send_authentication(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    challenge = _ask_for_token(request, error).headers["WWW-Authenticate"]
    server = public_address(request, account_state(request.app).settings)
    return Response(
        version_2.write_authentication(server),
        status_code=401,
        headers={"WWW-Authenticate": challenge},
        media_type=version_2.AUTHENTICATION,
    )


def prefers_json(request: Request[Any, Any, Any]) -> bool:
    """Return whether the client would rather have OPDS 2.0."""
    return request.accept.best_match([version_1.ATOM, version_2.FEED]) == version_2.FEED


def _answer_either(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    return (_send_authentication if prefers_json(request) else _ask_for_token)(request, error)


def _handling(handler: Callable[[Request[Any, Any, Any], Exception], Response[Any]]) -> ExceptionHandlersMap:
    return {NotAuthenticated: handler, NotAuthorizedException: handler}


ASKING_FOR_TOKEN = _handling(_ask_for_token)
"""The exception handlers of OPDS 1.2."""
SENDING_AUTHENTICATION = _handling(_send_authentication)
"""Those of OPDS 2.0, whose clients look for a document that says how to authenticate."""
ANSWERING_EITHER = _handling(_answer_either)
"""Those of the address that both have in common."""
