"""The shelf: what somebody listens to at the moment, and the library."""

from litestar import MediaType, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from bookbytes_api.accounts.listen_urls import Sign
from bookbytes_api.accounts.user import User
from bookbytes_api.books.queries import BookFilter, list_page
from bookbytes_api.books.schemas import book_list_item
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_pipeline.db.database import Database

_PAGE_SIZE = 60


@get("/", media_type=MediaType.HTML, sync_to_thread=True)
def shelf_page(
    page: NamedDependency[Page],
    user: NamedDependency[User],  # noqa: ARG001 - only those who are signed in
    database: NamedDependency[Database],
    sign_listen_url: NamedDependency[Sign],
    q: FromQuery[str] = "",
) -> PageTemplate:
    """The books that fit the words of the search, or all."""
    with database.session() as session:
        rows, total = list_page(session, q, BookFilter(), 0, _PAGE_SIZE)
        books = [book_list_item(row, sign_listen_url) for row in rows]
    return page.render("shelf.html", books=books, total=total, q=q)


router = Router("/", route_handlers=[shelf_page])
