"""What the doctor asks of the providers: one small question each, as a book would ask it."""

from bookbytes_pipeline.defs.resources import LanguageModelResource, MetadataResource, NarratorResource
from bookbytes_pipeline.domain.errors import BookNotFound
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.chapter_summary import SCHEMA

WELL_KNOWN_ISBN = ISBN("9780140328721")
SENTENCE = "The river rises in the northern hills and reaches the sea after forty miles of quiet water."


async def find(lookup: MetadataResource) -> str:
    """Look up a book that catalogues know."""
    async with lookup.connect() as source:
        try:
            book = await source.find(WELL_KNOWN_ISBN)
        except BookNotFound as answer:
            return f"answers, though {answer}"
    return f"found {book.title!r} for {WELL_KNOWN_ISBN}"


async def write(choice: LanguageModelResource) -> str:
    """Have a sentence written about a sentence."""
    asked = "Put one short sentence about the text into summary and set known to true."
    async with choice.connect("") as model:
        answer = await model.write(
            WritingRequest("chapter_summary", asked, SENTENCE, SCHEMA, SENTENCE, words=20, language="en")
        )
    limits = " (needs the book's text; set OPENAI_API_KEY for books you do not own)" if choice.needs_text else ""
    return f"{choice.name}, {answer.model}, writes{limits}"


async def speak(choice: NarratorResource) -> str:
    """Have a sentence spoken."""
    async with choice.connect() as narrator:
        speech = await narrator.speak(Narration(SENTENCE, "en"))
    return f"{choice.name}, {narrator.voice}, speaks ({len(speech)} bytes for one sentence)"
