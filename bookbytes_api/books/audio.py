"""The audio of a chapter."""

from typing import Any
from uuid import UUID

from litestar import HttpMethod, Request, Router, route
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import joinedload
from starlette.responses import Response

from bookbytes_api.errors import NoAudio, UnknownChapter
from bookbytes_api.web.access import (
    LISTEN_URL,
    LISTEN_URL_SECURITY,
    LISTENS,
    TOKEN_IN_ADDRESS,
    TOKEN_IN_ADDRESS_SECURITY,
)
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.operation_ids import operation_id
from bookbytes_api.web.stored_files import StoredFile, file_response, file_responses
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.file_names import book_name, clip_name
from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.clips import checked
from bookbytes_pipeline.store.store import Store

MEDIA_TYPE = "audio/mpeg"


@route(
    "/chapters/{chapter_id:uuid}/audio",
    operation_id=operation_id("chapter_audio"),
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={LISTEN_URL: True, TOKEN_IN_ADDRESS: True, LISTENS: True},
    security=LISTEN_URL_SECURITY + TOKEN_IN_ADDRESS_SECURITY,
    media_type=MEDIA_TYPE,
    responses={**file_responses(MEDIA_TYPE, "clip"), **error_responses(400, 401, 403, 404, 416, 503)},
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
    clip = clip_file(chapter_with_book(database, chapter_id))
    return file_response(request, store, clip, link_seconds=settings.s3_link_seconds)


def chapter_with_book(database: Database, chapter_id: UUID) -> ChapterRow:
    """Return a chapter, loaded with its book; raises `UnknownChapter`."""
    with database.session() as session:
        chapter = session.get(ChapterRow, chapter_id, options=[joinedload(ChapterRow.book)])
    if chapter is None:
        raise UnknownChapter(f"There is no chapter {chapter_id}.")
    return chapter


def clip_file(chapter: ChapterRow) -> StoredFile:
    """Return the clip of a chapter, loaded with its book, as listeners get it; raises `NoAudio` if there is none."""
    if chapter.audio_key is None:
        raise NoAudio(f"Chapter {chapter.chapter_number} of {chapter.book.title} has no audio: its text is not known.")
    return StoredFile(
        key=checked(chapter.audio_key),
        media_type=MEDIA_TYPE,
        name=f"{book_name(chapter.book.title)} - {clip_name(chapter.chapter_number, chapter.title)}.mp3",
        missing=NoAudio(
            f"The clip of chapter {chapter.chapter_number} of {chapter.book.title} is missing from the store. "
            f"An administrator can restore it by processing {chapter.book.isbn} with force."
        ),
    )


router = Router("/", route_handlers=[get_chapter_audio])
