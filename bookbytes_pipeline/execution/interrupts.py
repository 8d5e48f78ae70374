"""Work in an event loop that is interrupted: a run that is cancelled, a machine that stops, Ctrl-C."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Any, TypeVar

Made = TypeVar("Made")


def run_until_interrupted(work: Coroutine[Any, Any, Made]) -> Made:
    """What `work` makes, as by `asyncio.run`. An interrupt cancels it, and is raised once all of it is unwound.

    Dagster's signal handler raises wherever Python happens to be. In the middle of one of many tasks that was this
    task's failure, and the others went on; in a callback of the loop it was written to stderr and forgotten. So a book
    that was given up was made to its end, and paid for.
    """
    if current_thread() is not main_thread() or not callable(interrupt := signal.getsignal(signal.SIGINT)):
        return asyncio.run(work)
    received: list[int] = []
    try:
        return asyncio.run(_cancelled_by_signals(work, received))
    finally:
        if received:
            interrupt(received[0], None)  # raises what Dagster, or Ctrl-C, wants raised


async def _cancelled_by_signals(work: Coroutine[Any, Any, Made], received: list[int]) -> Made:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def note(number: int, _frame: FrameType | None) -> None:
        if not received and task is not None:  # a second one would break into what the first one made unwind
            loop.call_soon_threadsafe(task.cancel)
        received.append(number)

    with _handling(note):
        return await work


@contextmanager
def _handling(handler: Any) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
