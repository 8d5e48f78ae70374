"""What making a book will take: sound, time and money, before it is requested."""

from collections.abc import Sequence
from io import BytesIO
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from bookbytes_api.books.corrections import read_text_chapters
from bookbytes_api.jobs.estimate import seconds_of_book
from bookbytes_api.jobs.lookups import last_book_times
from bookbytes_api.jobs.paces import learn
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.isbn_params import ISBNTextInPath
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.corrections import MAX_CHAPTERS
from bookbytes_pipeline.domain.cost import Prices, cost_usd, prices_of, workload
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.domain.minutes import MAX_MINUTES, MIN_MINUTES
from bookbytes_pipeline.domain.pace import SummaryLength
from bookbytes_pipeline.epub.reader import read_package_metadata
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import Store

MAX_CHAPTER_WORDS = 10_000_000

Minutes = Annotated[
    float | None,
    QueryParameter(ge=MIN_MINUTES, le=MAX_MINUTES, description="How long the summary of a chapter is to take."),
]
ChapterWords = Annotated[
    list[Annotated[int, msgspec.Meta(ge=0, le=MAX_CHAPTER_WORDS)]] | None,
    QueryParameter(
        max_items=MAX_CHAPTERS,
        description="The words of each chapter, if others are to be made than those of the attached text.",
    ),
]


class BookEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """About what making a book takes. What is null is not known.

    `chapters` is how many it has, `words` how long their texts are together; `audio_seconds` is how long the clips will
    last. `eta_seconds` is how long making them takes, once earlier books have shown it, whatever the length of their
    summaries was. The tokens that the language model reads and writes, and the characters that are spoken, are
    estimated for English prose. `cost_usd` is what providers charge, where the operator has said what that is.
    """

    isbn: str
    chapters: int | None
    words: int | None
    audio_seconds: int | None
    eta_seconds: int | None
    input_tokens: int | None
    output_tokens: int | None
    characters: int | None
    cost_usd: float | None


@get(
    "/books/isbn/{isbn:str}/estimate",
    operation_id="estimate_book",
    responses=error_responses(400, 401, 422, 503),
)
async def estimate_book(
    isbn: ISBNTextInPath,
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    store: NamedDependency[Store],
    minutes: Minutes = None,
    words: ChapterWords = None,
) -> BookEstimate:
    """Estimate what making a book takes: sound, time and money. As if nothing of it had been made before."""
    parsed = parse_isbn(isbn)
    chapters = words if words is not None else await _chapter_words(parsed, store)
    if not chapters:
        return msgspec.structs.replace(_UNKNOWN, isbn=parsed)
    return await sync_to_thread(_estimate, parsed, chapters, minutes, database, settings, store)


_UNKNOWN = BookEstimate(
    isbn="",
    chapters=None,
    words=None,
    audio_seconds=None,
    eta_seconds=None,
    input_tokens=None,
    output_tokens=None,
    characters=None,
    cost_usd=None,
)


async def _chapter_words(isbn: ISBN, store: Store) -> Sequence[int]:
    """The lengths of the attached text's chapters, else 0 for each chapter that the last run listed."""
    if await sync_to_thread(store.sources.has, isbn):
        return [chapter.words for chapter in (await read_text_chapters(isbn, store.sources)).chapters]
    return [0] * len(await sync_to_thread(store.read_chapter_numbers, isbn))


def _estimate(
    isbn: ISBN, chapters: Sequence[int], minutes: float | None, database: Database, settings: Settings, store: Store
) -> BookEstimate:
    model, voices = store.read_writing_model(), store.read_voices()
    narrator = voices.narrator if voices else None
    length = SummaryLength(narrator or "", minutes or settings.summary_minutes, settings.book_summary)
    made = workload(chapters, length, _language(isbn, store))
    charged = Prices(settings.llm_input_price, settings.llm_output_price, settings.tts_price)
    cost = cost_usd(made, prices_of(model.name if model else None, narrator, charged))
    with database.session() as session:
        takes = seconds_of_book(len(chapters), learn(last_book_times(session), before=None))
    return BookEstimate(
        isbn=isbn,
        chapters=len(chapters),
        words=sum(chapters) if all(chapters) else None,
        audio_seconds=round(made.seconds),
        eta_seconds=None if takes is None else round(takes),
        input_tokens=made.input_tokens,
        output_tokens=made.output_tokens,
        characters=made.characters,
        cost_usd=None if cost is None else round(cost, 4),
    )


def _language(isbn: ISBN, store: Store) -> str:
    """The language of the last run, else what the attached file says; it is close enough for a pace of speech."""
    book = store.read_metadata(isbn)
    if book is not None and book.language:
        return book.language
    epub = store.sources.read(isbn)
    return (read_package_metadata(BytesIO(epub)).language if epub else None) or "en"


router = Router("/", route_handlers=[estimate_book], tags=["library"])
