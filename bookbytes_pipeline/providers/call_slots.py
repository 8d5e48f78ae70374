"""How many calls to a provider are in flight at once, and which of those that wait is next."""

import asyncio
import itertools
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from heapq import heapify, heappop, heappush

from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.providers.retries import MAX_PAUSE_S

chapter_in_hand: ContextVar[int] = ContextVar("chapter_in_hand", default=0)
"""The number of the chapter that the current task works on: calls for a lower one go first."""


class CallSlots:
    """The slots for calls to one provider, of which a call takes one while it is in flight. For one event loop.

    At most `limit` calls are in flight, or as many as were allowed last. Those that wait are let go by the number of
    their chapter, then in the order in which they came.
    """

    def __init__(self, limit: int, *, allowed: int | None = None) -> None:
        """`allowed`: how many calls may be in flight until `allow` is called; `limit` unless given."""
        self.limit = limit
        self.in_flight = 0
        self._allowed = limit if allowed is None else allowed
        self._allowed_until = math.inf
        self._paused_until = -math.inf
        self._unshared_pause_until = -math.inf
        self._most_wanted = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()
        self._on_change: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot during one call; wait for it, and for the end of a pause.

        An `Unavailable` with `retry_after` that leaves the block is a pause for all calls, unless it is longer than
        anybody waits for: then each caller learns that from its own.
        """
        await self._enter()
        try:
            yield
        except Unavailable as error:
            asked = error.retry_after or 0.0
            if 0 < asked <= MAX_PAUSE_S:
                self._unshared_pause_until = max(self._unshared_pause_until, time.monotonic() + asked)
                self.pause(asked)
            raise
        finally:
            self._leave()

    @property
    def wanted(self) -> int:
        """The calls that are in flight or wait, up to the limit."""
        return min(self.limit, self.in_flight + len(self._waiting))

    @property
    def is_outdated(self) -> bool:
        """Whether no call may begin because nobody knows any more how many are allowed."""
        return time.time() > self._allowed_until

    @property
    def has_unshared_pause(self) -> bool:
        """Whether a call has met a pause since `take_pause`."""
        return self._unshared_pause_until > time.monotonic()

    def notify(self, on_change: Callable[[], None]) -> None:
        """Call `on_change` whenever a call begins to wait or has ended."""
        self._on_change = on_change

    def allow(self, number: int, until: float = math.inf) -> None:
        """Let `number` calls be in flight until the time `until`, in seconds of the clock; after that none begins.

        The clock is the one that goes on while a machine is suspended. Calls that are in flight stay so.
        """
        self._allowed, self._allowed_until = number, until
        self._start_calls()

    def pause(self, seconds: float) -> None:
        """Begin no call for so long."""
        until = time.monotonic() + seconds
        if seconds > 0 and until > self._paused_until:
            self._paused_until = until
            asyncio.get_running_loop().call_later(seconds, self._end_pause, until)

    def take_pause(self) -> float:
        """Return how many seconds are left of the pauses that calls have met since this method was called last."""
        until, self._unshared_pause_until = self._unshared_pause_until, -math.inf
        return max(0.0, until - time.monotonic())

    def take_most_wanted(self) -> int:
        """Return the highest number of `wanted` since this method was called last."""
        most, self._most_wanted = max(self._most_wanted, self.wanted), self.wanted
        return most

    async def _enter(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = (chapter_in_hand.get(), next(self._arrivals), turn)
        heappush(self._waiting, waiting)
        self._most_wanted = max(self._most_wanted, self.wanted)
        self._start_calls()
        if not turn.done():
            self._on_change()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was this call's turn before it knew
                self._leave()
            elif waiting in self._waiting:
                self._waiting.remove(waiting)
                heapify(self._waiting)
            raise

    def _leave(self) -> None:
        self.in_flight -= 1
        self._start_calls()
        self._on_change()

    def _end_pause(self, until: float) -> None:
        if until == self._paused_until:  # else it has become longer
            self._paused_until = -math.inf
            self._start_calls()

    def _start_calls(self) -> None:
        is_held_up = self.is_outdated or self._paused_until > -math.inf
        while self._waiting and self.in_flight < self._allowed and not is_held_up:
            *_, turn = heappop(self._waiting)
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)
