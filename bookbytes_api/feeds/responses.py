"""Answers to apps that fetch a feed: the whole, or that their copy is still valid."""

from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from litestar import HttpMethod, Request
from litestar.openapi.datastructures import ResponseSpec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles

_STATIC_FILES = StaticFiles()
"""Without a folder: used only to compare a client's copy."""
PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
"""The address has permission in it, and so have those in the content."""

NOT_MODIFIED = {304: ResponseSpec(None, description="The copy with this ETag is still valid")}


def private_response(request: Request[Any, Any, Any], content: bytes, media_type: str, changed: datetime) -> Response:
    """Return the content, its headers alone for HEAD, or 304 for a valid copy."""
    headers = {
        "ETag": f'"{sha256(content).hexdigest()[:32]}"',
        "Last-Modified": format_datetime(changed, usegmt=True),
        "Cache-Control": "private, no-cache",
        **PRIVATE,
    }
    response = Response(content, media_type=media_type, headers=headers)
    if _STATIC_FILES.is_not_modified(response.headers, Headers(raw=list(request.scope["headers"]))):
        return NotModifiedResponse(response.headers)
    if request.method == HttpMethod.HEAD:
        return Response(headers=dict(response.headers))
    return response
