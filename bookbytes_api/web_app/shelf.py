"""The shelf: what somebody listens to at the moment, what is being made for them, and the library."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated

from litestar import MediaType, Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from bookbytes_api.accounts.user import User
from bookbytes_api.books.queries import PRINTABLE, BookFilter, count_by_language, list_page
from bookbytes_api.books.schemas import book_list_item
from bookbytes_api.listening.new_chapters import count_new_chapters
from bookbytes_api.listening.positions import positions_of
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.web.pagination import PageNumber
from bookbytes_api.web_app.addresses import unsigned
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_api.web_app.requests_pages import jobs_under_way
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.search_words import MAX_QUERY_CHARS

PAGE_SIZE = 60
_MAX_LISTENING = 12

Words = Annotated[str, QueryParameter(max_length=MAX_QUERY_CHARS, pattern=PRINTABLE)]
Language = Annotated[str, QueryParameter(max_length=35, pattern=r"^[A-Za-z0-9-]*$")]


@get("/", media_type=MediaType.HTML, sync_to_thread=True)
def shelf_page(
    page: NamedDependency[Page],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    q: Words = "",
    language: Language = "",
    number: PageNumber = 1,
) -> PageTemplate:
    """The books that fit the words of the search and the language, or all: then what is under way comes first."""
    is_start = not q.strip() and not language and number == 1
    with database.session() as session:
        rows, total = list_page(session, q, BookFilter(language or None), (number - 1) * PAGE_SIZE, PAGE_SIZE)
        books = [book_list_item(row, unsigned) for row in rows]
        listening = positions_of(session, user.id, finished=False, size=_MAX_LISTENING)[0] if is_start else []
        shown = {book.id for book in books} | {position.book.id for position in listening}
        new_chapters = count_new_chapters(session, user.id, shown)
        languages = _by_primary_tag(count_by_language(session))
    return page.render(
        "shelf.html",
        q=q,
        language=language,
        number=number,
        is_start=is_start,
        books=books,
        total=total,
        has_more=number * PAGE_SIZE < total,
        listening=[position for position in listening if position.book.timeline.duration],
        new_chapters=new_chapters,
        languages=sorted(languages),
        usual_language=max(languages, key=languages.__getitem__, default=""),
        jobs=jobs_under_way(database, runs, user.id) if is_start else [],
    )


def _by_primary_tag(counts: Mapping[str, int]) -> Counter[str]:
    """Count books by the first part of their language's tag: who reads English reads that of all countries."""
    languages: Counter[str] = Counter()
    for tag, count in counts.items():
        if tag:
            languages[tag.partition("-")[0].lower()] += count
    return languages


router = Router("/", route_handlers=[shelf_page])
