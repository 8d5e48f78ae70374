"""What the clip of a chapter says, with times, for players that show it while it is spoken."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import HttpMethod, Request, Router, route
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from starlette.responses import Response

from bookbytes_api.errors import NoTranscript, UnknownChapter
from bookbytes_api.web.access import LISTEN_URL, LISTEN_URL_SECURITY, TOKEN_IN_ADDRESS, TOKEN_IN_ADDRESS_SECURITY
from bookbytes_api.web.conditional import conditional_response
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.operation_ids import operation_id
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.transcript import Cue
from bookbytes_pipeline.domain.webvtt import webvtt
from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.library.queries import transcript_of_chapter

MEDIA_TYPE = "text/vtt"
_CACHE_CONTROL = "private, no-cache"
"""As of the clip, which it has to fit."""


@route(
    "/chapters/{chapter_id:uuid}/transcript.vtt",
    operation_id=operation_id("chapter_transcript"),
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={LISTEN_URL: True, TOKEN_IN_ADDRESS: True},
    security=LISTEN_URL_SECURITY + TOKEN_IN_ADDRESS_SECURITY,
    media_type=MEDIA_TYPE,
    responses={
        200: ResponseSpec(str, media_type=MEDIA_TYPE, description="The transcript", generate_examples=False),
        304: ResponseSpec(None, description="The copy with this ETag is still valid"),
        **error_responses(400, 401, 404, 503),
    },
    sync_to_thread=True,
    tags=["library"],
)
def get_chapter_transcript(
    chapter_id: FromPath[UUID], request: Request[Any, Any, Any], database: NamedDependency[Database]
) -> Response:
    """Get what the clip of a chapter says as WebVTT, sentence by sentence with times."""
    content = _transcript(database, chapter_id)
    return conditional_response(request, content, MEDIA_TYPE, _CACHE_CONTROL)


def _transcript(database: Database, chapter_id: UUID) -> bytes:
    with database.session() as session:
        chapter = session.get(ChapterRow, chapter_id)
        if chapter is None:
            raise UnknownChapter(f"There is no chapter {chapter_id}.")
        if not chapter.has_transcript:
            raise NoTranscript(_why_none(chapter))
        row = session.scalars(transcript_of_chapter(chapter_id)).one()
    return webvtt(msgspec.convert(row.cues, list[Cue]), chapter.duration or 0.0).encode()


def _why_none(chapter: ChapterRow) -> str:
    if chapter.audio_key is None:
        return f"Chapter {chapter.chapter_number} has no audio, so there is nothing to follow."
    return (
        f"An older version made the clip of chapter {chapter.chapter_number} and kept no times. "
        "An administrator can have it made again by processing the book with force."
    )


router = Router("/", route_handlers=[get_chapter_transcript])
