"""From the meters of providers to the figures in the database."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from threading import Lock

from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.provider_usage import ProviderUsage
from bookbytes_pipeline.library.usage import add_run_spending, add_usage
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
        self._unsaved: defaultdict[str, ProviderUsage] = defaultdict(ProviderUsage)
        self._has_warned = False
        self._lock = Lock()

    @asynccontextmanager
    async def recording(self, meter: Meter, run_id: str = "") -> AsyncIterator[None]:
        """Save the count every few seconds while the block runs, and once more at its end, however it ends.

        What is spent counts for the root run with this id, if the calls are those of a run.
        """
        ended = asyncio.Event()
        saving = asyncio.create_task(self._save_regularly(meter, run_id, ended))
        try:
            yield
        finally:
            ended.set()
            await asyncio.wait([saving])  # an interrupt cancels it together with this task, which goes on
            await asyncio.to_thread(self._save, meter, run_id)

    async def _save_regularly(self, meter: Meter, run_id: str, ended: asyncio.Event) -> None:
        while not ended.is_set():
            try:
                await asyncio.wait_for(ended.wait(), self._interval_s)
            except TimeoutError:
                await asyncio.to_thread(self._save, meter, run_id)

    def _save(self, meter: Meter, run_id: str) -> None:
        with self._lock:
            self._unsaved[run_id] += meter.drain()
            total = sum(self._unsaved.values(), ProviderUsage())
            if total == ProviderUsage():
                return
            try:
                with self._transaction() as session:
                    add_usage(session, total)
                    self._add_to_runs(session)
            except Exception as error:  # noqa: BLE001 - no figure is worth a chapter
                self._warn_once(error)
            else:
                self._unsaved.clear()
                self._has_warned = False

    def _add_to_runs(self, session: Session) -> None:
        for run_id, usage in sorted(self._unsaved.items()):
            if run_id:
                add_run_spending(session, run_id, usage.spent)

    def _warn_once(self, error: Exception) -> None:
        """Log the first failure only: an attempt is made every few seconds while the database is down."""
        if not self._has_warned:
            _log.warning("Provider usage cannot be saved for now: %s", error)
        self._has_warned = True
