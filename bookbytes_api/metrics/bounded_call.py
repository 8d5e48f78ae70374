"""Asking without waiting for long."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

import structlog

from bookbytes_pipeline.domain.errors import BookBytesError

Seen = TypeVar("Seen")

PATIENCE = 2.0
"""Seconds for each part; Prometheus gives a whole scrape ten, unless told otherwise."""


class BoundedCall(Generic[Seen]):
    """Asks one part in a thread of its own, one question at a time, however many scrapes there are.

    A part that does not answer may hold that thread for longer than anybody wants to wait; nobody else is held.
    """

    def __init__(self, part: str, patience: float = PATIENCE) -> None:
        self._thread = ThreadPoolExecutor(1, f"metrics-{part}")
        self._patience = patience
        self._answer: Future[Seen] | None = None
        self._turn = Lock()

    def __call__(self, ask: Callable[[], Seen]) -> Seen | None:
        """The answer, or that to the question that is being asked already; None if there is none in time."""
        with self._turn:
            if self._answer is None or self._answer.done():
                self._answer = self._thread.submit(ask)
            answer = self._answer
        try:
            return answer.result(self._patience)
        except (BookBytesError, TimeoutError):
            return None
        except Exception:  # noqa: BLE001 - whatever is wrong with one part, the figures of the others are shown
            structlog.get_logger().exception("figures cannot be read")
            return None
