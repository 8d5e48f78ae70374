"""How often somebody may try to log in or sign up."""

from typing import Any

from litestar import Request
from litestar.exceptions import ClientException, SerializationException
from litestar.middleware.base import DefineMiddleware
from litestar.middleware.rate_limit import RateLimitConfig, RateLimitMiddleware
from litestar.stores.base import Store
from litestar.stores.memory import MemoryStore
from litestar.types import Receive, Scope, Send

from bookbytes_api.accounts.credentials import read_credentials
from bookbytes_api.accounts.signing import known_as

PER_ADDRESS = 20
"""Attempts in a minute from one address: a household behind one router."""
PER_ACCOUNT = 5
"""Attempts in a minute at one account, from wherever: what somebody needs who has forgotten a password."""


class PerAccount(RateLimitMiddleware):
    """Counts attempts by the account that the body names; Litestar's own middleware never looks there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        request: Request[Any, Any, Any] = Request(scope, receive)
        await request.body()  # one that is too large ends here
        await _forget_the_expired(self.config.get_store_from_app(scope["litestar_app"]))
        scope["state"]["account"] = await _account(request)
        await super().__call__(scope, receive, send)


def limited_attempts() -> list[DefineMiddleware]:
    """The middleware of the routes that check or make passwords."""
    by_address = RateLimitConfig(("minute", PER_ADDRESS), set_rate_limit_headers=True)
    by_account = RateLimitConfig(
        ("minute", PER_ACCOUNT),
        check_throttle_handler=_names_an_account,
        identifier_for_request=lambda request: str(request.scope["state"]["account"]),
        middleware_class=PerAccount,
    )
    return [by_address.middleware, by_account.middleware]


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
