"""The doctor's check of each provider: one small request, as a book would make it."""

from bookbytes_pipeline.audio.sound import seconds_of
from bookbytes_pipeline.defs.language_models import LanguageModelResource
from bookbytes_pipeline.defs.narrators import NarratorResource
from bookbytes_pipeline.defs.resources import MetadataResource
from bookbytes_pipeline.domain.errors import BookNotFound
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.execution.spoken_narration import NarrationSpeaker
from bookbytes_pipeline.providers.response_cache import CallScope
from bookbytes_pipeline.writing.chapter_summary import SCHEMA

WELL_KNOWN_ISBN = ISBN("9780140328721")
SENTENCE = "The river rises in the northern hills and reaches the sea after forty miles of quiet water."
_NEEDS_TEXT = " (needs the book's text; set OPENAI_API_KEY for books you do not own)"


async def find(metadata_source: MetadataResource) -> str:
    """Look up a book that catalogues know."""
    async with metadata_source.connect() as source:
        try:
            book = await source.find(WELL_KNOWN_ISBN)
        except BookNotFound as answer:
            return f"answers, though {answer}"
    return f"found {book.title!r} for {WELL_KNOWN_ISBN}"


async def write(language_model: LanguageModelResource) -> str:
    """Have a sentence written about a sentence."""
    asked = "Put one short sentence about the text into summary and set known to true."
    async with language_model.connect(CallScope()) as model:
        answer = await model.write(
            WritingRequest("chapter_summary", asked, SENTENCE, SCHEMA, SENTENCE, words=20, language="en")
        )
    limits = _NEEDS_TEXT if language_model.needs_text else ""
    return f"{language_model.name}, {answer.model}, writes{limits}"


async def speak(narrator: NarratorResource) -> str:
    """Have a sentence spoken by each voice that the settings choose."""
    seconds: dict[str, float] = {}
    for language in narrator.find_languages():
        async with (
            narrator.connect(CallScope(), language, None) as voice,
            NarrationSpeaker(voice).sound(Narration(SENTENCE, language)) as spoken,
        ):
            seconds[voice.voice] = seconds_of(spoken.sound)
    first, *others = seconds
    also = f"; also {', '.join(others)}" if others else ""
    return f"{narrator.name}, {first}, speaks ({seconds[first]:.1f} seconds for one sentence){also}"
