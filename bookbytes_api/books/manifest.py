"""The manifest of a book, for players that take it chapter by chapter."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from bookbytes_api.books.complete import complete_book
from bookbytes_api.books.schemas import audio_url
from bookbytes_api.web.access import LISTENS, TOKEN_IN_ADDRESS, TOKEN_IN_ADDRESS_SECURITY, TOKEN_PARAMETER
from bookbytes_api.web.error_responses import error_responses
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.audiobook_manifest import READIUM_MEDIA_TYPE, Described, readium_manifest
from bookbytes_pipeline.library.book_files import book_file_contents
from bookbytes_pipeline.store.clips import isbn_in
from bookbytes_pipeline.store.store import Store

_HEADERS = {"Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"}
"""The address, and those of the links, may have permission to listen in them."""


@get(
    "/books/{book_id:uuid}/manifest.json",
    operation_id="get_book_manifest",
    opt={TOKEN_IN_ADDRESS: True, LISTENS: True},
    security=TOKEN_IN_ADDRESS_SECURITY,
    media_type=READIUM_MEDIA_TYPE,
    responses=error_responses(400, 401, 403, 404, 409, 503),
    sync_to_thread=True,
)
def get_book_manifest(
    book_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
    public_address: NamedDependency[str],
) -> Response[dict[str, Any]]:
    """Get a book's audiobook manifest (Readium). With a token in the address, its links have the token, too."""
    with database.session() as session:
        row = complete_book(session, book_id)
        contents = book_file_contents(row)
        spoken = {chapter.audio_key: audio_url(chapter) for chapter in [row.book_summary, *row.chapters] if chapter}
    token = request.query_params.get(TOKEN_PARAMETER)
    query = "?" + urlencode({TOKEN_PARAMETER: token}) if token else ""

    def link(path: str | None) -> str:
        return f"{public_address}{path}{query}"

    manifest = readium_manifest(
        Described(
            contents,
            uri=f"urn:isbn:{contents.isbn}",
            narrator=store.read_voice(isbn_in(contents.chapters[-1].key)),
            clips=[link(spoken[chapter.key]) for chapter in contents.chapters],
            cover=link(f"/api/v1/books/{book_id}/cover"),
        ),
        own_address=link(f"/api/v1/books/{book_id}/manifest.json"),
    )
    return Response(manifest, headers=_HEADERS, media_type=READIUM_MEDIA_TYPE)


router = Router("/", route_handlers=[get_book_manifest], tags=["library"])
