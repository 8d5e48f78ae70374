"""From the meters of providers to the figures in the library."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Lock

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.provider_usage import ProviderUsage
from bookbytes_pipeline.library.usage import add
from bookbytes_pipeline.providers.metering import Meter

EVERY = 5.0
"""Seconds between two entries."""

_log = logging.getLogger(__name__)


class UsageRecorder:
    """Enters what meters count into the library, where it outlives this process.

    What cannot be entered is kept for the next time, and fails nobody's chapter.
    """

    def __init__(self, database: Database, every: float = EVERY) -> None:
        self._database = database
        self._every = every
        self._open = ProviderUsage()
        self._told = False
        self._turn = Lock()

    @asynccontextmanager
    async def recording(self, meter: Meter) -> AsyncIterator[None]:
        """While the block lasts the count is entered every few seconds, and once more at its end, however it ends."""
        over = asyncio.Event()
        meanwhile = asyncio.create_task(self._meanwhile(meter, over))
        try:
            yield
        finally:
            over.set()
            await asyncio.wait([meanwhile])  # an interrupt cancels it together with this task, which goes on
            await asyncio.to_thread(self._enter, meter)

    async def _meanwhile(self, meter: Meter, over: asyncio.Event) -> None:
        while not over.is_set():
            try:
                await asyncio.wait_for(over.wait(), self._every)
            except TimeoutError:
                await asyncio.to_thread(self._enter, meter)

    def _enter(self, meter: Meter) -> None:
        with self._turn:
            self._open += meter.drain()
            if self._open == ProviderUsage():
                return
            try:
                with self._database.session() as session:
                    add(session, self._open)
            except Exception as error:  # noqa: BLE001 - no figure is worth a chapter
                self._tell(error)
            else:
                self._open, self._told = ProviderUsage(), False

    def _tell(self, error: Exception) -> None:
        """Once, not every few seconds while the library is away."""
        if not self._told:
            _log.warning("Calls to providers are not entered in the library for now: %s", error)
        self._told = True
