"""Measures the time and CPU of a command, and the CPU of encoding."""

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

TAGS = ClipTags("Rapids", "On Rivers", "Ada Ford", 1, 20, "en", "9780306406157", "voice")


@dataclass(frozen=True, slots=True)
class Run:
    """A command from `began`, on the machine's monotonic clock, to its end: seconds of time and of CPU."""

    began: float
    seconds: float
    cpu: float


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
    return Run(began, time.monotonic() - began, usage.ru_utime + usage.ru_stime)


def encoding_cpu(speeches: Sequence[Path]) -> float:
    """Return the seconds of CPU that encoding these recordings takes, in a process that does nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_encode, speeches).result()


def _encode(speeches: Sequence[Path]) -> float:
    before = time.process_time()
    for speech in speeches:
        encode_clip(put_together([(decode_speech(speech.read_bytes()), 0.0)]), TAGS)
    return time.process_time() - before
