"""Small files as responses: sent only to those whose copy is not valid any more."""

from hashlib import sha256
from typing import Any

from litestar import HttpMethod, Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles

_STATIC_FILES = StaticFiles()
"""Without a folder: used only to compare a client's copy."""


def conditional_response(
    request: Request[Any, Any, Any], content: bytes, media_type: str, cache_control: str
) -> Response:
    """Return the content with its `ETag`, its headers alone for HEAD, or 304 for `If-None-Match` of the same content.

    Pages that are opened from it are not told its address, which may have permission in it.
    """
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"Cache-Control": cache_control, "Referrer-Policy": "no-referrer", "ETag": etag}
    if _STATIC_FILES.is_not_modified(Headers(headers), Headers(raw=list(request.scope["headers"]))):
        return NotModifiedResponse(Headers(headers))
    if request.method == HttpMethod.HEAD:
        return Response(headers={**headers, "Content-Length": str(len(content))}, media_type=media_type)
    return Response(content, headers=headers, media_type=media_type)
