"""Work in an event loop that is interrupted: a run that is cancelled, a machine that stops, Ctrl-C."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import current_thread, main_thread
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


def run_until_interrupted(work: Coroutine[Any, Any, T], runner: asyncio.Runner | None = None) -> T:
    """Run `work` as `asyncio.run` does. An interrupt cancels it, and is raised once the work has been unwound.

    With a `runner`, in its loop, which stays open: what `work` leaves running there goes on with the next work.

    Dagster's signal handler raises wherever Python happens to be. In the middle of one of many tasks that was this
    task's failure, and the others went on; in a callback of the loop it was written to stderr and forgotten. So a book
    that had been cancelled was made to its end, and paid for.
    """
    if runner is None:
        with asyncio.Runner() as own:
            return run_until_interrupted(work, own)
    context = copy_context()  # a runner's own is that of the first work, for ever
    if current_thread() is not main_thread() or not callable(interrupt := signal.getsignal(signal.SIGINT)):
        return runner.run(work, context=context)
    received: list[int] = []
    try:
        return runner.run(_cancelled_by_signals(work, received), context=context)
    finally:
        if received:
            interrupt(received[0], None)  # raises what Dagster, or Ctrl-C, wants raised


async def _cancelled_by_signals(work: Coroutine[Any, Any, T], received: list[int]) -> T:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def cancel_once(number: int, _frame: FrameType | None) -> None:
        if not received and task is not None:  # a second signal would interrupt the unwinding
            loop.call_soon_threadsafe(task.cancel)
        received.append(number)

    with _signal_handler(cancel_once):
        return await work


@contextmanager
def _signal_handler(handler: Any) -> Iterator[None]:
    previous = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, earlier in previous.items():
            signal.signal(number, earlier)
