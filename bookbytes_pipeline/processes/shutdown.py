"""Being asked to stop: Ctrl-C, a service manager, or a terminal that is closed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class ShutdownRequest:
    """How often this process has been asked to stop."""

    _requests: int = 0

    def request(self, number: int | None = None, *_frame: object) -> None:
        """Count one request, as a signal handler. A closing terminal sends SIGHUP twice without being in a hurry."""
        if number != signal.SIGHUP or not self._requests:
            self._requests += 1

    def is_requested(self) -> bool:
        """Return whether the process has been asked to stop."""
        return self._requests > 0

    def is_forced(self) -> bool:
        """Return whether it has been asked a second time, which means at once."""
        return self._requests > 1


@contextmanager
def shutdown_on_signals() -> Iterator[ShutdownRequest]:
    """Count signals instead of dying from them. `nohup` is respected: an ignored SIGHUP stays ignored.

    SIGINT is handled even where a shell ignores it (a background command of a script): the processes started here would
    inherit that, and Dagster's processes that ignore SIGINT ignore SIGTERM too.
    """
    shutdown = ShutdownRequest()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    previous = {number: signal.signal(number, shutdown.request) for number in numbers}
    try:
        yield shutdown
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
