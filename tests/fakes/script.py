"""What a stand-in server does wrong, and what it saw."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """An answer that is not the usual one. It asks for no pause, so that tests need not wait.

    `cut` is how many bytes of the body are missing when the server hangs up.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Retry-After": "0"})
    cut: int = 0

    async def to(self, request: web.Request) -> web.StreamResponse:
        """The answer, sent."""
        response = web.StreamResponse(status=self.status, headers=self.headers)
        response.content_length = len(self.body) + self.cut
        await response.prepare(request)
        await response.write(self.body)
        if self.cut and request.transport:
            request.transport.close()
        return response


class Script:
    """Texts as they arrive, and the replies that some of them meet.

    `failures` names a request by its number (from 0, as it arrives) or by words of its text; the replies are used up
    one by one (`itertools.repeat` never is). `latency` is in seconds. `texts` and `peak` tell what came, and how many
    requests were under way at once.
    """

    def __init__(self, failures: Mapping[int | str, Iterable[Reply]], latency: float) -> None:
        self.texts: list[str] = []
        self.peak = 0
        self._failures = {key: iter(replies) for key, replies in failures.items()}
        self._latency = latency
        self._under_way = 0

    async def play(self, text: str) -> Reply | None:
        """Note the request, wait, and give the reply it meets, or None for the usual one."""
        number = len(self.texts)
        self.texts.append(text)
        self._under_way += 1
        self.peak = max(self.peak, self._under_way)
        try:
            await asyncio.sleep(self._latency)
        finally:
            self._under_way -= 1
        return next((reply for replies in self._scripted(number, text) for reply in replies), None)

    def _scripted(self, number: int, text: str) -> list[Iterator[Reply]]:
        return [
            replies for key, replies in self._failures.items() if key == number or (str(key) == key and key in text)
        ]
