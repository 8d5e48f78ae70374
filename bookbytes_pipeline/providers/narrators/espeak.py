"""eSpeak NG's voices: robotic but clear, in a hundred languages, on this machine and without a key."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.domain.provider_usage import Unit
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.narrators import program
from bookbytes_pipeline.providers.narrators.espeak_voices import voices
from bookbytes_pipeline.providers.narrators.languages import closest
from bookbytes_pipeline.providers.narrators.text_chunks import MAX_NARRATION_CHARS, text_pieces
from bookbytes_pipeline.providers.narrators.wav_files import divided

WORDS_PER_MINUTE = 165

_PROGRAM = "bookbytes_pipeline.providers.narrators.espeak_process"
_TIMEOUT_S = 120.0
"""The longest narration takes five."""


@asynccontextmanager
async def connect(concurrency: int = os.cpu_count() or 1) -> "AsyncIterator[EspeakNarrator]":
    """The narrator, with at most `concurrency` narrations at once; more than there are processors is no faster."""
    yield EspeakNarrator(await asyncio.to_thread(voices), concurrency)


class EspeakNarrator:
    """Speaks with eSpeak NG's voice for the narration's language, in a fresh process each time."""

    name = "espeak"
    voice = f"espeak-ng {WORDS_PER_MINUTE} wpm"

    def __init__(self, voices: Mapping[str, str], concurrency: int) -> None:
        """`voices`: the library's voice by language tag."""
        self.meter = Meter(self.name, self.voice)
        self._voices = voices
        self._slots = CallSlots(concurrency)

    async def speak(self, narration: Narration) -> list[SpokenPiece]:
        """Each paragraph as WAV, the same bytes for the same text; see the port."""
        paragraphs = [piece.text for piece in text_pieces(narration, MAX_NARRATION_CHARS)]
        voice = self._voices[closest(narration.language, self._voices, "eSpeak NG")]
        text = "\n\n".join(paragraphs)
        async with self._slots.slot():
            with self.meter.call() as cost:
                cost.add(Unit.CHARACTERS, len(text))
                recordings = divided(await _spoken(voice, text))
        return [SpokenPiece(text, recording) for text, recording in zip(paragraphs, recordings, strict=True)]


async def _spoken(voice: str, text: str) -> bytes:
    command = (sys.executable, "-m", _PROGRAM, voice, str(WORDS_PER_MINUTE))
    ended = await program.run("eSpeak NG", command, text, _TIMEOUT_S)
    if ended.code != 0:
        raise Unavailable(f"eSpeak NG stopped with code {ended.code}: {ended.errors}")
    return ended.output
