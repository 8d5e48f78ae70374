"""How often a user may look books up."""

from limits import RateLimitItemPerMinute
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from bookbytes_api.accounts.limits import count_attempt, sending_headers
from bookbytes_api.accounts.state import account_state
from bookbytes_api.errors import RateLimitsUnavailable

PER_USER = RateLimitItemPerMinute(30, namespace="lookups")
"""Open Library answers three requests a second for all users together, and one lookup may take four."""


class LimitLookups(ASGIMiddleware):
    """Counts a lookup for its user, wherever the answer comes from, and refuses what is too much.

    Where nobody can count, nobody is refused: there is nothing to guess here, and Open Library's own limit holds.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:  # noqa: D102 - ASGI
        try:
            headers = await count_attempt(
                account_state(scope["litestar_app"]).attempts, PER_USER, str(scope["user"].id)
            )
        except RateLimitsUnavailable:
            headers = {}
        await next_app(scope, receive, sending_headers(send, headers))
