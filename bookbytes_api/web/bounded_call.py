"""Calling what may not answer, without waiting for long."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

ResultT = TypeVar("ResultT")


class BoundedCall(Generic[ResultT]):
    """Calls a function in a thread of its own, one call at a time, and waits `timeout_s` seconds for the result.

    A call that hangs keeps that one thread and no other, however many requests ask meanwhile: whoever asks while a
    call is running waits for the result of that call. `__call__` blocks, `wait` does not. Both raise `TimeoutError`
    where there is no result in time, and whatever the function raises.
    """

    def __init__(self, name: str, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._thread = ThreadPoolExecutor(1, name)
        self._running: Future[ResultT] | None = None
        self._lock = Lock()

    def __call__(self, function: Callable[[], ResultT]) -> ResultT:
        """Return the result of `function`, or of the call that is already running."""
        return self._join(function).result(self.timeout_s)

    async def wait(self, function: Callable[[], ResultT]) -> ResultT:
        """Do the same in an event loop. The call goes on when the wait for it is over."""
        return await asyncio.wait_for(asyncio.wrap_future(self._join(function)), self.timeout_s)

    def _join(self, function: Callable[[], ResultT]) -> Future[ResultT]:
        with self._lock:
            if self._running is None or self._running.done():
                self._running = self._thread.submit(function)
            return self._running
