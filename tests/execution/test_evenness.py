"""Clips of several voices: heard one after the other, they are equally loud, and breathe alike."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bookbytes_pipeline.audio.speech import decode_speech
from bookbytes_pipeline.cli.voices import clip_of
from bookbytes_pipeline.defs.narrators import NarratorResource
from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.execution.spoken_narration import PARAGRAPH_PAUSE_S, TITLE_PAUSE_S
from bookbytes_pipeline.settings import Settings
from tests.audio.meter import loudness_and_peak
from tests.audio.speech import speech
from tests.execution.test_spoken_narration import breaths
from tests.fakes.server import serving
from tests.fakes.speech import SpeechServer

LOUDNESS_LUFS, PEAK_DBTP = -19.0, -3.0
ENGLISH = (
    "Chapter 1: Springs.",
    "Rivers begin as springs. They run into lakes, and out of them again.",
    "A delta is where a river ends. It carries sand into the sea for a hundred years.",
)
GERMAN = (
    "Kapitel 1: Quellen.",
    "Flüsse beginnen als Quellen. Sie fließen in Seen und wieder aus ihnen hinaus.",
    "Ein Delta ist das Ende eines Flusses. Hundert Jahre lang trägt er Sand ins Meer.",
)


def clip(home: Path, text: tuple[str, ...], language: str, **narrator: object) -> bytes:
    """The clip of a text by a narrator, as a book's clips are made."""
    settings = Settings(_env_file=None, bookbytes_home=home, **narrator)  # type: ignore[arg-type,call-arg] # as the environment would
    resource: NarratorResource = build_resources(settings)["narrator"]
    made, _ = asyncio.run(clip_of(resource, Narration("\n\n".join(text), language), None))
    return made.audio


def by_espeak(home: Path) -> bytes:
    return clip(home, ENGLISH, "en", tts_provider="espeak")


def by_espeak_in_german(home: Path) -> bytes:
    return clip(home, GERMAN, "de", tts_provider="espeak")


def by_piper(home: Path) -> bytes:
    pytest.importorskip("piper")
    from tests.fakes.piper_voice import VOICE  # noqa: PLC0415 - where it is installed

    return clip(home, ENGLISH, "en", tts_provider="piper", piper_voice=VOICE)


def by_a_faint_voice(home: Path) -> bytes:
    with serving(SpeechServer(audio=lambda text: speech(len(text) / 15, peak=0.05)).application()) as url:
        server = {"tts_base_url": f"{url}/v1", "tts_model": "kokoro", "tts_voice": "faint"}
        return clip(home, ENGLISH, "en", tts_provider="openai", **server)


@pytest.mark.parametrize("voice", [by_espeak, by_espeak_in_german, by_piper, by_a_faint_voice])
def test_voices_are_equally_loud_and_breathe_alike(voice: Callable[[Path], bytes], tmp_path: Path) -> None:
    """Measured in the finished clip: one pause after the title, a shorter one between paragraphs."""
    audio = voice(tmp_path)

    loudness, peak = loudness_and_peak(audio)
    title, *paragraphs = breaths(decode_speech(audio))
    assert (LOUDNESS_LUFS, True) == (pytest.approx(loudness, abs=1), peak <= PEAK_DBTP)
    assert TITLE_PAUSE_S + 0.1 == pytest.approx(title, abs=0.15)
    assert [pytest.approx(PARAGRAPH_PAUSE_S + 0.1, abs=0.15)] == paragraphs
