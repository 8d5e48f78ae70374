"""A fake of Google Translate's speech endpoint: a part of at most 100 characters in, base64 MP3 in JSON out."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import parse_qs

from aiohttp import web

from tests.fakes.script import Reply, Script
from tests.fakes.sound import spoken

PATH = "/_/TranslateWebserverUi/data/batchexecute"
MAX_CHARACTERS = 100

NO_AUDIO = Reply(body=b')]}\'\n\n[["wrb.fr","jQ1olc",null,null,null,null,"generic"]\n,["di",27]\n]')
REFUSED = Reply(body=b')]}\'\n\n[["wrb.fr","jQ1olc",null,null,null,[13],"generic"]]')
TOO_MANY = Reply(status=429, body=b"<html>Too Many Requests</html>")
CAPTCHA = Reply(body=b"<!DOCTYPE HTML><html><form id='captcha-form' action='index'></form></html>")
CAPTCHA_REDIRECT = Reply(status=302, headers={"Location": "https://127.0.0.1:1/sorry/index", "Retry-After": "0"})


class GoogleTranslate:
    """The server; see `Script` for `failures`, `latency` and what `script` records.

    `audio` makes the recording of a part. `languages` and `bodies` are those of the requests received.
    """

    def __init__(
        self,
        failures: Mapping[int | str, Iterable[Reply]] | None = None,
        latency: float = 0.0,
        audio: Callable[[str], bytes] = spoken,
    ) -> None:
        self.script = Script(failures or {}, latency)
        self.bodies: list[str] = []
        self.languages: set[str] = set()
        self._audio = audio

    def application(self) -> web.Application:
        """Return the application to be served."""
        application = web.Application()
        application.router.add_post(PATH, self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.bodies.append(body)
        [[[rpc, argument, _, _]]] = json.loads(parse_qs(body)["f.req"][0])
        text, language, _, _ = json.loads(argument)
        self.languages.add(language)
        reply = await self.script.play(text)
        if reply is None and (rpc != "jQ1olc" or len(text) > MAX_CHARACTERS):
            reply = REFUSED
        return await reply.to(request) if reply else web.Response(body=_plain(self._audio(text)))


def _plain(audio: bytes) -> bytes:
    payload = json.dumps([base64.b64encode(audio).decode()], separators=(",", ":"))
    frame = json.dumps(["wrb.fr", "jQ1olc", payload, None, None, None, "generic"], separators=(",", ":"))
    return f')]}}\'\n\n[{frame}\n,["di",52]\n]'.encode()
