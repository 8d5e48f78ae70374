"""A whole book as one file: sent if it is there, else made."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import HttpMethod, Request, Router, route
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from starlette.responses import Response

from bookbytes_api.books.complete import complete_book
from bookbytes_api.books.file_runs import BookFileRuns
from bookbytes_api.books.schemas import download_url, media_type
from bookbytes_api.errors import BookFileGone
from bookbytes_api.runs.launcher import Launcher
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.web.access import LISTENS, TOKEN_IN_ADDRESS, TOKEN_IN_ADDRESS_SECURITY
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.stored_files import StoredFile, file_response, file_responses
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book_file import BookFileFormat
from bookbytes_pipeline.domain.file_names import book_name, file_name
from bookbytes_pipeline.library.book_files import book_file_contents, current_files
from bookbytes_pipeline.library.models import BookFileRow, BookRow
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.book_files import checked_book_file
from bookbytes_pipeline.store.store import Store

RETRY_AFTER_S = 5
_NO_REFERRER = {"Referrer-Policy": "no-referrer"}


class FileInTheMaking(msgspec.Struct, frozen=True):
    """The file is being made: ask for it again after as many seconds as `Retry-After` says. Browsers do so."""

    format: BookFileFormat
    url: str


def _operation_id(_handler: object, method: object, _path: object) -> str:
    return "head_book_file" if method == HttpMethod.HEAD else "download_book"


@route(
    "/books/{book_id:uuid}/download",
    operation_id=_operation_id,
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={TOKEN_IN_ADDRESS: True, LISTENS: True},
    security=TOKEN_IN_ADDRESS_SECURITY,
    media_type="audio/mp4",
    responses={
        **file_responses("audio/mp4", "file"),
        202: ResponseSpec(FileInTheMaking, generate_examples=False, description="The file is being made"),
        **error_responses(400, 401, 403, 404, 409, 416, 422, 429, 503),
    },
    sync_to_thread=True,
)
def download_book(
    book_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    runs: NamedDependency[RunReader],
    launcher: NamedDependency[Launcher],
    format: Annotated[  # noqa: A002 - its name in the address
        BookFileFormat,
        QueryParameter(description="M4B and MP3 have chapters; the others are archives of the clips."),
    ] = "m4b",
) -> Response:
    """Get a whole book as one file, or the part that `Range` names. If there is none yet, GET has it made: 202."""
    with database.session() as session:
        row = complete_book(session, book_id)
        contents = book_file_contents(row)
        known = next((file for file in current_files(row) if file.format == format), None)
    if known is not None:
        try:
            return file_response(request, store, _stored(row, known), link_seconds=settings.s3_link_seconds)
        except BookFileGone:
            pass  # somebody has deleted it from the store: it is made again
    if request.method == HttpMethod.GET:
        BookFileRuns(runs, launcher).request(contents, format)
    return _in_the_making(request, book_id, format)


def _stored(row: BookRow, file: BookFileRow) -> StoredFile:
    ending = f".{file.format}"
    return StoredFile(
        key=checked_book_file(file.key),
        media_type=media_type(file),
        name=file_name(book_name(row.title), ending),
        missing=BookFileGone(f"The file of {row.title} is missing from the store."),
        disposition="attachment",
    )


def _in_the_making(request: Request[Any, Any, Any], book_id: UUID, file_format: BookFileFormat) -> Response:
    """Answer 202. `Refresh` lets a browser load the address again, so that a plain link ends in the file."""
    answer = FileInTheMaking(file_format, download_url(book_id, file_format))
    headers = {"Retry-After": str(RETRY_AFTER_S), "Refresh": str(RETRY_AFTER_S), "Cache-Control": "no-store"}
    content = b"" if request.method == HttpMethod.HEAD else msgspec.json.encode(answer)
    return Response(content, 202, headers | _NO_REFERRER, "application/json")


router = Router("/", route_handlers=[download_book], tags=["library"])
