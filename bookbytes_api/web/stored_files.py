"""Sending a file of the store, so that players can seek in it: from a folder, or by a redirect to a bucket."""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from litestar import HttpMethod, Request
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from starlette.datastructures import Headers
from starlette.responses import (
    FileResponse,
    MalformedRangeHeader,
    RangeNotSatisfiable,
    RedirectResponse,
    Response,
)
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.store.bucket import Bucket
from bookbytes_pipeline.store.folder import Folder, store_errors
from bookbytes_pipeline.store.store import Store

Disposition = Literal["inline", "attachment"]

_CACHE_CONTROL = "private, no-cache"
"""A player asks each time and gets 304 if its copy is still valid: a book may have been processed again."""
_STATIC_FILES = StaticFiles()
"""Without a folder: used only to compare a client's copy."""
_NO_REFERRER = {"Referrer-Policy": "no-referrer"}
"""The address may have permission to listen in it."""


@dataclass(frozen=True)
class StoredFile:
    """A file as listeners get it.

    `key` has been checked; `name` is what the file is called when it is saved; `missing` is raised where the store has
    no such file. An `attachment` is saved, and what is `inline` is played.
    """

    key: str
    media_type: str
    name: str
    missing: BookBytesError
    disposition: Disposition = "inline"

    @property
    def content_disposition(self) -> str:
        """The header: with the name, and one in ASCII for old clients."""
        plain = "".join(char if char.isascii() else "_" for char in self.name)
        return f"{self.disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(self.name, safe='')}"


class _RangedResponse(FileResponse):
    """Starlette's file response, which sends ranges, with this API's errors for those that it cannot send."""

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        try:
            return super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            return []  # the whole file: a malformed range may be ignored (RFC 9110, 14.2)
        except RangeNotSatisfiable as beyond:
            raise HTTPException(status_code=416, headers={"Content-Range": f"bytes */{beyond.max_size}"}) from beyond


def file_response(request: Request[Any, Any, Any], store: Store, file: StoredFile, *, link_seconds: int) -> Response:
    """Return the file, whole or the part that `Range` names, 304 for a valid copy, or a redirect to the bucket.

    The address in the bucket is valid for `link_seconds`. Raises `file.missing`, `StoreUnavailable`, and Litestar's
    416.
    """
    if isinstance(store.files, Bucket):
        return _redirect(store.files, file, request.method, link_seconds)
    response = _whole(store.files, file)
    if _STATIC_FILES.is_not_modified(response.headers, Headers(raw=list(request.scope["headers"]))):
        return NotModifiedResponse(response.headers)
    if request.method == HttpMethod.HEAD:
        return Response(headers=response.headers)  # Range is for GET alone (RFC 9110, 14.2)
    return response


def file_responses(media_type: str, what: str) -> dict[int, ResponseSpec]:
    """Return what the OpenAPI document says of a route that answers with `file_response`; `what` is "clip"."""

    def content(description: str) -> ResponseSpec:
        return ResponseSpec(bytes, media_type=media_type, description=description, generate_examples=False)

    return {
        200: content(f"The {what}"),
        206: content(f"The part of the {what} that `Range` names"),
        304: ResponseSpec(None, description="The copy with this ETag is still valid"),
        307: ResponseSpec(
            None, description=f"A temporary address of the {what}; it needs no token and supports ranges"
        ),
    }


def _redirect(bucket: Bucket, file: StoredFile, method: str, seconds: int) -> Response:
    """Redirect to the bucket, which sends ranges itself; a missing file is this API's own error."""
    if not bucket.has(file.key):
        raise file.missing
    signed_for: Literal["GET", "HEAD"] = "HEAD" if method == HttpMethod.HEAD else "GET"
    address = bucket.link(
        file.key,
        method=signed_for,
        seconds=seconds,
        media_type=file.media_type,
        disposition=file.content_disposition,
    )
    return RedirectResponse(address, headers={"Cache-Control": "private, no-store", **_NO_REFERRER})


def _whole(folder: Folder, file: StoredFile) -> _RangedResponse:
    path = folder.path(file.key)
    with store_errors(path):
        try:
            stat = path.stat()
        except FileNotFoundError:
            raise file.missing from None
    headers = {"Cache-Control": _CACHE_CONTROL, "Content-Disposition": file.content_disposition, **_NO_REFERRER}
    return _RangedResponse(path, media_type=file.media_type, headers=headers, stat_result=stat)
