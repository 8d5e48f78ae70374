"""What the services print: kept in bounded files, shown on the terminal where it matters."""

import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

import click

from bookbytes_pipeline.processes.output import MAX_LINE_BYTES

MAX_FILE_BYTES = 5_000_000
"""A full file is renamed and kept beside the next one, until that one is full too."""
LAST_LINES = 12
"""How many lines of a failed service are shown."""


class _LogFile(RotatingFileHandler):
    """A file that loses lines while its disk is full, where logging would print a traceback for each of them."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's signature
        pass


@dataclass
class ServiceLog:
    """The log of one service: its `path`, and the last lines. With `echoed`, they go to the terminal with `prefix`."""

    path: Path
    echoed: bool
    prefix: str = ""
    last: deque[str] = field(default_factory=partial(deque, maxlen=LAST_LINES))

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _LogFile(self.path, maxBytes=MAX_FILE_BYTES, backupCount=1)
        if self.path.stat().st_size:
            self._file.doRollover()

    def close(self) -> None:
        """Close the file; a line that comes later opens it again."""
        self._file.close()

    def follow(self, stream: IO[bytes]) -> None:
        """Add lines until the stream ends, whatever happens: the service must never wait for its reader."""
        with stream:
            for line in iter(partial(stream.readline, MAX_LINE_BYTES), b""):
                self.add(line.decode(errors="replace").rstrip())

    def add(self, line: str) -> None:
        """Add one line; colours are for the terminal only."""
        plain = click.unstyle(line)
        self.last.append(plain)
        self._file.handle(logging.makeLogRecord({"msg": plain}))
        if self.echoed:
            with suppress(OSError, ValueError):  # the terminal is gone
                click.echo(f"{self.prefix}{line}", err=True)
