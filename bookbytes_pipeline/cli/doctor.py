"""`bookbytes doctor`: what works here, what does not, and how to mend it."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import click

from bookbytes_pipeline.domain.errors import BookBytesError, BookNotFound
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.task import Task
from bookbytes_pipeline.instance import open_instance
from bookbytes_pipeline.library.database import Library
from bookbytes_pipeline.library.queries import recipes_by_isbn
from bookbytes_pipeline.names import PARTITIONS
from bookbytes_pipeline.providers.remembering import Forgetful
from bookbytes_pipeline.resources import MetadataLookup, ModelChoice, NarratorChoice, build_resources
from bookbytes_pipeline.settings import Settings, load_settings
from bookbytes_pipeline.writing.summarising import SCHEMA

WELL_KNOWN_ISBN = "9780140328721"
SENTENCE = "The river rises in the northern hills and reaches the sea after forty miles of quiet water."


@click.command
def doctor() -> None:
    """Check settings, database, store, Dagster and providers; exit code 1 if anything needs mending.

    Each provider is asked one small question, as a book would ask it: a paid one charges a fraction of a cent.
    """
    settings = load_settings()
    resources = build_resources(settings, memory=Forgetful())
    sound = [
        _checked("settings", lambda: f"read; everything is kept in {settings.bookbytes_home.absolute()}"),
        _checked("store", lambda: resources["store"].require_room() or resources["store"].files.place()),
        _checked("library", lambda: _count_books(resources["library"])),
        _checked("dagster", lambda: _count_partitions(settings)),
        _checked("metadata", lambda: asyncio.run(_find(resources["metadata_source"]))),
        _checked("language model", lambda: asyncio.run(_write(resources["language_model"]))),
        _checked("narrator", lambda: asyncio.run(_speak(resources["narrator"]))),
    ]
    sys.exit(0 if all(sound) else 1)


def _checked(what: str, look: Callable[[], Any]) -> bool:
    try:
        click.echo(f"ok    {what}: {look()}")
    except BookBytesError as error:
        click.echo(f"WRONG {what}: {error}")
        return False
    return True


def _count_books(library: Library) -> str:
    with library.session() as session:
        isbns = len(session.execute(recipes_by_isbn()).all())
    return f"{library.address} holds the books of {isbns} ISBNs"


def _count_partitions(settings: Settings) -> str:
    with open_instance(settings) as instance:
        return f"{instance.root_directory} knows {len(instance.get_dynamic_partitions(PARTITIONS))} books"


async def _find(lookup: MetadataLookup) -> str:
    async with lookup.connect() as source:
        try:
            book = await source.find(WELL_KNOWN_ISBN)
        except BookNotFound as answer:
            return f"answers, though {answer}"
    return f"found {book.title!r} for {WELL_KNOWN_ISBN}"


async def _write(choice: ModelChoice) -> str:
    asked = "Put one short sentence about the text into summary and set known to true."
    async with choice.connect("") as model:
        answer = await model.write(Task("chapter_summary", asked, SENTENCE, SCHEMA, SENTENCE, words=20, language="en"))
    limits = " (needs the book's text; set OPENAI_API_KEY for books you do not own)" if choice.needs_text else ""
    return f"{choice.name}, {answer.model}, writes{limits}"


async def _speak(choice: NarratorChoice) -> str:
    async with choice.connect() as narrator:
        speech = await narrator.speak(Narration(SENTENCE, "en"))
    return f"{choice.name}, {narrator.voice}, speaks ({len(speech)} bytes for one sentence)"


commands = {"doctor": doctor}
