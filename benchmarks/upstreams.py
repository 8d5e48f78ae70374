"""The providers of the benchmark: every call is answered after a second, in a process whose CPU nobody counts.

`upstreams()` starts that process. It writes its addresses as one line of JSON; to every line it is sent, it answers
with the calls since the last one.
"""

import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from aiohttp import web

from tests.audio.speech import mp3, speech
from tests.making import CHAPTERS as NAMES
from tests.making import ISBN, KEY, TITLE
from tests.upstreams.google_translate import GoogleTranslate
from tests.upstreams.open_library import book_documents, open_library_app
from tests.upstreams.openai_api import OpenAIApi
from tests.upstreams.server import serving
from tests.upstreams.speech import SpeechServer

LATENCY = 1.0
"""Seconds from a question to its answer."""

CHAPTERS = tuple(f"{NAMES[number % len(NAMES)]}, {number + 1}" for number in range(20))

WORDS_PER_SECOND = 2.8
"""475 words are close to three minutes, as the real voices speak."""

BIT_RATE, FRAME, FRAME_SECONDS = 32_000, 96, 0.024
"""Of the recordings; `FRAME` is the bytes of one frame, so that a shorter recording is the beginning of the long one."""

Call = tuple[str, float]
"""Whom it asked (`catalogue`, `model`, `openai` or `gtts`), and when by the machine's monotonic clock."""


@dataclass(frozen=True)
class Upstreams:
    """The running process. `addresses` are by whom they ask."""

    process: "subprocess.Popen[str]"
    addresses: Mapping[str, str]

    def calls(self) -> list[Call]:
        """The calls since this was last asked, in the order they came."""
        print(file=self.process.stdin, flush=True)
        return [(whom, moment) for whom, moment in json.loads(_line(self.process))]


@contextmanager
def upstreams() -> Iterator[Upstreams]:
    """The providers in their own process, until the block ends."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Upstreams(process, json.loads(_line(process)))


def serve() -> None:
    """Be the providers until standard input ends."""
    calls: list[Call] = []
    with ExitStack() as open_servers:
        served = {whom: _noted(app, whom, calls) for whom, app in _applications().items()}
        addresses = {whom: open_servers.enter_context(serving(app)) for whom, app in served.items()}
        print(json.dumps(addresses), flush=True)
        for _ in sys.stdin:
            print(json.dumps(calls), flush=True)
            calls.clear()


def _applications() -> dict[str, web.Application]:
    recording = mp3(speech(20.0)) * 6

    def spoken(text: str) -> bytes:
        seconds = len(text.split()) / WORDS_PER_SECOND
        return recording[: FRAME * max(2, round(seconds / FRAME_SECONDS))]

    documents = book_documents(isbn=ISBN, title=TITLE, author="Ada Ford", contents=CHAPTERS, number_of_pages=400)
    return {
        "catalogue": open_library_app(documents, latency=LATENCY),
        "model": OpenAIApi(KEY, latency=LATENCY).application(),
        "openai": SpeechServer(latency=LATENCY, audio=spoken).application(),
        "gtts": GoogleTranslate(latency=LATENCY, audio=spoken).application(),
    }


def _noted(application: web.Application, whom: str, calls: list[Call]) -> web.Application:
    @web.middleware
    async def note(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        calls.append((whom, time.monotonic()))
        return await handler(request)

    application.middlewares.append(note)
    return application


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


if __name__ == "__main__":
    serve()
