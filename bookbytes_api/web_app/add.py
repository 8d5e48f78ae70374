"""Adding a book: by its ISBN, by words of its title, or by its EPUB."""

from typing import Annotated, Any, BinaryIO, cast

import msgspec
from litestar import MediaType, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import MultipartBody, QueryParameter
from litestar.response import Redirect

from bookbytes_api.accounts.guards import require_uploader
from bookbytes_api.accounts.user import User
from bookbytes_api.books.text import MAX_UPLOAD_BYTES, EpubUpload
from bookbytes_api.catalogue.catalogue import Catalogue
from bookbytes_api.catalogue.limits import LimitLookups
from bookbytes_api.web.error_responses import HANDLERS
from bookbytes_api.web_app.page_errors import message_of
from bookbytes_api.web_app.rendering import Page
from bookbytes_pipeline.domain.errors import CatalogueOff, InvalidISBN, InvalidSearch, Refused, Unavailable
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.epub.reader import read_package_metadata
from bookbytes_pipeline.settings import Settings

_MIN_ISBN_DIGITS = 9
"""Whoever types so many means an ISBN and no title."""

Typed = Annotated[str, QueryParameter(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class EpubFacts(msgspec.Struct, frozen=True):
    """What a file says about its book; `isbns` is empty where it names none."""

    title: str
    authors: tuple[str, ...]
    isbns: tuple[ISBN, ...]


@get("/add", media_type=MediaType.HTML, middleware=[LimitLookups()])
async def add_page(
    page: NamedDependency[Page],
    user: NamedDependency[User],
    catalogue: NamedDependency[Catalogue],
    settings: NamedDependency[Settings],
    q: Typed = "",
) -> Response[Any]:
    """The ways to a book; an ISBN leads to what is known of it, other words to the works that fit them."""
    typed, works, problem = q.strip(), None, ""
    if typed:
        try:
            return Redirect(f"/add/{parse_isbn(typed)}", status_code=303)
        except InvalidISBN as error:
            problem = f"{error}" if sum(map(str.isdigit, typed)) >= _MIN_ISBN_DIGITS else ""
    if typed and not problem:
        try:
            works = await catalogue.search(typed)
        except (CatalogueOff, InvalidSearch, Refused, Unavailable) as error:
            problem = message_of(page.request, error)
    return page.render("add.html", q=typed, works=works, problem=problem, can_upload=may_upload(user, settings))


def may_upload(user: User, settings: Settings) -> bool:
    """Return whether this user may attach texts, by the same rule as `require_uploader`."""
    return user.is_admin or settings.allow_user_uploads


@post(
    "/add/epub",
    media_type=MediaType.JSON,
    status_code=200,
    request_max_body_size=MAX_UPLOAD_BYTES,
    guards=[require_uploader],
    exception_handlers=HANDLERS,
)
async def read_epub_facts(data: MultipartBody[EpubUpload]) -> EpubFacts:
    """Say which book a file is, before it is attached to an ISBN. Nothing is kept."""
    facts = await sync_to_thread(read_package_metadata, cast("BinaryIO", data.file.file))
    return EpubFacts(facts.title, facts.authors, facts.isbns)


router = Router("/", route_handlers=[add_page, read_epub_facts])
