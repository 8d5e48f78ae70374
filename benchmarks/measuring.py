"""Measures the time and CPU of a command, and the CPU of encoding."""

import asyncio
import io
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bookbytes_pipeline.audio.encoding import encode_clip
from bookbytes_pipeline.audio.speech import decode_speech, put_together
from bookbytes_pipeline.audio.tags import ClipTags
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.providers.narrators import espeak
from bookbytes_pipeline.sample.epub import sample_epub
from tests.audio.speech import mp3

TAGS = ClipTags("Rapids", "On Rivers", "Ada Ford", 1, 20, "en", "9780306406157", "voice")

WORDS = 300
"""Spoken in about 95 seconds."""
REPEATS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """A command from `began`, on the machine's monotonic clock, to its end: seconds of time and of CPU.

    `megabytes` is the most memory that it had, or any process that it started and waited for.
    """

    began: float
    seconds: float
    cpu: float
    megabytes: float


def timed(*command: str | Path, env: Mapping[str, str], cwd: Path) -> Run:
    """Run a command to its end; the CPU is its own and that of the processes it started and waited for.

    Raises `CalledProcessError` with its output if it fails.
    """
    began = time.monotonic()
    pipe, to_stdout = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, env=env, cwd=cwd, stdout=pipe, stderr=to_stdout, text=True) as process:
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return Run(began, time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def encoding_cpu(narrations: Sequence[Sequence[bytes]]) -> float:
    """Return the seconds of CPU from the recordings of narrations to clips, in a process that does nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_encode, narrations).result()


def minute_cpu() -> float:
    """Return the seconds of CPU for a minute of audio, from a recording as services send it to the finished clip."""
    recording = mp3(asyncio.run(_spoken()))
    return encoding_cpu([[recording]] * REPEATS) / REPEATS / (decode_speech(recording).seconds / 60)


async def _spoken() -> bytes:
    words = read_epub(io.BytesIO(sample_epub())).chapters[0].text.split()
    async with espeak.connect() as narrator:
        (piece,) = await narrator.speak(Narration(" ".join(words[:WORDS]), "en"))
    return piece.audio


def _encode(narrations: Sequence[Sequence[bytes]]) -> float:
    before = time.process_time()
    for recordings in narrations:
        encode_clip(put_together([(decode_speech(recording), 0.0) for recording in recordings]), TAGS)
    return time.process_time() - before
