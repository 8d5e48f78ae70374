"""Attempts to log in or sign up, counted in Valkey for all replicas of the API together."""

import asyncio
import math
import time
from dataclasses import dataclass

from litestar.stores.valkey import ValkeyStore
from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

from bookbytes_api.errors import RateLimitsUnavailable
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.errors import InvalidSettings

PATIENCE = 1.5
"""Seconds for Valkey to take a connection and to count: somebody waits at the login form."""
PAUSE = 1.0
"""Seconds for which Valkey is not asked again once it did not answer: attempts are counted one after the other, and
each of those that wait would have to be as patient as the one before it."""
_CONNECTIONS = 8
"""Two doors with two limits each count at the same time at most."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of this attempt, the first being 1, and in how many seconds all of them are forgotten."""

    number: int
    seconds_left: int


class SharedAttempts(ValkeyStore):
    """Litestar's store in Valkey, which counts as well. Raises `InvalidSettings` for a `url` that cannot be read."""

    def __init__(self, url: str) -> None:
        super().__init__(_client(url), namespace="bookbytes:attempts", handle_client_shutdown=True)
        self._quiet_until = -math.inf
        self._fault = ""

    async def count(self, who: str, seconds: int) -> Tally:
        """Count one attempt more, for `seconds` from the first one on; raises `RateLimitsUnavailable`."""
        if time.monotonic() < self._quiet_until:
            raise RateLimitsUnavailable(self._fault)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._count(who, seconds)
        except (ValkeyError, OSError, TimeoutError) as error:
            cause = str(error) or f"there was no answer within {PATIENCE:g} seconds"
            self._fault = f"Attempts to log in cannot be counted in Valkey ({cause}), so none is let through."
            self._quiet_until = time.monotonic() + PAUSE
            raise RateLimitsUnavailable(self._fault) from error

    async def _count(self, who: str, seconds: int) -> Tally:
        """One transaction. The name of somebody is long, and nobody's business who looks into Valkey."""
        key = self._make_key(digest(who))
        async with self._valkey.pipeline(transaction=True) as steps:
            steps.incr(key)
            steps.expire(key, seconds, nx=True)
            steps.ttl(key)
            number, _, left = await steps.execute()
        return Tally(number, max(1, left))


def _client(url: str) -> Valkey:
    """A client that has not connected yet, with every part of the URL looked at. TLS is for the host of that name."""
    named = {"ssl_check_hostname": True} if url.startswith("valkeys") else {}
    try:
        client: Valkey = Valkey.from_url(
            url, max_connections=_CONNECTIONS, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, **named
        )
        client.connection_pool.make_connection()  # type: ignore[no-untyped-call] # published half typed
    except (ValueError, TypeError):  # neither is shown: both may name the password
        raise InvalidSettings(
            "VALKEY_URL cannot be read; it should be like valkey://:password@host:6379/0, where signs other than "
            "letters and digits in the password are written like %40 for @."
        ) from None
    return client
