"""By the clock: how long a command took, what it cost in CPU, and what of that was encoding."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bookbytes_pipeline.audio.encoding import encode_clip
from bookbytes_pipeline.audio.tags import ClipTags

TAGS = ClipTags("Rapids", "On Rivers", "Ada Ford", 1, 20, "en", "9780306406157", "voice")


@dataclass(frozen=True, slots=True)
class Run:
    """One command from `began`, on the machine's monotonic clock, to its end: seconds of time and of CPU."""

    began: float
    seconds: float
    cpu: float


def timed(*command: str | Path, env: Mapping[str, str], cwd: Path) -> Run:
    """Run a command to its end; the CPU is its own and that of the processes it started and waited for.

    Raises `CalledProcessError` with what it said where it fails.
    """
    began = time.monotonic()
    pipe, same = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, env=env, cwd=cwd, stdout=pipe, stderr=same, text=True) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, said)
    return Run(began, time.monotonic() - began, used.ru_utime + used.ru_stime)


def encoding_cpu(speeches: Sequence[Path]) -> float:
    """Seconds of CPU that encoding these recordings takes, in a process that does nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_encode, speeches).result()


def _encode(speeches: Sequence[Path]) -> float:
    before = time.process_time()
    for speech in speeches:
        encode_clip(speech.read_bytes(), TAGS)
    return time.process_time() - before
