"""The audio of a chapter, so that players can seek in it: sent from a folder, or redirected to a bucket."""

from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from litestar import HttpMethod, Request, Router, route
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from sqlalchemy.orm import joinedload
from starlette.datastructures import Headers
from starlette.responses import (
    FileResponse,
    MalformedRangeHeader,
    RangeNotSatisfiable,
    RedirectResponse,
    Response,
)
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from bookbytes_api.errors import NoAudio, UnknownChapter
from bookbytes_api.web.access import (
    LISTEN_URL,
    LISTEN_URL_SECURITY,
    LISTENS,
    TOKEN_IN_ADDRESS,
    TOKEN_IN_ADDRESS_SECURITY,
)
from bookbytes_api.web.error_responses import error_responses
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.file_names import book_name, clip_name
from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.bucket import Bucket
from bookbytes_pipeline.store.clips import checked
from bookbytes_pipeline.store.folder import Folder, store_errors
from bookbytes_pipeline.store.store import Store

MEDIA_TYPE = "audio/mpeg"
_CACHE_CONTROL = "private, no-cache"
"""A player asks each time and gets 304 if its copy is still valid: a book may have been processed again."""
_STATIC_FILES = StaticFiles()
"""Without a folder: used only to compare a client's copy."""
_NO_REFERRER = {"Referrer-Policy": "no-referrer"}
"""The address may have permission to listen in it."""


class ClipResponse(FileResponse):
    """Starlette's file response, which sends ranges, with this API's errors for those that it cannot send."""

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        try:
            return super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            return []  # the whole clip: a malformed range may be ignored (RFC 9110, 14.2)
        except RangeNotSatisfiable as beyond:
            raise HTTPException(status_code=416, headers={"Content-Range": f"bytes */{beyond.max_size}"}) from beyond


def _clip_spec(description: str) -> ResponseSpec:
    return ResponseSpec(bytes, media_type=MEDIA_TYPE, description=description, generate_examples=False)


def _operation_id(_handler: object, method: object, _path: object) -> str:
    """Return the id for each of the two methods: every id is unique in the OpenAPI document."""
    return "head_chapter_audio" if method == HttpMethod.HEAD else "get_chapter_audio"


@route(
    "/chapters/{chapter_id:uuid}/audio",
    operation_id=_operation_id,
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={LISTEN_URL: True, TOKEN_IN_ADDRESS: True, LISTENS: True},
    security=LISTEN_URL_SECURITY + TOKEN_IN_ADDRESS_SECURITY,
    media_type=MEDIA_TYPE,
    responses={
        200: _clip_spec("The clip"),
        206: _clip_spec("The part of the clip that `Range` names"),
        304: ResponseSpec(None, description="The copy with this ETag is still valid"),
        307: ResponseSpec(None, description="A temporary address of the clip; it needs no token and supports ranges"),
        **error_responses(400, 401, 403, 404, 416, 503),
    },
    sync_to_thread=True,
    tags=["library"],
)
def get_chapter_audio(
    chapter_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Response:
    """Get the audio of a chapter as MP3, whole or the part that `Range` names; if clips are in S3, a redirect to it."""
    with database.session() as session:
        chapter = session.get(ChapterRow, chapter_id, options=[joinedload(ChapterRow.book)])
    if chapter is None:
        raise UnknownChapter(f"There is no chapter {chapter_id}.")
    if chapter.audio_key is None:
        raise NoAudio(f"Chapter {chapter.chapter_number} of {chapter.book.title} has no audio: its text is not known.")
    key = checked(chapter.audio_key)
    if isinstance(store.files, Bucket):
        return _redirect(chapter, store.files, key, request.method, settings.s3_link_seconds)
    clip = _clip(chapter, store.files, key)
    if _STATIC_FILES.is_not_modified(clip.headers, Headers(raw=list(request.scope["headers"]))):
        return NotModifiedResponse(clip.headers)
    if request.method == HttpMethod.HEAD:
        return Response(headers=clip.headers)  # Range is for GET alone (RFC 9110, 14.2)
    return clip


def _redirect(chapter: ChapterRow, bucket: Bucket, key: str, method: str, seconds: int) -> Response:
    """Redirect to the bucket, which sends ranges itself; a missing clip is this API's own error."""
    if not bucket.has(key):
        raise _missing_clip(chapter)
    signed_for: Literal["GET", "HEAD"] = "HEAD" if method == HttpMethod.HEAD else "GET"
    address = bucket.link(
        key, method=signed_for, seconds=seconds, media_type=MEDIA_TYPE, disposition=_disposition(chapter)
    )
    return RedirectResponse(address, headers={"Cache-Control": "private, no-store", **_NO_REFERRER})


def _clip(chapter: ChapterRow, folder: Folder, key: str) -> ClipResponse:
    path = folder.path(key)
    with store_errors(path):
        try:
            stat = path.stat()
        except FileNotFoundError:
            raise _missing_clip(chapter) from None
    headers = {"Cache-Control": _CACHE_CONTROL, "Content-Disposition": _disposition(chapter), **_NO_REFERRER}
    return ClipResponse(path, media_type=MEDIA_TYPE, headers=headers, stat_result=stat)


def _missing_clip(chapter: ChapterRow) -> NoAudio:
    return NoAudio(
        f"The clip of chapter {chapter.chapter_number} of {chapter.book.title} is missing from the store. "
        f"An administrator can restore it by processing {chapter.book.isbn} with force."
    )


def _disposition(chapter: ChapterRow) -> str:
    """Play it inline; when saved, it has a name that file systems accept, and one in ASCII for old clients."""
    name = f"{book_name(chapter.book.title)} - {clip_name(chapter.chapter_number, chapter.title)}.mp3"
    plain = "".join(char if char.isascii() else "_" for char in name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


router = Router("/", route_handlers=[get_chapter_audio])
