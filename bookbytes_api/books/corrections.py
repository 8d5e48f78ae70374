"""The chapters of an attached text: what is in and what is out, and how the next run shall have it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Annotated, TypeVar

import msgspec
from litestar import Router, delete, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from bookbytes_api.accounts.guards import require_uploader
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.isbn_params import ISBNTextInPath
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.domain.corrections import (
    MAX_CHAPTERS,
    MAX_TITLE_CHARS,
    ChosenChapters,
    CorrectedChapter,
    Correction,
    choose_chapters,
    chosen_by,
    new_title,
    text_identity,
)
from bookbytes_pipeline.domain.errors import NoText
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.store.sources import SourceStore
from bookbytes_pipeline.store.store import Store

T = TypeVar("T")

MAX_SECTIONS = 2_000
"""In one chapter; no book has so many."""
_READING = ThreadPoolExecutor(1, "epub")
"""A long book takes seconds and hundreds of megabytes to read: one at a time, and in no thread that others wait for."""


class ChosenChapter(msgspec.Struct, frozen=True):
    """A chapter of the next run, and the numbers of the text's sections that it is made of."""

    number: int
    title: str
    words: int
    sections: list[int]


class LeftOutSection(msgspec.Struct, frozen=True):
    """What is in no chapter, and why. `section` is null for notes, which belong to a chapter and cannot be one."""

    title: str
    words: int
    reason: str
    section: int | None


class TextChapters(msgspec.Struct, frozen=True):
    """The chapters of a text as the next run takes them. `warnings` are sentences about what had to be guessed."""

    isbn: str
    title: str
    corrected: bool
    chapters: list[ChosenChapter]
    left_out: list[LeftOutSection]
    warnings: list[str]


class WantedChapter(msgspec.Struct, frozen=True):
    """A chapter as it shall be: its title, on one line, and the sections of the text that it is made of.

    What else is shown of a chapter may be sent back; it has no effect.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TITLE_CHARS)]
    sections: Annotated[list[int], msgspec.Meta(min_length=1, max_length=MAX_SECTIONS)]


class WantedChapters(msgspec.Struct, frozen=True):
    """All chapters as they shall be, in reading order. Each section is used once at most."""

    chapters: Annotated[list[WantedChapter], msgspec.Meta(min_length=1, max_length=MAX_CHAPTERS)]


@get(
    "/books/isbn/{isbn:str}/chapters",
    operation_id="get_text_chapters",
    responses=error_responses(400, 401, 404, 422, 503),
)
async def get_text_chapters(isbn: ISBNTextInPath, store: NamedDependency[Store]) -> TextChapters:
    """Get the chapters of the attached text as the next run takes them, and what it leaves out."""
    return await read_text_chapters(parse_isbn(isbn), store.sources)


async def read_text_chapters(isbn: ISBN, sources: SourceStore) -> TextChapters:
    """Return the chapters of the attached text as the next run takes them; raises `NoText` where none is attached."""
    return await _reading(lambda: _current(sources, isbn))


@put(
    "/books/isbn/{isbn:str}/chapters",
    operation_id="correct_text_chapters",
    before_request=strict_json,
    guards=[require_uploader],
    responses=error_responses(400, 401, 403, 404, 413, 422, 503),
)
async def correct_text_chapters(
    isbn: ISBNTextInPath, data: JSONBody[WantedChapters], store: NamedDependency[Store]
) -> TextChapters:
    """Correct the chapters of the attached text. The next run makes only what changed.

    For administrators; for all users if ALLOW_USER_UPLOADS is on.
    """
    return await _reading(lambda: _correct(store.sources, parse_isbn(isbn), data))


@delete(
    "/books/isbn/{isbn:str}/chapters",
    operation_id="reset_text_chapters",
    guards=[require_uploader],
    responses=error_responses(400, 401, 403, 422, 503),
    sync_to_thread=True,
)
def reset_text_chapters(isbn: ISBNTextInPath, store: NamedDependency[Store]) -> None:
    """Drop the correction, if there is one: the next run takes the chapters as they are read. Who may correct may."""
    store.sources.delete_correction(parse_isbn(isbn))


async def _reading(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_READING, work)


def _current(sources: SourceStore, isbn: ISBN) -> TextChapters:
    text, identity = _read(sources, isbn)
    return _view(isbn, text, choose_chapters(text, sources.read_correction(isbn), identity))


def _correct(sources: SourceStore, isbn: ISBN, wanted: WantedChapters) -> TextChapters:
    text, identity = _read(sources, isbn)
    chapters = tuple(CorrectedChapter(new_title(row.title), tuple(row.sections)) for row in wanted.chapters)
    chosen = chosen_by(text, chapters)
    sources.write_correction(isbn, Correction(identity, chapters))
    return _view(isbn, text, chosen)


def _read(sources: SourceStore, isbn: ISBN) -> tuple[BookText, str]:
    epub = sources.read(isbn)
    if epub is None:
        raise NoText(f"No text is attached to {isbn}. Attach its EPUB with PUT /api/v1/books/isbn/{isbn}/text.")
    text = read_epub(BytesIO(epub))
    return text, text_identity(epub, text)


def _view(isbn: ISBN, text: BookText, chosen: ChosenChapters) -> TextChapters:
    return TextChapters(
        isbn=isbn,
        title=text.title,
        corrected=chosen.corrected,
        chapters=[ChosenChapter(row.number, row.title, row.words, list(row.sections)) for row in chosen.chapters],
        left_out=[
            LeftOutSection(part.title, part.words, part.reason, part.section or None) for part in chosen.left_out
        ],
        warnings=[*text.warnings, *chosen.warnings],
    )


router = Router("/", route_handlers=[get_text_chapters, correct_text_chapters, reset_text_chapters], tags=["library"])
