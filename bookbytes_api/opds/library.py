"""The library as feeds: of each work the latest edition, if something of it can be played."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from bookbytes_api.errors import UnknownBook
from bookbytes_api.opds.catalogue import PAGE_SIZE, TITLE, Clip, Feed, Page, Publication, Section
from bookbytes_pipeline.domain.search_words import query_words
from bookbytes_pipeline.library import queries
from bookbytes_pipeline.library.models import BookRow, ChapterRow
from bookbytes_pipeline.library.search import find_books

ALL = Section("/books", "All books", "Every book, by title", "subsection")
NEW = Section("/new", "New", "The latest books first", "http://opds-spec.org/sort/new")
SEARCH_PATH = "/search"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a library that has no book was changed."""
_CAN_BE_PLAYED = (
    select(ChapterRow.id).where(ChapterRow.book_id == BookRow.id, ChapterRow.audio_key.is_not(None)).exists()
)
_OF_CHAPTERS = (
    ChapterRow.chapter_number,
    ChapterRow.title,
    ChapterRow.audio_key,
    ChapterRow.duration,
    ChapterRow.updated_at,
)
"""What is read of chapters: their summaries take megabytes."""


def root(session: Session) -> Feed:
    """Return the feed that leads to all others."""
    return Feed("", TITLE, _updated(session), sections=(ALL, NEW))


def all_books(session: Session, page: int) -> Feed:
    """Return a page of the books by title."""
    return _listing(session, ALL, queries.by_title(), page)


def new_books(session: Session, page: int) -> Feed:
    """Return a page of the books, those that were published last first."""
    return _listing(session, NEW, select(BookRow).order_by(BookRow.created_at.desc(), BookRow.id), page)


def search(session: Session, query: str, page: int) -> Feed:
    """Return a page of the books in which every word of `query` is, the best matches first."""
    words = query_words(query)
    ids: Sequence[UUID] = ()
    total = 0
    if words:
        found = find_books(session, words, _CAN_BE_PLAYED, latest=True, offset=_offset(page), size=PAGE_SIZE)
        ids, total = found.ids, found.total
    title = f"Books with {query}" if query else "Search"
    return _feed(session, Section(SEARCH_PATH, title, "", "search"), ids, Page(page, total), query)


def publication(session: Session, book_id: UUID) -> Publication:
    """Return a book; raises `UnknownBook`, also if nothing of it can be played."""
    [*found] = _publications(session, [book_id])
    if not found or not found[0].clips:
        raise UnknownBook(f"There is no book {book_id} that can be played.")
    return found[0]


def _listing(session: Session, section: Section, books: Select[BookRow], page: int) -> Feed:
    listed = queries.latest(books).where(_CAN_BE_PLAYED).with_only_columns(BookRow.id)
    total = session.scalar(select(func.count()).select_from(listed.order_by(None).subquery())) or 0
    ids = session.scalars(listed.offset(_offset(page)).limit(PAGE_SIZE)).all()
    return _feed(session, section, ids, Page(page, total), None)


def _offset(page: int) -> int:
    return (page - 1) * PAGE_SIZE


def _feed(session: Session, section: Section, ids: Sequence[UUID], page: Page, query: str | None) -> Feed:
    publications = tuple(_publications(session, ids))
    return Feed(section.path, section.title, _updated(session), (), publications, page, query)


def _updated(session: Session) -> datetime:
    return session.scalar(select(func.max(BookRow.updated_at))) or _NEVER


def _publications(session: Session, ids: Sequence[UUID]) -> Iterator[Publication]:
    """Three queries, however many books there are."""
    books = select(BookRow).where(BookRow.id.in_(ids))
    loaded = books.options(selectinload(BookRow.chapters).load_only(*_OF_CHAPTERS), selectinload(BookRow.book_summary))
    rows = {row.id: row for row in session.scalars(loaded)} if ids else {}
    return (_publication(rows[book_id]) for book_id in ids if book_id in rows)


def _publication(row: BookRow) -> Publication:
    whole = [row.book_summary] if row.book_summary else []
    chapters = [*whole, *row.chapters]
    return Publication(
        id=row.id,
        isbn=row.isbn,
        title=row.title,
        author=row.author,
        language=row.language,
        publisher=row.publisher,
        issued=_issued(row),
        published=row.created_at,
        updated=max(row.updated_at, *(chapter.updated_at for chapter in chapters)) if chapters else row.updated_at,
        summary=row.book_summary.summary if row.book_summary else None,
        clips=tuple(Clip(each.id, each.title, each.duration) for each in chapters if each.audio_key),
    )


def _issued(row: BookRow) -> str | None:
    """Return the date if it is one: sources write "2001", "May 3, 2001" and whatever else is on a title page."""
    date = row.publish_date or ""
    try:
        return datetime.strptime(date, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return f"{row.publish_year:04}" if row.publish_year else None
