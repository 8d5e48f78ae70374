"""The baseline of the pipeline: the same calls one after the other, in a plain script that takes the ISBN.

The prompts, the text chunks and the connections are the pipeline's own. There is no Dagster, no encoding and no cache:
the speech is written to files as received.
"""

import asyncio
import sys

from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.metadata import open_library
from bookbytes_pipeline.providers.models import openai as models
from bookbytes_pipeline.providers.narrators import openai as narrators
from bookbytes_pipeline.settings import Settings, load_settings
from bookbytes_pipeline.writing.chapter_summary import read_summary, summary_request
from bookbytes_pipeline.writing.contents import plausible_chapters
from bookbytes_pipeline.writing.language import spoken_language
from bookbytes_pipeline.writing.narration import narration_text


async def make(settings: Settings, isbn: str) -> None:
    """Speak a summary of every chapter that Open Library lists, into `BOOKBYTES_HOME`."""
    home, timeout = settings.bookbytes_home, settings.openai_timeout
    catalogue, contact = str(settings.openlibrary_base_url), settings.openlibrary_contact
    writer = settings.model_key, settings.openai_base_url, settings.openai_model
    speaker = settings.speech_key, settings.speech_url, str(settings.tts_model), str(settings.tts_voice)
    home.mkdir()
    async with (
        open_library.connect(catalogue, contact, version="0") as source,
        models.connect(*writer, timeout, slots=CallSlots(1)) as model,
        narrators.connect(*speaker, timeout, slots=CallSlots(1)) as narrator,
    ):
        book = await source.find(isbn)
        language = spoken_language(book, None).tag
        for chapter in plausible_chapters(book.contents, book.pages):
            answer = await model.write(summary_request(book, chapter, "", language))
            summary = read_summary(chapter, "", answer.content)
            text = narration_text(summary.number, summary.title, summary.text, language)
            pieces = await narrator.speak(Narration(text, language))
            (home / f"{chapter.number:02d}.mp3").write_bytes(b"".join(piece.audio for piece in pieces))


if __name__ == "__main__":
    asyncio.run(make(load_settings(), sys.argv[1]))
