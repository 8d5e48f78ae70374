"""A chapter's clip, so that players can seek in it: sent from a folder, or where to get it from a bucket."""

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
from bookbytes_api.web.error_responses import error_responses
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.bucket import Bucket
from bookbytes_pipeline.store.clips import checked
from bookbytes_pipeline.store.folder import Folder, store_errors
from bookbytes_pipeline.store.store import Store

MPEG = "audio/mpeg"
_REVALIDATE = "private, no-cache"
"""A player asks again each time, and is told with 304 that its copy is still good: a book may be made anew."""
_FILES = StaticFiles()
"""No folder: asked only whether a client's copy is still good."""


class ClipResponse(FileResponse):
    """Starlette's file response, which sends ranges, with this API's answers to those that it cannot send."""

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        try:
            return super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            return []  # the whole clip: what cannot be read may be ignored (RFC 9110, 14.2)
        except RangeNotSatisfiable as beyond:
            raise HTTPException(status_code=416, headers={"Content-Range": f"bytes */{beyond.max_size}"}) from beyond


def _sent(description: str) -> ResponseSpec:
    return ResponseSpec(bytes, media_type=MPEG, description=description, generate_examples=False)


@route(
    "/chapters/{chapter_id:uuid}/audio",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    media_type=MPEG,
    responses={
        200: _sent("The clip"),
        206: _sent("The part of the clip that Range names"),
        304: ResponseSpec(None, description="The copy with this ETag is still good"),
        307: ResponseSpec(None, description="Where the clip is for a while, in ranges too, without a token"),
        **error_responses(400, 401, 404, 416, 503),
    },
    sync_to_thread=True,
    tags=["library"],
)
def audio(
    chapter_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Response:
    """The chapter's clip as MP3, whole or the part that `Range` names; where clips are in S3, a redirect to it."""
    with database.session() as session:
        chapter = session.get(ChapterRow, chapter_id, options=[joinedload(ChapterRow.book)])
    if chapter is None:
        raise UnknownChapter(f"There is no chapter {chapter_id}.")
    if chapter.audio_key is None:
        raise NoAudio(f"Chapter {chapter.chapter_number} of {chapter.book.title} has no audio: its text is not known.")
    key = checked(chapter.audio_key)
    if isinstance(store.files, Bucket):
        return _elsewhere(chapter, store.files, key, request.method, settings.s3_link_seconds)
    clip = _clip(chapter, store.files, key)
    if _FILES.is_not_modified(clip.headers, Headers(raw=list(request.scope["headers"]))):
        return NotModifiedResponse(clip.headers)
    if request.method == HttpMethod.HEAD:
        return Response(headers=clip.headers)  # Range is for GET alone (RFC 9110, 14.2)
    return clip


def _elsewhere(chapter: ChapterRow, bucket: Bucket, key: str, method: str, seconds: int) -> Response:
    """A redirect to the bucket, which sends ranges itself. What is gone is said here, in this API's words."""
    if not bucket.has(key):
        raise _gone(chapter)
    signed_for: Literal["GET", "HEAD"] = "HEAD" if method == HttpMethod.HEAD else "GET"
    address = bucket.link(key, method=signed_for, seconds=seconds, media_type=MPEG, disposition=_disposition(chapter))
    return RedirectResponse(address, headers={"Cache-Control": "private, no-store"})


def _clip(chapter: ChapterRow, folder: Folder, key: str) -> ClipResponse:
    path = folder.path(key)
    with store_errors(path):
        try:
            found = path.stat()
        except FileNotFoundError:
            raise _gone(chapter) from None
    headers = {"Cache-Control": _REVALIDATE, "Content-Disposition": _disposition(chapter)}
    return ClipResponse(path, media_type=MPEG, headers=headers, stat_result=found)


def _gone(chapter: ChapterRow) -> NoAudio:
    return NoAudio(
        f"The clip of chapter {chapter.chapter_number} of {chapter.book.title} is gone from the store. "
        f"An administrator brings it back by processing {chapter.book.isbn} with force."
    )


def _disposition(chapter: ChapterRow) -> str:
    """To be played where it is; saved, it has a name that file systems take, and one in ASCII for old clients."""
    title = f"{chapter.book.title[:80]} - {chapter.chapter_number:02d} {chapter.title[:80]}"
    name = "".join(mark if mark.isprintable() and mark not in r'\/:*?"<>|%' else "_" for mark in title) + ".mp3"
    plain = "".join(mark if mark.isascii() else "_" for mark in name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


router = Router("/", route_handlers=[audio])
