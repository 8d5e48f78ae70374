"""A process together with everything that it starts."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

KILL_TIMEOUT_S = 2.0
KILL_INTERVAL_S = 0.02
_GUARD = 'read -r ended || kill -s KILL -- "-$0"'
"""Kills the group named by `$0` when the process that started it dies without saying so, even by SIGKILL."""


class ProcessGroup:
    """A process that leads a group of its own, so that a terminal's Ctrl-C does not reach it.

    With `captured`, its stdout and stderr can be read from `output`.
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
    def pid(self) -> int:
        """The leader's process."""
        return self._leader.pid

    @property
    def output(self) -> IO[bytes]:
        """The stream of what the group prints, on stdout and stderr."""
        assert self._leader.stdout  # noqa: S101 - only read where it was captured
        return self._leader.stdout

    @property
    def exit_code(self) -> int | None:
        """The leader's exit code; None while it runs; negative for the signal that killed it."""
        return self._leader.poll()

    def terminate(self) -> None:
        """Send SIGTERM to the leader only: Dagster would record a signal to a run as the run's failure."""
        if self.exit_code is None:
            self._leader.terminate()

    def wait(self, timeout_s: float) -> None:
        """Wait for the leader to exit, at most so long."""
        with suppress(subprocess.TimeoutExpired):
            self._leader.wait(max(0, timeout_s))

    def kill_leader(self) -> None:
        """Kill the leader; what it started keeps running."""
        self._leader.kill()
        self._leader.wait()

    def is_empty(self) -> bool:
        """Return whether no process of the group is left, once its leader has exited."""
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:  # as the first process of a container, reap orphans
                pass
        try:
            os.killpg(self._leader.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:  # what macOS says of zombies
            return True
        return False

    def kill(self) -> None:
        """Kill until the group is empty, or holds only zombies that nobody reaps: `KILL_TIMEOUT_S` at most."""
        deadline = time.monotonic() + KILL_TIMEOUT_S
        with suppress(ProcessLookupError, PermissionError):  # macOS forbids signals to zombies
            while time.monotonic() < deadline:
                os.killpg(self._leader.pid, signal.SIGKILL)
                time.sleep(KILL_INTERVAL_S)
                self._leader.poll()
        self._guard.communicate(b"ended\n")


def describe_exit(exit_code: int) -> str:
    """Return an exit code in words."""
    return f"exit code {exit_code}" if exit_code >= 0 else signal.Signals(-exit_code).name
