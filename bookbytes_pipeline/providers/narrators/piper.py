"""Piper's neural voices: natural, on this machine and without a key, each in a file of its own and in one language."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from bookbytes_pipeline.constants import CORES
from bookbytes_pipeline.domain.errors import Refused, Unavailable
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.domain.provider_usage import Unit
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.narrators import program
from bookbytes_pipeline.providers.narrators.languages import closest
from bookbytes_pipeline.providers.narrators.piper_voices import UNUSABLE_VOICE, PiperVoice, read_voice
from bookbytes_pipeline.providers.narrators.text_chunks import MAX_NARRATION_CHARS, text_pieces
from bookbytes_pipeline.providers.narrators.wav_files import divided

_PROGRAM = "bookbytes_pipeline.providers.narrators.piper_process"
_START_TIMEOUT_S = 60.0
_TIMEOUT_S_PER_CHARACTER = 0.1
"""Twenty times what an idle core takes: as many voices may have to share it."""


@asynccontextmanager
async def connect(voice: Path, concurrency: int = CORES) -> "AsyncIterator[PiperNarrator]":
    """The narrator with the voice in a file, with at most `concurrency` narrations at once, and one for each core."""
    if find_spec("piper") is None:
        raise Refused(
            "Piper is not installed. Install the package piper-tts (BookBytes' extra 'piper'), or choose another "
            "TTS_PROVIDER."
        )
    yield PiperNarrator(await asyncio.to_thread(read_voice, voice), min(concurrency, CORES))


class PiperNarrator:
    """Speaks with one voice, in a fresh process each time."""

    name = "piper"

    def __init__(self, voice: PiperVoice, concurrency: int) -> None:
        self.voice = f"{voice.name} {voice.digest}"
        self.meter = Meter(self.name, self.voice)
        self._voice = voice
        self._slots = CallSlots(concurrency)

    async def speak(self, narration: Narration) -> list[SpokenPiece]:
        """Each paragraph as WAV, the same bytes for the same text; see the port."""
        paragraphs = [piece.text for piece in text_pieces(narration, MAX_NARRATION_CHARS)]
        self._check_language(narration.language)
        text = "\n\n".join(paragraphs)
        async with self._slots.slot():
            with self.meter.call() as cost:
                cost.add(Unit.CHARACTERS, len(text))
                recordings = divided(await _spoken(self._voice.file, text))
        return [SpokenPiece(text, recording) for text, recording in zip(paragraphs, recordings, strict=True)]

    def _check_language(self, tag: str) -> None:
        try:
            closest(tag, [self._voice.language], "Piper")
        except Refused as error:
            raise Refused(
                f"The voice {self._voice.name} speaks {self._voice.language!r}, and this book is in {tag!r}. "
                f"Set PIPER_VOICE to a voice for {tag!r}, or choose another TTS_PROVIDER for this book."
            ) from error


async def _spoken(voice: Path, text: str) -> bytes:
    timeout_s = _START_TIMEOUT_S + len(text) * _TIMEOUT_S_PER_CHARACTER
    ended = await program.run("Piper", (sys.executable, "-m", _PROGRAM, str(voice)), text, timeout_s)
    reason = ended.errors.splitlines()[-1]
    if ended.code == UNUSABLE_VOICE:
        raise Refused(reason)
    if ended.code != 0:
        raise Unavailable(f"Piper stopped with code {ended.code}: {reason}")
    return ended.output
