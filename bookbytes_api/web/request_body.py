"""Request bodies that nobody reads: a request that is refused early is answered without breaking the connection.

A server that answers and closes while the client still sends breaks the connection under it. Many clients then never
see the answer, and nginx says 502 instead.
"""

import asyncio
from contextlib import suppress

from litestar.datastructures import Headers
from litestar.types import HTTPReceiveMessage, HTTPScope, Message, Receive, Send

MAX_DROPPED_BYTES = 64 * 1024 * 1024
"""More than the largest body that any route takes; after that the connection is closed."""
DROP_TIMEOUT_S = 60.0
"""For 64 MB at 9 Mbit/s; whoever is slower loses the connection."""


class RequestBody:
    """Receives and sends for the application, and reads and drops what it left unread before the response ends.

    The response itself is sent at once: a client that sees it may stop sending.
    """

    def __init__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        headers = Headers.from_scope(scope)
        has_body = headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers
        waits = headers.get("Expect", "").lower() == "100-continue"  # asks first, and has not sent any of it
        self._is_unread = has_body and not waits

    async def receive(self) -> HTTPReceiveMessage:
        """Return the next part of the body, or that the client has left."""
        message = await self._receive()
        self._is_unread = message["type"] == "http.request" and message.get("more_body", False)
        return message  # type: ignore[return-value] # the scope is that of a request

    async def send(self, message: Message) -> None:
        """Send a part of the response; the last one ends it once the request is read."""
        if message["type"] != "http.response.body" or message.get("more_body") or not self._is_unread:
            await self._send(message)
            return
        await self._send({"type": "http.response.body", "body": message["body"], "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(DROP_TIMEOUT_S):
                await self._drop()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drop(self) -> None:
        dropped = 0
        while self._is_unread and dropped < MAX_DROPPED_BYTES:
            message = await self.receive()
            dropped += len(message["body"]) if message["type"] == "http.request" else 0
