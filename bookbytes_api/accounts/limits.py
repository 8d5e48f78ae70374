"""How often somebody may try to log in or sign up."""

import time
from collections.abc import Mapping
from typing import Any

from litestar import Request
from litestar.exceptions import ClientException, SerializationException
from litestar.middleware.base import DefineMiddleware
from litestar.middleware.rate_limit import DURATION_VALUES, CacheObject, RateLimitConfig, RateLimitMiddleware
from litestar.stores.base import Store
from litestar.stores.memory import MemoryStore
from litestar.types import Receive, Scope, Send

from bookbytes_api.accounts.credentials import read_credentials
from bookbytes_api.accounts.service import known_as
from bookbytes_api.accounts.shared_attempts import SharedAttempts
from bookbytes_pipeline.settings import Settings

PER_ADDRESS = 20
"""Attempts in a minute from one address: a household behind one router."""
PER_ACCOUNT = 5
"""Attempts in a minute at one account, from wherever: what somebody needs who has forgotten a password."""
STORE = "rate_limit"
"""The name under which Litestar looks for the store of its limits; by default that is this process's memory."""


class Limit(RateLimitMiddleware):
    """Litestar's limit, exact for several replicas too.

    Litestar reads what a store has of somebody and then writes one more. In one process a lock keeps others out
    meanwhile. Of several replicas each would let an attempt through on the same reading, and all but one would be
    forgotten: N of them let somebody who asks all at once try up to N times as often. So a shared store counts in one
    step, before anything is decided. Refused attempts are counted too, which keeps nobody out for longer: the minute
    begins with the first attempt.
    """

    async def retrieve_cached_history(self, key: str, store: Store) -> CacheObject:
        """The attempts before this one, which a shared store has counted by now."""
        if not isinstance(store, SharedAttempts):
            return await super().retrieve_cached_history(key, store)
        tally = await store.count(key, DURATION_VALUES[self.unit])
        now = int(time.time())
        return CacheObject(history=[now] * min(tally.number - 1, self.max_requests), reset=now + tally.seconds_left)

    async def set_cached_history(self, key: str, cache_object: CacheObject, store: Store) -> None:
        """Add this attempt."""
        if isinstance(store, SharedAttempts):
            cache_object.history = [int(time.time()), *cache_object.history]
        else:
            await super().set_cached_history(key, cache_object, store)


class PerAccount(Limit):
    """Counts attempts by the account that the body names; Litestar's own middleware never looks there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        request: Request[Any, Any, Any] = Request(scope, receive)
        await request.body()  # one that is too large ends here
        await _forget_the_expired(self.config.get_store_from_app(scope["litestar_app"]))
        scope["state"]["account"] = await _account(request)
        await super().__call__(scope, receive, send)


def limited_attempts() -> list[DefineMiddleware]:
    """The middleware of the routes that check or make passwords.

    An address is the one that connected. Behind a proxy that would be the proxy's for everybody, so uvicorn takes the
    one that the proxy tells in `X-Forwarded-For`, but only from proxies that FORWARDED_ALLOW_IPS names.
    """
    by_address = RateLimitConfig(("minute", PER_ADDRESS), middleware_class=Limit)
    by_account = RateLimitConfig(
        ("minute", PER_ACCOUNT),
        check_throttle_handler=_names_an_account,
        identifier_for_request=lambda request: str(request.scope["state"]["account"]),
        middleware_class=PerAccount,
    )
    return [by_address.middleware, by_account.middleware]


def attempt_stores(settings: Settings) -> Mapping[str, Store]:
    """Where attempts are counted, if not in this process's memory; raises `InvalidSettings`."""
    return {STORE: SharedAttempts(settings.valkey_url)} if settings.valkey_url else {}


async def _forget_the_expired(store: Store) -> None:
    """Else the addresses and names that somebody makes up stay in memory for good: only a second look drops one."""
    if isinstance(store, MemoryStore):
        await store.delete_expired()


async def _names_an_account(request: Request[Any, Any, Any]) -> bool:
    return request.scope["state"]["account"] is not None


async def _account(request: Request[Any, Any, Any]) -> str | None:
    """The account as whoever checks the password reads it; what cannot be read counts for its address only."""
    try:
        return known_as((await read_credentials(request)).email)
    except (ClientException, SerializationException):
        return None
