"""How often a provider call is retried, and after which pauses."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from bookbytes_pipeline.domain.errors import Unavailable

T = TypeVar("T")

MAX_ATTEMPTS = 3
MAX_PAUSE_S = 60.0
"""A provider that asks for a longer pause is not waited for: the run would only look stuck."""

_backoff = wait_exponential_jitter(initial=1, max=MAX_PAUSE_S)


async def with_retries(call: Callable[[], Awaitable[T]]) -> T:
    """Return what `call` returns, calling it up to three times while it raises `Unavailable`; then its last error.

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


def _requested_pause(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, Unavailable) else None


def _pause(state: RetryCallState) -> float:
    requested = _requested_pause(state)
    return _backoff(state) if requested is None else requested


def _give_up(state: RetryCallState) -> bool:
    return stop_after_attempt(MAX_ATTEMPTS)(state) or (_requested_pause(state) or 0) > MAX_PAUSE_S
