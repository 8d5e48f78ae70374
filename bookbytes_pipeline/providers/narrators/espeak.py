"""eSpeak NG's voices: robotic but clear, in a hundred languages, on this machine and without a key."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.domain.provider_usage import Unit
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.narrators.espeak_voices import voices
from bookbytes_pipeline.providers.narrators.languages import closest
from bookbytes_pipeline.providers.narrators.text_chunks import MAX_NARRATION_CHARS, text_pieces

WORDS_PER_MINUTE = 165

_PROGRAM = "bookbytes_pipeline.providers.narrators.espeak_process"
_TIMEOUT_S = 120.0
"""The longest narration takes five."""

_MAX_ERROR_CHARS = 300
"""Of what the program says of its failure."""


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
        self._slots = asyncio.Semaphore(concurrency)

    async def speak(self, narration: Narration) -> list[SpokenPiece]:
        """Each paragraph as WAV, the same bytes for the same text; see the port."""
        paragraphs = [piece.text for piece in text_pieces(narration, MAX_NARRATION_CHARS)]
        voice = self._voices[closest(narration.language, self._voices, "eSpeak NG")]
        text = "\n\n".join(paragraphs)
        async with self._slots:
            with self.meter.call() as cost:
                cost.add(Unit.CHARACTERS, len(text))
                recordings = _divided(await _spoken(voice, text))
        return [SpokenPiece(text, recording) for text, recording in zip(paragraphs, recordings, strict=True)]


def _divided(output: bytes) -> Iterator[bytes]:
    """The files that the program wrote one after the other, each after its length."""
    start = 0
    while start < len(output):
        end = start + 4 + int.from_bytes(output[start : start + 4], "big")
        yield output[start + 4 : end]
        start = end


async def _spoken(voice: str, text: str) -> bytes:
    command = (sys.executable, "-m", _PROGRAM, voice, str(WORDS_PER_MINUTE))
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    except OSError as error:
        raise Unavailable("eSpeak NG cannot be started. Is there memory left on this machine?") from error
    wav, errors = await _finished(process, text.encode(errors="replace"))
    if process.returncode != 0:
        raise Unavailable(f"eSpeak NG stopped with code {process.returncode}: {_end_of(errors)}")
    return wav


async def _finished(process: Process, text: bytes) -> tuple[bytes, bytes]:
    """What `process` wrote; it is gone when this returns or raises."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await process.communicate(text)
    except TimeoutError as error:
        raise Unavailable(f"eSpeak NG did not finish within {_TIMEOUT_S:g} seconds. Try again later.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()  # not wait(): full pipes that nobody reads would stay open


def _end_of(errors: bytes) -> str:
    return errors.decode(errors="replace").strip()[-_MAX_ERROR_CHARS:] or "no reason given"
