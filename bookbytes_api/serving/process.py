"""One running process of a part, with everything it starts."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from threading import Thread

from bookbytes_api.serving.logs import Log
from bookbytes_api.serving.parts import Part

_GUARD = 'read -r ended || kill -s KILL -- "-$0"'
"""Ends the group named by `$0` when whoever started it dies without a word, even by SIGKILL."""


class PartProcess:
    """A part that runs in a group of its own, so that a terminal's Ctrl-C does not reach it."""

    def __init__(self, part: Part, log: Log) -> None:
        self.part = part
        self.log = log
        self._process = subprocess.Popen(  # noqa: S603 - ours
            part.command,
            env=part.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._process.stdout  # noqa: S101 - it is a pipe
        self._guard = subprocess.Popen(  # noqa: S603 - ours
            ["/bin/sh", "-c", _GUARD, str(self._process.pid)], stdin=subprocess.PIPE, start_new_session=True
        )
        self._reader = Thread(target=log.follow, args=[self._process.stdout], daemon=True, name=f"{part.name} log")
        self._reader.start()

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._process.poll()

    def request_end(self) -> None:
        """Ask the part itself to end, not what it started: Dagster takes a signal to a run for the run's failure."""
        if self.exit_code is None:
            self._process.terminate()

    def end(self, requested: float) -> None:
        """Wait for the part to end, since it was `requested` (monotonic seconds); then end what is left of its group.

        A run that is under way may use that time to finish.
        """
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0, requested + self.part.patience - time.monotonic()))
        self._kill_group()
        self._guard.communicate(b"ended\n")
        self._reader.join(1)

    def _kill_group(self) -> None:
        """Kill until nobody is left, or only dead ones that no process clears away: two seconds at most."""
        deadline = time.monotonic() + 2
        with suppress(ProcessLookupError, PermissionError):  # macOS forbids signals to the dead
            while time.monotonic() < deadline:
                os.killpg(self._process.pid, signal.SIGKILL)
                time.sleep(0.02)
                self._process.poll()


def how_it_ended(exit_code: int) -> str:
    """An exit code as people read it."""
    return f"exit code {exit_code}" if exit_code >= 0 else signal.Signals(-exit_code).name
