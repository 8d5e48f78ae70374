"""Counting attempts to log in or register: in this process, or in a Valkey that all replicas share."""

import asyncio
import math
import time
from contextlib import suppress
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from valkey.asyncio import BlockingConnectionPool
from valkey.exceptions import ValkeyError

from bookbytes_api.errors import RateLimitsUnavailable
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.errors import InvalidSettings
from bookbytes_pipeline.settings import Settings

COUNT_TIMEOUT_S = 1.5
"""Seconds for Valkey to accept a connection and to count: somebody waits at the login form."""
_MAX_CONNECTIONS = 8
_CHECK = RateLimitItemPerSecond(1, namespace="health")


@dataclass(frozen=True, slots=True)
class Window:
    """One limit after an attempt: whether the attempt is within it, how many are left, and when it starts over."""

    allowed: bool
    remaining: int
    seconds_left: int


class Attempts:
    """Counts attempts by name; `close` it on the event loop that used it.

    An attempt is counted in one atomic step before anything is decided. To read a count and then write the next one
    would let N replicas allow up to N times as many attempts that arrive at once.
    """

    def __init__(self, pool: BlockingConnectionPool | None = None) -> None:
        self._pool = pool
        self.storage = (
            RedisStorage("async+valkey://", connection_pool=pool, key_prefix="bookbytes:attempts")  # type: ignore[arg-type] # one option that is no scalar
            if pool
            else MemoryStorage()
        )
        self._limiter = FixedWindowRateLimiter(self.storage)

    @property
    def shared(self) -> bool:
        """Whether the counts are in Valkey, which may be unavailable."""
        return self._pool is not None

    async def count(self, limit: RateLimitItem, name: str) -> Window:
        """Count one more attempt; raises `RateLimitsUnavailable`.

        The name is hashed: it is long, and nobody who looks into Valkey needs to know it.
        """
        key = digest(name)
        try:
            async with asyncio.timeout(COUNT_TIMEOUT_S):
                allowed = await self._limiter.hit(limit, key)
                reset, remaining = await self._limiter.get_window_stats(limit, key)
        except (ValkeyError, OSError, TimeoutError) as error:
            cause = str(error) or f"there was no answer within {COUNT_TIMEOUT_S:g} seconds"
            raise RateLimitsUnavailable(
                f"Attempts to log in cannot be counted in Valkey ({cause}), so none is allowed."
            ) from error
        return Window(allowed, remaining, max(1, math.ceil(reset - time.time())))

    async def check(self) -> None:
        """Count something that nobody waits for; raises `RateLimitsUnavailable`."""
        await self.count(_CHECK, "check")

    async def close(self) -> None:
        """Close the connections to Valkey."""
        if self._pool:
            with suppress(ValkeyError, OSError, TimeoutError):  # what is broken already needs no closing
                await self._pool.disconnect()


def open_attempts(settings: Settings) -> Attempts:
    """Return the counts as the settings ask for them; raises `InvalidSettings`."""
    return Attempts(_connection_pool(settings.valkey_url) if settings.valkey_url else None)


def _connection_pool(url: str) -> BlockingConnectionPool:
    """Return a pool that has not connected yet, after checking every part of the URL.

    `limits` would parse the URL itself, but it insists on a port and has no pool that waits for a free connection.
    """
    tls = {"ssl_check_hostname": True} if url.startswith("valkeys") else {}
    try:
        pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
            url,
            max_connections=_MAX_CONNECTIONS,
            timeout=None,  # `Attempts.count` has one timeout for everything
            socket_timeout=COUNT_TIMEOUT_S,
            socket_connect_timeout=COUNT_TIMEOUT_S,
            **tls,
        )
        pool.make_connection()  # type: ignore[no-untyped-call] # published half typed
    except (ValueError, TypeError):  # neither is shown: both may name the password
        raise InvalidSettings(
            "VALKEY_URL cannot be read; it should be like valkey://:password@host:6379/0, where characters other than "
            "letters and digits in the password are written like %40 for @."
        ) from None
    return pool
