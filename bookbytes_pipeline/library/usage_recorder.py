"""From the meters of providers to the figures in the database."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from threading import Lock

from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.provider_usage import ProviderUsage
from bookbytes_pipeline.library.usage import add_usage
from bookbytes_pipeline.providers.metering import Meter

SAVE_INTERVAL_S = 5.0

_log = logging.getLogger(__name__)


class UsageRecorder:
    """Saves what meters count in the database, where it outlives this process.

    What cannot be saved is kept for the next attempt, and never fails a chapter. `transaction` opens one.
    """

    def __init__(
        self, transaction: Callable[[], AbstractContextManager[Session]], interval_s: float = SAVE_INTERVAL_S
    ) -> None:
        self._transaction = transaction
        self._interval_s = interval_s
        self._unsaved = ProviderUsage()
        self._has_warned = False
        self._lock = Lock()

    @asynccontextmanager
    async def recording(self, meter: Meter) -> AsyncIterator[None]:
        """Save the count every few seconds while the block runs, and once more at its end, however it ends."""
        ended = asyncio.Event()
        saving = asyncio.create_task(self._save_regularly(meter, ended))
        try:
            yield
        finally:
            ended.set()
            await asyncio.wait([saving])  # an interrupt cancels it together with this task, which goes on
            await asyncio.to_thread(self._save, meter)

    async def _save_regularly(self, meter: Meter, ended: asyncio.Event) -> None:
        while not ended.is_set():
            try:
                await asyncio.wait_for(ended.wait(), self._interval_s)
            except TimeoutError:
                await asyncio.to_thread(self._save, meter)

    def _save(self, meter: Meter) -> None:
        with self._lock:
            self._unsaved += meter.drain()
            if self._unsaved == ProviderUsage():
                return
            try:
                with self._transaction() as session:
                    add_usage(session, self._unsaved)
            except Exception as error:  # noqa: BLE001 - no figure is worth a chapter
                self._warn_once(error)
            else:
                self._unsaved, self._has_warned = ProviderUsage(), False

    def _warn_once(self, error: Exception) -> None:
        """Log the first failure only: an attempt is made every few seconds while the database is down."""
        if not self._has_warned:
            _log.warning("Provider usage cannot be saved for now: %s", error)
        self._has_warned = True
