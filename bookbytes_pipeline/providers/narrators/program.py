"""A voice that is a program of its own: text on its standard input, a recording on its standard output."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass

from bookbytes_pipeline.domain.errors import Unavailable

_MAX_ERROR_CHARS = 300
"""Of what the program says of its failure."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code, what it wrote, and the end of what it said of its failure."""

    code: int
    output: bytes
    errors: str


async def run(name: str, command: Sequence[str], text: str, timeout_s: float) -> Ended:
    """Hand `text` to `command`, which people know as `name`; it is gone when this returns or raises."""
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    except OSError as error:
        raise Unavailable(f"{name} cannot be started. Is there memory left on this machine?") from error
    output, errors = await _finished(name, process, text.encode(errors="replace"), timeout_s)
    return Ended(process.returncode or 0, output, _end_of(errors))


async def _finished(name: str, process: Process, text: bytes, timeout_s: float) -> tuple[bytes, bytes]:
    try:
        async with asyncio.timeout(timeout_s):
            return await process.communicate(text)
    except TimeoutError as error:
        raise Unavailable(f"{name} did not finish within {timeout_s:g} seconds. Try again later.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()  # not wait(): full pipes that nobody reads would stay open


def _end_of(errors: bytes) -> str:
    return errors.decode(errors="replace").strip()[-_MAX_ERROR_CHARS:] or "no reason given"
