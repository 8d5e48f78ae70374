"""A chapter's clip, sent so that players can seek in it."""

from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from litestar import HttpMethod, Request, Router, route
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from sqlalchemy.orm import joinedload
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from bookbytes_api.errors import NoAudio, UnknownChapter
from bookbytes_api.problems import fails
from bookbytes_pipeline.library.database import Library
from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.store.store import Store

MPEG = "audio/mpeg"
_REVALIDATE = "private, no-cache"
"""A player asks again each time, and is told with 304 that its copy is still good: a book may be made anew."""


class ClipResponse(FileResponse):
    """Starlette's file response, which knows ranges, with the API's errors instead of its plain texts."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in {400, 416}:
                raise _RangeRefused(message)
            await send(message)

        try:
            await super().__call__(scope, receive, answer)
        except _RangeRefused as refused:
            if refused.content_range is not None:
                raise HTTPException(status_code=416, headers={"Content-Range": refused.content_range}) from None
            rest = [(name, value) for name, value in scope["headers"] if name != b"range"]  # RFC 9110, 14.2: ignored
            await super().__call__({**scope, "headers": rest}, receive, send)


class _RangeRefused(Exception):
    """Starlette refused the range: one outside of the file, or one that cannot be read."""

    def __init__(self, message: Message) -> None:
        found = {name: value.decode() for name, value in message["headers"]}
        self.content_range = found.get(b"content-range")


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
        **fails(400, 401, 404, 416, 503),
    },
    sync_to_thread=True,
    tags=["library"],
)
def audio(
    chapter_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    library: NamedDependency[Library],
    store: NamedDependency[Store],
) -> Response:
    """The chapter's clip as MP3; `Range`, `If-Range` and `If-None-Match` are understood."""
    with library.session() as session:
        chapter = session.get(ChapterRow, chapter_id, options=[joinedload(ChapterRow.book)])
    if chapter is None:
        raise UnknownChapter(f"There is no chapter {chapter_id}.")
    if chapter.audio_key is None:
        raise NoAudio(f"Chapter {chapter.chapter_number} of {chapter.book.title} has no audio: its text is not known.")
    return _clip(request, chapter, chapter.audio_key, store)


def _clip(request: Request[Any, Any, Any], chapter: ChapterRow, key: str, store: Store) -> Response:
    headers = {"ETag": f'"{PurePosixPath(key).stem}"', "Cache-Control": _REVALIDATE}
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    path = Path(str(store.clips.path(key)))
    try:
        found = path.stat()
    except FileNotFoundError:
        raise NoAudio(
            f"The clip of chapter {chapter.chapter_number} of {chapter.book.title} is gone from the store. "
            f"An administrator brings it back by processing {chapter.book.isbn} with force."
        ) from None
    return ClipResponse(
        path,
        media_type=MPEG,
        headers=headers,
        stat_result=found,
        filename=_filename(chapter),
        content_disposition_type="inline",
    )


def _filename(chapter: ChapterRow) -> str:
    name = f"{chapter.book.title} - {chapter.chapter_number:02d} {chapter.title}"
    return "".join(mark if mark.isalnum() or mark in " -_,'()" else "_" for mark in name)[:150].strip() + ".mp3"


router = Router("/", route_handlers=[audio])
