"""One budget of calls for each provider, which all runs of a library share by way of its database."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from threading import Lock
from uuid import uuid4

from sqlalchemy.orm import Session

from bookbytes_pipeline.library.call_shares import Ask, Grant, LeaseTimes, give_up_share, lock_of, renew_share
from bookbytes_pipeline.providers.call_slots import CallSlots

_log = logging.getLogger(__name__)

Transaction = Callable[[str], AbstractContextManager[Session]]
"""Opens a transaction that holds the lock of this name."""


class CallBudget:
    """Divides the calls that providers allow at once fairly between the runs that make any."""

    def __init__(self, transaction: Transaction, times: LeaseTimes | None = None) -> None:
        self._transaction = transaction
        self._times = times or LeaseTimes()

    @asynccontextmanager
    async def open(self, provider: str, limit: int) -> AsyncIterator[CallSlots]:
        """Slots for calls to `provider`, of which all runs together have at most `limit`, while the block runs.

        The first call asks for some. Where the database does not answer, the run goes on with the share that it had,
        and with one slot if it had none.
        """
        slots = CallSlots(limit, allowed=0)
        lease = _Lease(self._transaction, self._times, provider, slots)
        renewing = asyncio.create_task(lease.renew_regularly())
        try:
            yield slots
        finally:
            renewing.cancel()  # it may wait for a database that is down
            await asyncio.wait([renewing])
            await lease.end()


class _Lease:
    """The share of one opened provider: asked for, renewed, and given back as soon as it is not needed."""

    def __init__(self, transaction: Transaction, times: LeaseTimes, provider: str, slots: CallSlots) -> None:
        self._transaction = transaction
        self._times = times
        self._provider, self._holder = provider, uuid4().hex
        self._slots = slots
        self._wanted = 0
        self._grant = Grant(held=0, share=0, pause=0.0, is_alone=True)
        self._allowed = 0
        self._is_cut_off = False
        self._has_warned = False
        self._woken = asyncio.Event()
        self._lock = Lock()
        self._has_ended = False
        slots.notify(self._wake_if_urgent)

    async def renew_regularly(self) -> None:
        """Renew the share at intervals, and at once whenever another one is needed."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._interval):  # wait_for of Python 3.11 may swallow a cancellation
                    await self._woken.wait()
            self._woken.clear()
            await self._renew()
            self._wake_if_urgent()

    async def end(self) -> None:
        """Give the share back; what cannot be given back expires."""
        if (self._wanted or self._grant.held) and not self._is_cut_off:
            await asyncio.to_thread(self._give_up)

    @property
    def _interval(self) -> float | None:
        """Seconds until the next renewal: none is needed without calls, and who has no slot yet looks for one often."""
        if self._grant.held or self._is_cut_off:
            return self._times.alone if self._grant.is_alone else self._times.shared
        return self._times.waiting if self._wanted else None

    def _wake_if_urgent(self) -> None:
        held, share, slots = self._grant.held, self._grant.share, self._slots
        if self._is_cut_off:
            return  # the database is asked at intervals
        needs_more = self._wanted <= held < slots.wanted  # it has got all that it asked for
        has_too_many = held > max(share, slots.in_flight)
        has_expired = slots.is_outdated and slots.wanted > 0
        if needs_more or has_too_many or has_expired or slots.has_unshared_pause:
            self._woken.set()

    async def _renew(self) -> None:
        asked_at = time.time()
        ask = self._ask()
        self._wanted = ask.wanted
        attempt = asyncio.create_task(asyncio.to_thread(self._transact, ask))
        await asyncio.wait([attempt], timeout=self._times.patience)
        if not attempt.done():
            self._go_on()
        try:
            grant = await attempt
        except Exception as error:  # noqa: BLE001 - no budget is worth a chapter
            self._warn_once(error)
            self._go_on()
        else:
            self._accept(grant, asked_at)

    def _ask(self) -> Ask:
        """Return what to ask for: calls may begin meanwhile, as many as are allowed, unless the share has expired."""
        in_flight = self._slots.in_flight
        keep = in_flight if self._slots.is_outdated else max(in_flight, self._allowed)
        wanted, pause = self._slots.take_most_wanted(), self._slots.take_pause()
        return Ask(self._provider, self._holder, self._slots.limit, keep, wanted, pause)

    def _accept(self, grant: Grant, asked_at: float) -> None:
        self._grant = grant
        self._is_cut_off = self._has_warned = False
        self._allowed = min(grant.held, grant.share)
        self._slots.pause(grant.pause)
        self._slots.allow(self._allowed, asked_at + self._times.lease)

    def _go_on(self) -> None:
        """Go on without the database, with the share that was last known."""
        self._is_cut_off = True
        self._allowed = max(1, self._allowed)
        self._slots.allow(self._allowed)

    def _transact(self, ask: Ask) -> Grant:
        with self._lock:
            if self._has_ended:
                return self._grant
            with self._transaction(lock_of(self._provider)) as session:
                return renew_share(session, ask, self._times)

    def _give_up(self) -> None:
        with self._lock:
            self._has_ended = True
            try:
                with self._transaction(lock_of(self._provider)) as session:
                    give_up_share(session, self._provider, self._holder)
            except Exception as error:  # noqa: BLE001 - it expires in a moment
                self._warn_once(error)

    def _warn_once(self, error: Exception) -> None:
        if not self._has_warned:
            _log.warning("Calls to %s are not shared with other runs for now: %s", self._provider, error)
        self._has_warned = True
