"""A process with everything that it starts."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

_GUARD = 'read -r ended || kill -s KILL -- "-$0"'
"""Ends the group named by `$0` when whoever started it dies without a word, even by SIGKILL."""


class ProcessGroup:
    """A process in a group of its own, so that a terminal's Ctrl-C does not reach it. The process leads the group.

    With `captured` its output can be read from `output`.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str], *, captured: bool = False) -> None:
        self._leader = subprocess.Popen(  # noqa: S603 - ours
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if captured else None,
            stderr=subprocess.STDOUT if captured else None,
            start_new_session=True,
        )
        self._guard = subprocess.Popen(  # noqa: S603 - ours
            ["/bin/sh", "-c", _GUARD, str(self._leader.pid)], stdin=subprocess.PIPE, start_new_session=True
        )

    @property
    def output(self) -> IO[bytes]:
        """What is printed, on stdout and stderr."""
        assert self._leader.stdout  # noqa: S101 - asked for by those who captured it
        return self._leader.stdout

    @property
    def exit_code(self) -> int | None:
        """The leader's; None while it runs; negative for the signal that ended it."""
        return self._leader.poll()

    def request_end(self) -> None:
        """Ask the leader to end, not what it started: Dagster takes a signal to a run for the run's failure."""
        if self.exit_code is None:
            self._leader.terminate()

    def wait(self, seconds: float) -> None:
        """Wait so long for the leader to end, and no longer."""
        with suppress(subprocess.TimeoutExpired):
            self._leader.wait(max(0, seconds))

    def kill_leader(self) -> None:
        """End the leader at once; what it started goes on."""
        self._leader.kill()
        self._leader.wait()

    def is_empty(self) -> bool:
        """Whether nothing of the group is left, once its leader has ended."""
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:  # as the first process of a container, clear away the dead
                pass
        try:
            os.killpg(self._leader.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:  # macOS, of the dead
            return True
        return False

    def kill(self) -> None:
        """Kill until nobody is left, or only dead ones that no process clears away: two seconds at most."""
        deadline = time.monotonic() + 2
        with suppress(ProcessLookupError, PermissionError):  # macOS forbids signals to the dead
            while time.monotonic() < deadline:
                os.killpg(self._leader.pid, signal.SIGKILL)
                time.sleep(0.02)
                self._leader.poll()
        self._guard.communicate(b"ended\n")


def how_it_ended(exit_code: int) -> str:
    """An exit code as people read it."""
    return f"exit code {exit_code}" if exit_code >= 0 else signal.Signals(-exit_code).name
