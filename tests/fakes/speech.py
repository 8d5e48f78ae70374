"""A fake of OpenAI's speech API: text in, MP3 out."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from tests.fakes.script import Reply, Script
from tests.fakes.sound import spoken

MAX_CHARACTERS = 4096


class SpeechServer:
    """The server; see `Script` for `failures`, `latency` and what `script` records.

    `audio` makes the recording of a text, and `voices` is the answer to who asks for a list of them. `requests` and
    `keys` are the bodies and `Authorization` headers received.
    """

    def __init__(
        self,
        failures: Mapping[int | str, Iterable[Reply]] | None = None,
        latency: float = 0.0,
        audio: Callable[[str], bytes] = spoken,
        voices: Reply | None = None,
    ) -> None:
        self.script = Script(failures or {}, latency)
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self._audio = audio
        self._voices = voices or Reply(404, b'{"detail": "Not Found"}')

    def application(self) -> web.Application:
        """Return the application to be served; its base URL for clients ends in `/v1`."""
        application = web.Application()
        application.router.add_post("/v1/audio/speech", self._answer)
        application.router.add_get("/v1/audio/voices", self._list)
        return application

    async def _list(self, request: web.Request) -> web.StreamResponse:
        self.keys.append(request.headers.get("Authorization", ""))
        return await self._voices.to(request)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        self.keys.append(request.headers["Authorization"])
        reply = await self.script.play(body["input"])
        if reply is None and len(body["input"]) > MAX_CHARACTERS:
            reply = Reply(400, b'{"error": {"message": "Input is too long", "code": "string_above_max_length"}}')
        if reply:
            return await reply.to(request)
        return web.Response(body=self._audio(body["input"]), content_type="audio/mpeg")
