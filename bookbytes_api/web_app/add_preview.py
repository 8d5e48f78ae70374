"""A book before it is made: what is known of it, and what can be chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar import MediaType, Router, get
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath

from bookbytes_api.accounts.user import User
from bookbytes_api.books.corrections import TextChapters, read_text_chapters
from bookbytes_api.catalogue.catalogue import Catalogue
from bookbytes_api.catalogue.limits import LimitLookups
from bookbytes_api.catalogue.preview import BookPreview, find_preview
from bookbytes_api.web_app.add import may_upload
from bookbytes_api.web_app.page_errors import message_of
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.corrections import SKIPPED
from bookbytes_pipeline.domain.errors import BookNotFound, InvalidCorrection, NoText, Refused, Unavailable
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.domain.narration import Voice
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import Store

_NOT_FOUND = "Nothing is known of this ISBN. Check the number; if it is right, the book can be made from its EPUB."


@dataclass(frozen=True)
class ChapterChoice:
    """A part of the text that is a chapter if it is `chosen`; `reason` is why it was left out, if it was."""

    title: str
    words: int
    sections: Sequence[int]
    chosen: bool = True
    reason: str = ""


@get("/add/{isbn:str}", media_type=MediaType.HTML, middleware=[LimitLookups()])
async def preview_page(
    isbn: FromPath[str],
    page: NamedDependency[Page],
    user: NamedDependency[User],
    catalogue: NamedDependency[Catalogue],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    store: NamedDependency[Store],
) -> PageTemplate:
    """What is known of the book with this ISBN, and the form that requests it."""
    parsed = parse_isbn(isbn)
    preview, text, problem = None, None, ""
    try:
        preview = await find_preview(parsed, catalogue, database, store)
        text = await read_text_chapters(parsed, store.sources) if preview.has_text else None
    except BookNotFound:
        problem = _NOT_FOUND
    except NoText:
        pass  # it was deleted in this moment
    except (InvalidCorrection, Refused, Unavailable) as error:
        problem = message_of(page.request, error)
    return page.render(
        "preview.html",
        isbn=parsed,
        book=preview,
        problem=problem,
        text=text,
        choices=chapter_choices(text) if text else (),
        minutes=await sync_to_thread(store.read_chosen_minutes, parsed) or settings.summary_minutes,
        voices=await sync_to_thread(_voices, preview, store) if preview else (),
        can_upload=may_upload(user, settings),
        may_choose=preview is not None and (preview.book_id is None or user.is_admin),
    )


def chapter_choices(text: TextChapters) -> list[ChapterChoice]:
    """Return all that may be a chapter, in reading order: what is one now, and the sections that are left out."""
    chosen = [ChapterChoice(chapter.title, chapter.words, chapter.sections) for chapter in text.chapters]
    left_out = [
        ChapterChoice(part.title, part.words, [part.section], chosen=False, reason=_reason(part.reason))
        for part in text.left_out
        if part.section is not None and part.words
    ]
    return sorted([*chosen, *left_out], key=lambda choice: choice.sections[0])


def _reason(reason: str) -> str:
    return "left out" if reason == SKIPPED else f"left out: {reason}"


def _voices(preview: BookPreview, store: Store) -> Sequence[Voice]:
    """The voices to choose from for this book; none where its language decides, or before they are known."""
    known = store.read_voices()
    if known is None or not known.can_choose:
        return ()
    return [voice for voice in known.voices if preview.language is None or voice.may_speak(preview.language)]


router = Router("/", route_handlers=[preview_page])
