"""How often and how patiently a provider is asked again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from bookbytes_pipeline.domain.errors import Unavailable

T = TypeVar("T")

ATTEMPTS = 3
LONGEST_PAUSE = 60.0
"""Seconds. A provider that asks for a longer pause is not waited for: the run would only look stuck."""

_backoff = wait_exponential_jitter(initial=1, max=LONGEST_PAUSE)


async def with_retries(call: Callable[[], Awaitable[T]]) -> T:
    """What `call` returns, asked up to three times while it raises `Unavailable`; then its last error.

    Between attempts the provider's own `retry_after` is honoured; without one the pause grows exponentially.
    """
    async for attempt in AsyncRetrying(
        stop=_give_up,
        wait=_pause,
        retry=retry_if_exception_type(Unavailable),
        reraise=True,
    ):
        with attempt:
            return await call()
    raise AssertionError("tenacity returns or raises")


def _asked_for(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, Unavailable) else None


def _pause(state: RetryCallState) -> float:
    asked = _asked_for(state)
    return _backoff(state) if asked is None else asked


def _give_up(state: RetryCallState) -> bool:
    return stop_after_attempt(ATTEMPTS)(state) or (_asked_for(state) or 0) > LONGEST_PAUSE
