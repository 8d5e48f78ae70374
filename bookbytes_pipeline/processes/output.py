"""Printing without waiting for whoever reads.

A pager, a terminal under Ctrl-S or a log shipper that hangs stops reading. A plain write waits for it, and so would
everything that prints: the API would answer no request, and Ctrl-C would be noticed when the terminal goes on.
"""

import errno
import io
import json
import os
import select
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from functools import partial
from threading import Condition, Thread
from typing import IO, Any

MAX_WAITING_BYTES = 1_000_000
"""What may wait for a reader; then the oldest lines are dropped."""
MAX_LINE_BYTES = 65_536
"""A longer line is continued on the next one."""
MAX_BATCH_BYTES = 65_536
"""What is written at once. In a busy process the thread may wait milliseconds for its turn, too long for each line."""
FULL_DISK_RETRY_S = 1.0
"""A file on a full disk is like a reader that has stopped for a while."""
FINISH_TIMEOUT_S = 3.0
"""How long an exit waits until everything is read."""

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


class UnblockedOutput(io.RawIOBase):
    """A file to print to whose writes return at once; a thread writes whole lines to `fd`.

    Where lines had to be dropped, `dropped` says how many. `lost` is called once, when nothing can be written any more.
    """

    def __init__(self, fd: int, dropped: Callable[[int], str], lost: Callable[[OSError], None]) -> None:
        self.name = self._fd = fd
        self._notice, self._lost = dropped, lost
        self._lines: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._dropped = 0
        self._unfinished = b""
        self._is_writing = self._is_lost = False
        self._changed = Condition()  # its lock may be taken again by a destructor that warns while it is held
        Thread(target=self._write_lines, daemon=True, name=f"output {fd}").start()

    def writable(self) -> bool:
        """It is for writing only."""
        return True

    def isatty(self) -> bool:
        """Return whether what is printed goes to a terminal."""
        return os.isatty(self._fd)

    def write(self, data: Any) -> int:
        """Keep complete lines for the thread, and the rest until its line is complete."""
        with self._changed:
            *lines, self._unfinished = (self._unfinished + bytes(data)).split(b"\n")
            while len(self._unfinished) > MAX_LINE_BYTES:
                lines.append(self._unfinished[:MAX_LINE_BYTES])
                self._unfinished = self._unfinished[MAX_LINE_BYTES:]
            for line in lines:
                self._keep(line + b"\n")
            self._changed.notify_all()
        return len(data)

    def finish(self) -> None:
        """Wait until everything is written, but not for a reader that has stopped reading."""
        with self._changed:
            if self._unfinished:
                self._keep(self._unfinished)
                self._unfinished = b""
                self._changed.notify_all()
            self._changed.wait_for(lambda: not (self._lines or self._is_writing), FINISH_TIMEOUT_S)

    def _keep(self, line: bytes) -> None:
        if self._is_lost:
            return
        self._lines.append(line)
        self._waiting_bytes += len(line)
        while self._waiting_bytes > MAX_WAITING_BYTES:
            self._waiting_bytes -= len(self._lines.popleft())
            self._dropped += 1

    def _write_lines(self) -> None:
        try:
            while True:
                self._write_through(self._next())
        except OSError as error:
            with self._changed:
                self._is_lost = True
                self._is_writing = False
                self._lines.clear()
                self._changed.notify_all()
            self._lost(error)

    def _next(self) -> bytes:
        with self._changed:
            self._is_writing = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._lines)
            self._is_writing = True
            batch = bytearray()
            if self._dropped:
                batch += f"{self._notice(self._dropped)}\n".encode()
                self._dropped = 0
            while self._lines and len(batch) < MAX_BATCH_BYTES:
                self._waiting_bytes -= len(self._lines[0])
                batch += self._lines.popleft()
            return bytes(batch)

    def _write_through(self, batch: bytes) -> None:
        while batch:
            try:
                batch = batch[os.write(self._fd, batch) :]
            except BlockingIOError:  # whoever opened it asked for that
                select.select([], [self._fd], [])
            except OSError as error:
                if error.errno not in _DISK_FULL:
                    raise
                time.sleep(FULL_DISK_RETRY_S)


@contextmanager
def unblocked_output(*, as_json: bool) -> Iterator[None]:
    """Let what is printed in the block wait for no reader; nothing is lost that is read until the end of it.

    A terminal that both streams go to has one queue, so that the order of the lines stays.
    """
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started this process
        yield
        return
    out, err = sys.stdout.fileno(), sys.stderr.fileno()
    dropped = partial(_dropped, as_json=as_json)
    stderr = UnblockedOutput(err, dropped, lambda _: None)

    def stdout_lost(error: OSError) -> None:
        what = f"Nothing reads the standard output any more ({error.strerror}); BookBytes goes on without it."
        stderr.write(f"{log_line(what, as_json=as_json, level='warning')}\n".encode())

    stdout = stderr if os.path.sameopenfile(out, err) else UnblockedOutput(out, dropped, stdout_lost)
    with ExitStack() as stack:
        stack.callback(stderr.finish)  # the last, for it may have to say that the other one is lost
        stack.callback(stdout.finish)
        stack.enter_context(redirect_stdout(_text(stdout, sys.stdout.encoding)))
        stack.enter_context(redirect_stderr(_text(stderr, sys.stderr.encoding)))
        yield


def relay(stream: IO[bytes]) -> None:
    """Print on stderr what comes from a process, until the stream ends."""
    with stream:
        for line in iter(partial(stream.readline, MAX_LINE_BYTES), b""):
            sys.stderr.buffer.write(line)


def log_line(message: str, *, as_json: bool, level: str = "info") -> str:
    """Return a line for a log: as it is for people, as an object for machines."""
    if not as_json:
        return message
    now = datetime.now(UTC).isoformat()
    return json.dumps({"event": message, "level": level, "timestamp": now, "logger": "bookbytes"})


def _dropped(count: int, *, as_json: bool) -> str:
    lines = "1 line was" if count == 1 else f"{count} lines were"
    return log_line(f"{lines} dropped here, because nothing read them.", as_json=as_json, level="warning")


def _text(output: UnblockedOutput, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(output, encoding=encoding, errors="backslashreplace", write_through=True)
