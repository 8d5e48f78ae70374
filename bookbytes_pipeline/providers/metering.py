"""Counting the calls to a provider where they are made."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from bookbytes_pipeline.domain.errors import Refused
from bookbytes_pipeline.domain.provider_usage import (
    CallBucket,
    CallCount,
    Outcome,
    ProviderUsage,
    SpendingKey,
    Unit,
    bucket_bound,
)

_MAX_UNITS_PER_CALL = 1_000_000_000
"""Some servers count as they please, and no table holds every number that JSON does."""
_MAX_NAME_CHARS = 200
"""An operator may give a model any name."""


class CallCost:
    """The units that one call is charged for."""

    def __init__(self) -> None:
        self.items: Counter[Unit] = Counter()

    def add(self, unit: Unit, amount: int) -> None:
        """Add `amount` of `unit`; a negative amount counts as 0."""
        self.items[unit] += min(max(amount, 0), _MAX_UNITS_PER_CALL)


class Meter:
    """Counts calls to one model of one provider until the count is drained. Thread-safe."""

    def __init__(self, provider: str, model: str = "") -> None:
        self._provider, self._model = provider, model[:_MAX_NAME_CHARS]
        self._counted = ProviderUsage()
        self._lock = Lock()

    @contextmanager
    def call(self) -> Iterator[CallCost]:
        """Count one call, from when it is sent to when its answer is known to be usable.

        The class of a raised error decides its outcome. A call that is cancelled here has no outcome: it is not
        counted, but its cost is.
        """
        began, cost = time.perf_counter(), CallCost()
        outcome: Outcome | None = None
        try:
            yield cost
        except Refused:
            outcome = Outcome.REFUSED
            raise
        except Exception:
            outcome = Outcome.UNAVAILABLE
            raise
        else:
            outcome = Outcome.OK
        finally:
            self._count(outcome, time.perf_counter() - began, cost)

    def drain(self) -> ProviderUsage:
        """Return everything counted since the last call of this method."""
        with self._lock:
            counted, self._counted = self._counted, ProviderUsage()
        return counted

    def _count(self, outcome: Outcome | None, seconds: float, cost: CallCost) -> None:
        calls: dict[CallBucket, CallCount] = {}
        if outcome is not None:
            calls[CallBucket(self._provider, self._model, outcome, bucket_bound(seconds))] = CallCount(1, seconds)
        spent = {SpendingKey(self._provider, self._model, unit): amount for unit, amount in cost.items.items()}
        with self._lock:
            self._counted += ProviderUsage(calls, spent)
