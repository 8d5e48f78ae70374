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

_MOST = 1_000_000_000
"""Of anything in one call. Some servers count as they please, and no table holds every number that JSON does."""
_LONGEST_NAME = 200
"""Characters. An operator may give a model any name."""


class CallCost:
    """What one call turns out to have cost."""

    def __init__(self) -> None:
        self.items: Counter[Unit] = Counter()

    def add(self, unit: Unit, amount: int) -> None:
        """Put so many on it; what is less than nothing is nothing."""
        self.items[unit] += min(max(amount, 0), _MOST)


class Meter:
    """Counts calls to one model of one provider until somebody takes the count. Safe to use from many threads."""

    def __init__(self, provider: str, model: str = "") -> None:
        self._provider, self._model = provider, model[:_LONGEST_NAME]
        self._counted = ProviderUsage()
        self._turn = Lock()

    @contextmanager
    def call(self) -> Iterator[CallCost]:
        """One call, from when it is sent to when its answer is known to be of use.

        What a raised error says decides how it is counted. A call that is broken off from here has no outcome: it is
        not counted, though what is on its bill is.
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
        """Everything since it was last taken."""
        with self._turn:
            counted, self._counted = self._counted, ProviderUsage()
        return counted

    def _count(self, outcome: Outcome | None, seconds: float, cost: CallCost) -> None:
        calls: dict[CallBucket, CallCount] = {}
        if outcome is not None:
            calls[CallBucket(self._provider, self._model, outcome, bucket_bound(seconds))] = CallCount(1, seconds)
        spent = {SpendingKey(self._provider, self._model, unit): amount for unit, amount in cost.items.items()}
        with self._turn:
            self._counted += ProviderUsage(calls, spent)
