"""Reading one chapter, and what its summary rests on."""

from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from bookbytes_api.accounts.listen_urls import Sign
from bookbytes_api.books.evidence import Evidence, evidence_view
from bookbytes_api.books.schemas import Chapter, chapter_view
from bookbytes_api.errors import UnknownChapter
from bookbytes_api.web.error_responses import error_responses
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.library.queries import evidence_of_chapter


@get(
    "/chapters/{chapter_id:uuid}",
    operation_id="get_chapter",
    responses=error_responses(400, 401, 404, 503),
    sync_to_thread=True,
)
def get_chapter(
    chapter_id: FromPath[UUID],
    database: NamedDependency[Database],
    sign_listen_url: NamedDependency[Sign],
) -> Chapter:
    """Get a chapter with its summary."""
    with database.session() as session:
        return chapter_view(_chapter(session, chapter_id), sign_listen_url)


@get(
    "/chapters/{chapter_id:uuid}/evidence",
    operation_id="get_chapter_evidence",
    responses=error_responses(400, 401, 404, 503),
    sync_to_thread=True,
)
def get_chapter_evidence(chapter_id: FromPath[UUID], database: NamedDependency[Database]) -> Evidence:
    """Get the passages of the chapter that the sentences of its summary rest on.

    They were found by their wording, after the summary was written. They show where to look, and verify nothing.
    """
    with database.session() as session:
        row = _chapter(session, chapter_id)
        evidence = session.scalar(evidence_of_chapter(chapter_id))
        return evidence_view(row, evidence.sentences if evidence else [])


def _chapter(session: Session, chapter_id: UUID) -> ChapterRow:
    row = session.get(ChapterRow, chapter_id)
    if row is None:
        raise UnknownChapter(f"There is no chapter {chapter_id}.")
    return row


router = Router("/", route_handlers=[get_chapter, get_chapter_evidence], tags=["library"])
