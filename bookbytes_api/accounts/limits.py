"""How often somebody may try to log in or sign up."""

from typing import Any
from urllib.parse import parse_qs

import msgspec
from litestar import Request
from litestar.middleware.base import DefineMiddleware
from litestar.middleware.rate_limit import RateLimitConfig, RateLimitMiddleware
from litestar.types import Receive, Scope, Send

PER_ADDRESS = 20
"""Attempts in a minute from one address: a household behind one router."""
PER_ACCOUNT = 5
"""Attempts in a minute at one account, from wherever: what somebody needs who has forgotten a password."""


class _Named(msgspec.Struct):
    email: str = ""


class PerAccount(RateLimitMiddleware):
    """Counts attempts by the account that the body names; Litestar's own middleware never looks there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        request: Request[Any, Any, Any] = Request(scope, receive)
        scope["state"]["account"] = _account(await request.body(), request.content_type[0])
        await super().__call__(scope, receive, send)


def limited_attempts() -> list[DefineMiddleware]:
    """The middleware of the routes that check or make passwords."""
    by_address = RateLimitConfig(("minute", PER_ADDRESS), set_rate_limit_headers=True)
    by_account = RateLimitConfig(
        ("minute", PER_ACCOUNT),
        identifier_for_request=lambda request: str(request.scope["state"]["account"]),
        middleware_class=PerAccount,
    )
    return [by_address.middleware, by_account.middleware]


def _account(body: bytes, content_type: str) -> str:
    """The account as the body names it, however badly: attempts that name none count together."""
    if content_type == "application/x-www-form-urlencoded":
        named = parse_qs(body.decode("utf-8", "replace")).get("username", [""])[0]
    else:
        try:
            named = msgspec.json.decode(body, type=_Named).email
        except (msgspec.MsgspecError, RecursionError):
            named = ""
    return named.strip().lower()[:254]
