"""`bookbytes voices` and `bookbytes say`: to hear a voice before it reads a book."""

import asyncio
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bookbytes_pipeline.audio.encoding import EncodedClip, encode_clip
from bookbytes_pipeline.audio.tags import ClipTags
from bookbytes_pipeline.defs.resources import NarratorResource, build_resources
from bookbytes_pipeline.domain.errors import Refused
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.execution.spoken_narration import NarrationSpeaker
from bookbytes_pipeline.providers.response_cache import NullCache
from bookbytes_pipeline.settings import Settings, load_settings
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
    found = [voice for voice in narrator.find_voices() if speaks(voice.language, language)]
    if not found:
        raise Refused(f"{narrator.name} has no voice for {language!r}. `bookbytes voices` lists all.")
    table = Table("Voice", "Language", box=None, pad_edge=False)
    for voice in found:
        table.add_row(voice.name, voice.language or "")
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    chosen_by = SETTINGS.get(narrator.name, "its language")
    click.echo(f"For {narrator.name}, the voice of a book is chosen by {chosen_by}.", err=True)


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
    settings = load_settings()
    resources = build_resources(settings if voice is None else with_voice(settings, voice), cache=NullCache())
    narrator: NarratorResource = resources["narrator"]
    tag = language or narrator.find_languages()[0]
    words = spoken(sys.stdin.read() if text == "-" else text, tag, resources["pronunciations"])
    clip, speaker = asyncio.run(clip_of(narrator, Narration(words, tag)))
    output.write_bytes(clip.audio)
    click.echo(f"{output}: {clip.seconds:.1f} seconds in {tag}, {narrator.name}, {speaker}")


def speaks(voice_language: str | None, wanted: str | None) -> bool:
    """Return whether a voice may be one for `wanted`; a voice that does not say its language may."""
    if wanted is None or voice_language is None:
        return True
    return voice_language.lower().split("-")[0] == wanted.lower().replace("_", "-").split("-")[0]


def with_voice(settings: Settings, voice: str) -> Settings:
    """Return the settings with another voice; raises `click.UsageError` for a narrator that has one per language."""
    if settings.tts_provider not in SETTINGS:
        raise click.UsageError(f"{settings.tts_provider} has one voice for each language: choose it with --language.")
    return settings.model_copy(update={"tts_voice": voice, "piper_voice": Path(voice), "tts_voices": {}})


async def clip_of(narrator: NarratorResource, narration: Narration) -> tuple[EncodedClip, str]:
    """Return the clip of a narration, and the name of the voice that speaks in it."""
    async with narrator.connect("", narration.language) as connected:
        sound = await NarrationSpeaker(connected).sound(narration)
        voice = connected.voice
    title = " ".join(narration.text.split())[:TITLE_CHARS]
    tags = ClipTags(title, "Samples", narrator.name, 1, 1, narration.language, ISBN(""), voice)
    return await asyncio.to_thread(encode_clip, sound, tags), voice


commands = {"voices": voices, "say": say}
