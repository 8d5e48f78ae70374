"""What the parts print: kept in bounded files, shown where it matters."""

import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

import click

LARGEST = 5_000_000
"""Bytes of one log file; the one before it is kept beside it."""
LONGEST = 65_536
"""Bytes of one line; the rest becomes the next."""
LAST = 12
"""Lines that are shown of a part that failed."""


@dataclass
class Log:
    """The log of one part: `path`, and its last lines. `prefix` stands before each line on the terminal."""

    path: Path
    shown: bool
    prefix: str = ""
    last: deque[str] = field(default_factory=partial(deque, maxlen=LAST))

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = RotatingFileHandler(self.path, maxBytes=LARGEST, backupCount=1)
        if self.path.stat().st_size:
            self._file.doRollover()

    def follow(self, stream: IO[bytes]) -> None:
        """Take lines until the stream ends. Whatever happens here, a part never waits for somebody to read."""
        with stream:
            for line in iter(partial(stream.readline, LONGEST), b""):
                self.add(line.decode(errors="replace").rstrip())

    def add(self, line: str) -> None:
        """Take one line; colours are for the terminal only."""
        plain = click.unstyle(line)
        self.last.append(plain)
        self._file.handle(logging.makeLogRecord({"msg": plain}))
        if self.shown:
            with suppress(OSError, ValueError):  # the terminal is gone
                click.echo(f"{self.prefix}{line}", err=True)
