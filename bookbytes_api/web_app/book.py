"""A book: its chapters with their summaries, what can be taken away of it, and what administrators do with it."""

from uuid import UUID

from litestar import MediaType, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from bookbytes_api.accounts.user import User
from bookbytes_api.books.schemas import book_view
from bookbytes_api.errors import UnknownBook, VoicesUnknown
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.queries import jobs_of
from bookbytes_api.listening.books import find_book
from bookbytes_api.listening.positions import KnownPosition, position_in
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.voices.known import known_voices
from bookbytes_api.web_app.addresses import unsigned
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_api.web_app.requests_pages import jobs_under_way
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import StoreUnavailable
from bookbytes_pipeline.domain.minutes import MAX_MINUTES, MIN_MINUTES
from bookbytes_pipeline.domain.narration import Voice
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.store.store import Store


@get("/books/{book_id:uuid}", media_type=MediaType.HTML, sync_to_thread=True)
def book_page(
    book_id: FromPath[UUID],
    page: NamedDependency[Page],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    store: NamedDependency[Store],
) -> PageTemplate:
    """A book, with the place where its listener is."""
    with database.session() as session:
        row = session.get(BookRow, book_id)
        if row is None:
            raise UnknownBook(f"There is no book {book_id} in the library. It may have been deleted.")
        book = book_view(row, unsigned)
        position = position_in(session, user.id, find_book(session, book_id))
        new_chapters = _new_chapters(row, position)
        job = _last_job(session, user.id, row)
    if job is not None and not row.is_partial and not _is_under_way(database, runs, user.id, job):
        job = None
    return page.render(
        "book.html",
        book=book,
        position=position,
        new_chapters=new_chapters,
        job=job,
        files={file.format: file for file in book.files},
        with_audio=[chapter.chapter_number for chapter in book.chapters if chapter.audio_url],
        voices=_voices(store, book.language) if user.is_admin else [],
        usual_minutes=book.minutes or page.settings.summary_minutes,
        minutes_range=(MIN_MINUTES, MAX_MINUTES),
    )


def _new_chapters(row: BookRow, position: KnownPosition | None) -> set[int]:
    """Return the numbers of the chapters that were added since the listener's position, as the shelf counts them."""
    if position is None:
        return set()
    since = position.row.effective_time
    return {chapter.chapter_number for chapter in row.chapters if chapter.audio_key and chapter.created_at > since}


def _last_job(session: Session, user_id: UUID, row: BookRow) -> JobRow | None:
    """Return the user's last request for this book, where there is more to come of it or it did not finish the book."""
    isbns = [isbn.isbn for isbn in row.isbns]
    job = session.scalar(jobs_of(user_id).where(JobRow.isbn.in_(isbns)).limit(1))
    return job if job is not None and (row.is_partial or job.outcome is None) else None


def _is_under_way(database: Database, runs: RunReader, user_id: UUID, job: JobRow) -> bool:
    """Return whether a job is unfinished, as its run says: the row learns of its end some seconds later."""
    jobs = jobs_under_way(database, runs, user_id)
    return jobs is None or any(each.id == job.id for each in jobs)


def _voices(store: Store, language: str) -> list[Voice]:
    """Return the voices to choose from for a book in this language; none where they are not known at the moment."""
    try:
        known = known_voices(store)
    except (VoicesUnknown, StoreUnavailable):
        return []
    return [voice for voice in known.voices if voice.may_speak(language)] if known.can_choose else []


router = Router("/", route_handlers=[book_page])
