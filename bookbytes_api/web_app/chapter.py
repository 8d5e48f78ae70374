"""Reading a chapter along, sentence by sentence, while it is spoken."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import MediaType, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bookbytes_api.accounts.listen_urls import Sign
from bookbytes_api.accounts.user import User
from bookbytes_api.books.evidence import SentenceEvidence
from bookbytes_api.books.schemas import Chapter, chapter_view
from bookbytes_api.errors import UnknownChapter
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_api.web_app.sentences import ReadSentence, read_sentences
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.transcript import Cue
from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.library.queries import evidence_of_chapter, transcript_of_chapter

_MAX_CHAPTER = 100_000


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The chapter before or after this one."""

    number: int
    title: str


@get("/books/{book_id:uuid}/chapters/{number:int}", media_type=MediaType.HTML, sync_to_thread=True)
def chapter_page(
    book_id: FromPath[UUID],
    number: Annotated[int, PathParameter(ge=0, le=_MAX_CHAPTER)],
    page: NamedDependency[Page],
    user: NamedDependency[User],  # noqa: ARG001 - only those who are signed in
    database: NamedDependency[Database],
    sign_listen_url: NamedDependency[Sign],
) -> PageTemplate:
    """A chapter's summary; the number 0 is the whole book's."""
    with database.session() as session:
        row = _chapter(session, book_id, number)
        chapter = chapter_view(row, sign_listen_url)
        sentences = _sentences(session, chapter, row.book.language)
        before, after = _neighbours(session, book_id, number)
        book = row.book
    return page.render(
        "chapter.html",
        book=book,
        chapter=chapter,
        sentences=sentences,
        is_timed=any(sentence.start is not None for sentence in sentences),
        has_passages=any(sentence.passages for sentence in sentences),
        before=before,
        after=after,
    )


def _chapter(session: Session, book_id: UUID, number: int) -> ChapterRow:
    wanted = select(ChapterRow).where(ChapterRow.book_id == book_id, ChapterRow.chapter_number == number)
    row = session.scalar(wanted.options(joinedload(ChapterRow.book)))
    if row is None:
        raise UnknownChapter(f"The library has no book with a chapter {number} here. It may have been made again.")
    return row


def _sentences(session: Session, chapter: Chapter, language: str) -> list[ReadSentence]:
    evidence = session.scalar(evidence_of_chapter(chapter.id))
    transcript = session.scalar(transcript_of_chapter(chapter.id)) if chapter.audio_url else None
    return read_sentences(
        chapter.summary or "",
        chapter.title,
        language,
        msgspec.convert(transcript.cues if transcript else [], list[Cue]),
        msgspec.convert(evidence.sentences if evidence else [], list[SentenceEvidence]),
    )


def _neighbours(session: Session, book_id: UUID, number: int) -> tuple[Neighbour | None, Neighbour | None]:
    columns = ChapterRow.chapter_number, ChapterRow.title
    rows = session.execute(select(*columns).where(ChapterRow.book_id == book_id).order_by(ChapterRow.chapter_number))
    chapters = [Neighbour(*row) for row in rows]
    before = [chapter for chapter in chapters if chapter.number < number]
    after = [chapter for chapter in chapters if chapter.number > number]
    return before[-1] if before else None, after[0] if after else None


router = Router("/", route_handlers=[chapter_page])
