"""`bookbytes voices` and `bookbytes say`: to hear a voice before it reads a book."""

import asyncio
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bookbytes_pipeline.audio.encoding import EncodedClip, encode_clip
from bookbytes_pipeline.audio.tags import ClipTags
from bookbytes_pipeline.defs.narrators import NarratorResource
from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.domain.book_choices import require_choice_of_voices
from bookbytes_pipeline.domain.errors import Refused
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.execution.spoken_narration import NarrationSpeaker
from bookbytes_pipeline.providers.response_cache import CallScope, NullCache
from bookbytes_pipeline.settings import load_settings
from bookbytes_pipeline.writing.narration import spoken

TITLE_CHARS = 60
SETTINGS = {"openai": "TTS_VOICE", "piper": "PIPER_VOICE"}
"""What chooses the voice, for each `TTS_PROVIDER`; of the others it is the language."""


@click.command
@click.option("--language", metavar="TAG", help="Only voices for this language, such as de or pt-BR.")
def voices(language: str | None) -> None:
    """List the voices of the narrator in use (TTS_PROVIDER), with their languages.

    To hear one: bookbytes say "Some text" --voice NAME
    """
    settings = load_settings()
    narrator: NarratorResource = build_resources(settings, cache=NullCache())["narrator"]
    listed = narrator.find_voices()
    found = [voice for voice in listed.voices if language is None or voice.may_speak(language)]
    if not found:
        raise Refused(f"{narrator.name} has no voice for {language!r}. `bookbytes voices` lists all.")
    table = Table("Voice", "Language", box=None, pad_edge=False)
    for voice in found:
        table.add_row(voice.name, voice.language or "")
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    setting = SETTINGS.get(narrator.name)
    chosen_by = f"{setting}, or `process ISBN --voice NAME`" if setting else "its language"
    click.echo(f"For {narrator.name}, the voice of a book is chosen by {chosen_by}.", err=True)
    if not listed.complete:
        click.echo("The server may have more voices than it lists.", err=True)


@click.command
@click.argument("text")
@click.option("--language", metavar="TAG", help="The language of the text. Default: English, or the voice's own.")
@click.option("--voice", metavar="NAME", help="Another voice than the one in the settings: see `bookbytes voices`.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    default="say.mp3",
    show_default=True,
    help="The MP3 file to write.",
)
def say(text: str, language: str | None, voice: str | None, output: Path) -> None:
    """Speak TEXT (- for standard input) into an MP3 file, just as a chapter would be spoken.

    With the narrator in use, PRONUNCIATIONS, the same pauses, checks and loudness. Nothing is added to the library.
    """
    resources = build_resources(load_settings(), cache=NullCache())
    narrator: NarratorResource = resources["narrator"]
    if voice is not None:
        require_choice_of_voices(narrator.name)
    tag = language or language_of(narrator, voice)
    words = spoken(sys.stdin.read() if text == "-" else text, tag, resources["pronunciations"])
    clip, speaker = asyncio.run(clip_of(narrator, Narration(words, tag), voice))
    output.write_bytes(clip.audio)
    click.echo(f"{output}: {clip.seconds:.1f} seconds in {tag}, {narrator.name}, {speaker}")


def language_of(narrator: NarratorResource, voice: str | None) -> str:
    """Return the language of a voice where the narrator says it, else that of the voice in the settings."""
    listed = narrator.find_voices().voices if voice else ()
    languages = (known.language for known in listed if known.name == voice)
    return next(filter(None, languages), narrator.find_languages()[0])


async def clip_of(narrator: NarratorResource, narration: Narration, voice: str | None) -> tuple[EncodedClip, str]:
    """Return the clip of a narration, and the name of the voice that speaks in it."""
    title = " ".join(narration.text.split())[:TITLE_CHARS]
    async with narrator.connect(CallScope(), narration.language, voice) as connected:
        speaker = connected.voice
        tags = ClipTags(title, "Samples", narrator.name, 1, 1, narration.language, ISBN(""), speaker)
        async with NarrationSpeaker(connected).sound(narration) as spoken:
            return await asyncio.to_thread(encode_clip, spoken.sound, tags), speaker


commands = {"voices": voices, "say": say}
