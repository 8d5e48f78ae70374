"""The one library and its items."""

from typing import Annotated, Any
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, QueryParameter

from bookbytes_api.accounts.user import User
from bookbytes_api.audiobookshelf.files import LIBRARY_PATH, View, milliseconds
from bookbytes_api.audiobookshelf.filters import condition, sort_key
from bookbytes_api.audiobookshelf.items import FOLDER_ID, LIBRARY_ID, author_view, expanded_item, minified_item
from bookbytes_api.audiobookshelf.shelf import (
    MAX_ITEMS,
    ShelvedBook,
    books_page,
    count_books,
    languages_and_authors,
    library_times,
    newest_books,
    shelved_books,
)
from bookbytes_api.books.queries import PRINTABLE, BookFilter, list_page
from bookbytes_api.listening.positions import positions_of
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.search_words import MAX_QUERY_CHARS

_SHELF_ITEMS = 10
_MAX_FILTER_CHARS = 1_000
Limit = Annotated[int, QueryParameter(ge=0, le=MAX_ITEMS)]
PageFromZero = Annotated[int, QueryParameter(ge=0, le=100_000)]


@get("/api/libraries", sync_to_thread=True)
def list_libraries(database: NamedDependency[Database]) -> View:
    """Get all libraries: there is one."""
    return {"libraries": [_library(database)]}


@get("/api/libraries/{library_id:uuid}", sync_to_thread=True)
def get_library(library_id: FromPath[UUID], database: NamedDependency[Database], include: FromQuery[str] = "") -> View:
    """Get the library, with what its items can be filtered by if that is included."""
    _check(library_id)
    library = _library(database)
    if "filterdata" not in include:
        return library
    return {"filterdata": _filters(database), "issues": 0, "numUserPlaylists": 0, "library": library}


@get("/api/libraries/{library_id:uuid}/filterdata", sync_to_thread=True)
def get_filters(library_id: FromPath[UUID], database: NamedDependency[Database]) -> View:
    """Get what the items can be filtered by."""
    _check(library_id)
    return _filters(database)


@get(
    [f"/api/libraries/{{library_id:uuid}}/{groups}" for groups in ("series", "collections", "playlists")],
    sync_to_thread=False,
)
def list_groups(library_id: FromPath[UUID], limit: Limit = 0, page: PageFromZero = 0) -> View:
    """Get a page of the series, collections or playlists: there are none."""
    _check(library_id)
    return {"results": [], "total": 0, "limit": limit, "page": page}


@get("/api/libraries/{library_id:uuid}/items", sync_to_thread=True)
def list_items(
    library_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    limit: Limit = 0,
    page: PageFromZero = 0,
    sort: FromQuery[str] = "",
    desc: FromQuery[int] = 0,
    filter_by: Annotated[str, QueryParameter(name="filter", max_length=_MAX_FILTER_CHARS)] = "",
) -> View:
    """Get a page of the items that can be heard and that a filter leaves, minified; all without a limit."""
    _check(library_id)
    key = sort_key(sort, is_descending=desc == 1)
    with database.session() as session:
        wanted = condition(session, user.id, filter_by)
        books = books_page(session, page * limit, limit or MAX_ITEMS, wanted, key)
        return {
            "results": [minified_item(book) for book in books],
            "total": count_books(session, wanted),
            "limit": limit,
            "page": page,
            "sortBy": sort,
            "sortDesc": desc == 1,
            "filterBy": filter_by,
            "mediaType": "book",
            "minified": True,
            "collapseseries": False,
            "include": "",
        }


@get("/api/libraries/{library_id:uuid}/search", sync_to_thread=True)
def search(
    library_id: FromPath[UUID],
    database: NamedDependency[Database],
    q: Annotated[str, QueryParameter(max_length=MAX_QUERY_CHARS, pattern=PRINTABLE)],
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 12,
) -> View:
    """Find books by words of their titles, authors and chapters, or by ISBN."""
    _check(library_id)
    with database.session() as session:
        rows, _ = list_page(session, q, BookFilter(), 0, limit)
        books = shelved_books(session, [row.id for row in rows])
        found = [{"libraryItem": expanded_item(book), "matchKey": "title", "matchText": q} for book in books]
    nothing: dict[str, list[Any]] = {"narrators": [], "tags": [], "genres": [], "series": [], "authors": []}
    return {"book": found, **nothing}


@get("/api/libraries/{library_id:uuid}/personalized", sync_to_thread=True)
def list_shelves(
    library_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    limit: Limit = _SHELF_ITEMS,
) -> list[View]:
    """Get the shelves of a start page: what to continue, what is new, what was finished."""
    _check(library_id)
    size = limit or _SHELF_ITEMS
    with database.session() as session:
        begun, finished = (
            [known.book.id for known in positions_of(session, user.id, size=size, finished=is_finished)[0]]
            for is_finished in (False, True)
        )
        shelves = [
            _shelf("continue-listening", "Continue Listening", shelved_books(session, begun)),
            _shelf("recently-added", "Recently Added", newest_books(session, size)),
            _shelf("listen-again", "Listen Again", shelved_books(session, finished)),
        ]
    return [shelf for shelf in shelves if shelf["entities"]]


def _shelf(name: str, label: str, books: list[ShelvedBook]) -> View:
    return {
        "id": name,
        "label": label,
        "labelStringKey": f"Label{label.replace(' ', '')}",
        "type": "book",
        "category": "",
        "entities": [minified_item(book) for book in books],
        "total": len(books),
    }


def _filters(database: Database) -> View:
    with database.session() as session:
        languages, authors = languages_and_authors(session)
    nothing: dict[str, list[Any]] = {"genres": [], "tags": [], "series": [], "narrators": []}
    return {**nothing, "authors": [author_view(name) for name in authors], "languages": languages}


def _check(library_id: UUID) -> None:
    if library_id != LIBRARY_ID:
        raise NotFoundException


def _library(database: Database) -> View:
    with database.session() as session:
        first, last = (milliseconds(time) if time else 0 for time in library_times(session))
    folder = {"id": str(FOLDER_ID), "fullPath": LIBRARY_PATH, "libraryId": str(LIBRARY_ID), "addedAt": first}
    return {
        "id": str(LIBRARY_ID),
        "name": "BookBytes",
        "folders": [folder],
        "displayOrder": 1,
        "icon": "audiobookshelf",
        "mediaType": "book",
        "provider": "bookbytes",
        "settings": {
            "coverAspectRatio": 1,
            "disableWatcher": True,
            "skipMatchingMediaWithAsin": True,
            "skipMatchingMediaWithIsbn": True,
            "autoScanCronExpression": None,
            "markAsFinishedTimeRemaining": 10,
            "markAsFinishedPercentComplete": None,
        },
        "createdAt": first,
        "lastUpdate": last,
    }


handlers = [list_libraries, get_library, get_filters, list_groups, list_items, search, list_shelves]
