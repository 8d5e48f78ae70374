"""The scripted failures of a fake server, and the requests it received."""

import asyncio
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """A response other than the normal one. By default it says `Retry-After: 0`, so that tests do not wait.

    `cut` is how many bytes of the body are missing when the server closes the connection.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Retry-After": "0"})
    cut: int = 0

    async def to(self, request: web.Request) -> web.StreamResponse:
        """Send the response."""
        response = web.StreamResponse(status=self.status, headers=self.headers)
        response.content_length = len(self.body) + self.cut
        await response.prepare(request)
        await response.write(self.body)
        if self.cut and request.transport:
            request.transport.close()
        return response


class InFlight:
    """The texts of requests that are being answered, or were answered just now."""

    def __init__(self) -> None:
        self._ended: list[tuple[str, float]] = []

    @contextmanager
    def answering(self, text: str) -> Iterator[None]:
        """Count a request until the block ends, also by an error."""
        entry = (text, math.inf)
        self._ended.append(entry)
        try:
            yield
        finally:
            self._ended.remove(entry)
            self._ended.append((text, time.monotonic()))

    def since(self, seconds: float) -> list[str]:
        """Return the texts whose answer was not complete so many seconds ago."""
        limit = time.monotonic() - seconds
        return [text for text, ended in self._ended if ended > limit]


class Script:
    """Records the texts that arrive, and holds the scripted replies to some of them.

    `failures` selects a request by its number (from 0, in order of arrival) or by words of its text; each reply is used
    once (`itertools.repeat` is endless). `latency` is in seconds. `texts` are the texts received, `peak` is the highest
    number of concurrent requests.
    """

    def __init__(self, failures: Mapping[int | str, Iterable[Reply]], latency: float) -> None:
        self.texts: list[str] = []
        self.peak = 0
        self.in_flight = InFlight()
        self._failures = {key: iter(replies) for key, replies in failures.items()}
        self._latency = latency
        self._in_progress = 0

    async def play(self, text: str) -> Reply | None:
        """Record the request, wait, and return its scripted reply, or None for the normal response."""
        number = len(self.texts)
        self.texts.append(text)
        self._in_progress += 1
        self.peak = max(self.peak, self._in_progress)
        try:
            with self.in_flight.answering(text):
                await asyncio.sleep(self._latency)
        finally:
            self._in_progress -= 1
        return next((reply for replies in self._scripted(number, text) for reply in replies), None)

    def _scripted(self, number: int, text: str) -> list[Iterator[Reply]]:
        return [
            replies for key, replies in self._failures.items() if key == number or (str(key) == key and key in text)
        ]
