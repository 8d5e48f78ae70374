"""Attaching the text of a book: the next run writes its summaries from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

import msgspec
from litestar import Router, put
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.params import MultipartBody

from bookbytes_api.accounts.guards import require_uploader
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import TextAttached
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.isbn_params import ISBNTextInPath
from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.domain.resemblance import other_isbn, wrong_book
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.epub.validation import MAX_EPUB_BYTES, EpubTooLarge, validate_epub
from bookbytes_pipeline.store.store import Store

MAX_UPLOAD_BYTES = MAX_EPUB_BYTES + 64 * 1024
"""The file, and what the form around it may take."""


@dataclass
class EpubUpload:
    """An EPUB in the form field `file`."""

    file: UploadFile


class AttachedText(msgspec.Struct):
    """What the file contains.

    `warnings` are sentences about what had to be guessed or was skipped, and about signs that it is another book.
    """

    isbn: str
    title: str
    chapters: int
    words: int
    warnings: list[str]


@put(
    "/books/isbn/{isbn:str}/text",
    operation_id="attach_text",
    request_max_body_size=MAX_UPLOAD_BYTES,
    guards=[require_uploader],
    responses=error_responses(400, 401, 403, 413, 422, 503),
)
async def attach_text(
    isbn: ISBNTextInPath,
    data: MultipartBody[EpubUpload],
    user: NamedDependency[User],
    store: NamedDependency[Store],
) -> AttachedText:
    """Attach the EPUB of a book, at most 50 MB; an existing one is replaced. Administrators only.

    If ALLOW_USER_UPLOADS is on, every user may attach a text to an ISBN that has none.
    """
    epub = cast("BinaryIO", data.file.file)
    return await sync_to_thread(_attach, parse_isbn(isbn), epub, store, replace=user.is_admin)


def _attach(isbn: ISBN, epub: BinaryIO, store: Store, *, replace: bool) -> AttachedText:
    try:
        text = validate_epub(epub)
    except EpubTooLarge as error:
        raise RequestEntityTooLarge from error
    if replace:
        store.sources.write(isbn, epub)
    elif not store.sources.create(isbn, epub):
        raise TextAttached(f"{isbn} has a text already; only an administrator may replace it.")
    words = sum(count_words(chapter.text) for chapter in text.chapters)
    return AttachedText(isbn, text.title, len(text.chapters), words, [*_doubts(isbn, text, store), *text.warnings])


def _doubts(isbn: ISBN, text: BookText, store: Store) -> Iterator[str]:
    """Yield why this may be another book. The catalogue's word is that of the last run: an upload waits for nobody."""
    book = store.read_metadata(isbn)
    warnings = other_isbn(isbn, text), wrong_book(book, text) if book else None
    yield from filter(None, warnings)


router = Router("/", route_handlers=[attach_text], tags=["library"])
