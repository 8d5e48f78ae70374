"""How often anybody may try to log in or register, or to give a password or a secret token again."""

from collections.abc import Mapping
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

from limits import RateLimitItem, RateLimitItemPerMinute
from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import ClientException, SerializationException, TooManyRequestsException
from litestar.middleware import ASGIMiddleware
from litestar.middleware.rate_limit import get_remote_address
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from bookbytes_api.accounts.attempts import Attempts, Window
from bookbytes_api.accounts.credentials import read_credentials
from bookbytes_api.accounts.service import known_as
from bookbytes_api.accounts.state import account_state

PER_ADDRESS = RateLimitItemPerMinute(20, namespace="address")
"""A household behind one router, or one IPv6 network: whoever has one has all of its addresses."""
PER_ACCOUNT = RateLimitItemPerMinute(5, namespace="account")
"""From one address, lest strangers lock a person out: what somebody needs who has forgotten a password."""

_IPV6_PREFIX = 64


class LimitAttempts(ASGIMiddleware):
    """Counts an attempt for its address, and there for the account that its body names, and refuses what is too much.

    An address is the one that connected. Behind a proxy that would be the proxy's for everybody, so uvicorn takes the
    address from `X-Forwarded-For`, but only from proxies that FORWARDED_ALLOW_IPS names. Refused attempts count too,
    which locks nobody out for longer: the minute starts with the first attempt.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:  # noqa: D102 - ASGI
        request: Request[Any, Any, Any] = Request(scope, receive)
        attempts = account_state(scope["litestar_app"]).attempts
        source = network(get_remote_address(request))
        headers = await count_attempt(attempts, PER_ADDRESS, source)
        account = await self.account(request)
        if account is not None:
            await count_attempt(attempts, PER_ACCOUNT, f"{source} {account}")
        await next_app(scope, receive, sending_headers(send, headers))

    async def account(self, request: Request[Any, Any, Any]) -> str | None:
        """Return the account as the login reads it; a body that cannot be read counts for its address only."""
        await request.body()  # one that is too large ends here
        try:
            return known_as((await read_credentials(request)).email)
        except (ClientException, SerializationException):
            return None


class LimitPasswordAttempts(LimitAttempts):
    """Counts an attempt for the account that sends the request, as one to log in: whoever found a phone may guess."""

    async def account(self, request: Request[Any, Any, Any]) -> str | None:  # noqa: D102 - as above
        email: str = request.user.email
        return email


def network(address: str) -> str:
    """Return what an address is counted as: the /64 of an IPv6 address, any other as it is.

    The smallest network that providers give to a customer is a /64, and IPv4 addresses may be written as IPv6.
    """
    try:
        ip = ip_address(address)
    except ValueError:  # a socket that has no address
        return address
    if isinstance(ip, IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ip_network((int(ip), _IPV6_PREFIX), strict=False))


def sending_headers(send: Send, headers: Mapping[str, str]) -> Send:
    """Return a `send` that adds headers to the response."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableScopeHeaders(message).update(headers)
        await send(message)

    return send_with_headers


async def count_attempt(attempts: Attempts, limit: RateLimitItem, name: str) -> dict[str, str]:
    """Return the headers of the limit after this attempt; raises `TooManyRequestsException`."""
    window = await attempts.count(limit, name)
    headers = _headers(limit, window)
    if not window.allowed:
        raise TooManyRequestsException(headers={**headers, "Retry-After": headers["RateLimit-Reset"]})
    return headers


def _headers(limit: RateLimitItem, window: Window) -> dict[str, str]:
    return {
        "RateLimit-Policy": f"{limit.amount}; w={limit.get_expiry()}",
        "RateLimit-Limit": str(limit.amount),
        "RateLimit-Remaining": str(window.remaining),
        "RateLimit-Reset": str(window.seconds_left),
    }
