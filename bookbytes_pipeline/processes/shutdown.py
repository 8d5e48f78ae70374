"""Being asked to end: Ctrl-C, a service manager, or a terminal that is closed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class ShutdownRequest:
    """How often somebody has asked this process to end."""

    _requests: int = 0

    def request(self, number: int | None = None, *_frame: object) -> None:
        """Ask, as a signal handler. A terminal that closes says so twice, and not because it is in a hurry."""
        if number != signal.SIGHUP or not self._requests:
            self._requests += 1

    def is_requested(self) -> bool:
        """Whether somebody asked."""
        return self._requests > 0

    def is_forced(self) -> bool:
        """Whether somebody asked again."""
        return self._requests > 1


@contextmanager
def shutdown_on_signals() -> Iterator[ShutdownRequest]:
    """Note signals instead of dying of them. `nohup` stays respected: what is ignored stays ignored.

    SIGINT is taken even where a shell ignores it (a command in the background of a script); what is started here would
    inherit that, and Dagster's processes that ignore SIGINT ignore SIGTERM too.
    """
    ending = ShutdownRequest()
    taken = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        taken.append(signal.SIGHUP)
    before = {number: signal.signal(number, ending.request) for number in taken}
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
