"""The providers of the benchmark: a second for every answer, in a process of their own whose CPU is not counted.

That process writes its addresses as one line of JSON. To every line that it is sent it answers with the calls since
the last one.
"""

import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any

from aiohttp import web

from tests.audio.speech import mp3, speech
from tests.cli_runner import ISBN, KEY, TITLE
from tests.fakes.google_translate import GoogleTranslate
from tests.fakes.open_library import book_documents, open_library_app
from tests.fakes.openai_api import OpenAIApi
from tests.fakes.server import serving
from tests.fakes.speech import SpeechServer

LATENCY = 1.0
"""Seconds from a question to its answer."""

CHAPTERS = tuple(f"{place} of the {number}. River" for number in range(1, 11) for place in ("Source", "Mouth"))

SPEAKING, RUSHING = 2.8, 280.0
"""Words per second. Real voices take close to three minutes for a summary of 475 words; at a hundred times that speed
the same calls leave little to encode."""

FRAME_SECONDS, FRAME_BYTES = 0.024, 96
"""Of an MP3 frame in these recordings; the first frames of one are a recording too, a shorter one."""

Call = tuple[str, float]
"""Whom it asked (`catalogue`, `model`, `openai`, `gtts`) and when, by the machine's monotonic clock."""


@dataclass(frozen=True, slots=True)
class Upstreams:
    """The running providers and their base URLs."""

    process: "subprocess.Popen[str]"
    addresses: Mapping[str, str]

    def calls(self) -> list[Call]:
        """The calls since this was last asked, in the order they came."""
        print(file=self.process.stdin, flush=True)
        return [(whom, moment) for whom, moment in _answer(self.process)]


@contextmanager
def upstreams(pace: float) -> Iterator[Upstreams]:
    """The providers, until the block ends; their voices speak `pace` words per second."""
    command = [sys.executable, "-m", __name__, str(pace)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Upstreams(process, _answer(process))


def serve(pace: float) -> None:
    """Be the providers until standard input ends."""
    calls: list[Call] = []
    with ExitStack() as servers:
        noted = {whom: _noted(application, whom, calls) for whom, application in _applications(_voice(pace)).items()}
        _say({whom: servers.enter_context(serving(application)) for whom, application in noted.items()})
        for _ in sys.stdin:
            _say(calls)
            calls.clear()


def _applications(spoken: Callable[[str], bytes]) -> dict[str, web.Application]:
    documents = book_documents(isbn=ISBN, title=TITLE, author="Ada Ford", contents=CHAPTERS, number_of_pages=400)
    return {
        "catalogue": open_library_app(documents, latency=LATENCY),
        "model": OpenAIApi(KEY, latency=LATENCY).application(),
        "openai": SpeechServer(latency=LATENCY, audio=spoken).application(),
        "gtts": GoogleTranslate(latency=LATENCY, audio=spoken).application(),
    }


def _voice(pace: float) -> Callable[[str], bytes]:
    two_minutes = mp3(speech(20.0)) * 6

    def spoken(text: str) -> bytes:
        frames = ceil(len(text.split()) / pace / FRAME_SECONDS)
        return two_minutes[: FRAME_BYTES * frames]

    return spoken


def _noted(application: web.Application, whom: str, calls: list[Call]) -> web.Application:
    @web.middleware
    async def note(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        calls.append((whom, time.monotonic()))
        return await handler(request)

    application.middlewares.append(note)
    return application


def _say(what: Mapping[str, str] | Sequence[Call]) -> None:
    print(json.dumps(what), flush=True)


def _answer(process: "subprocess.Popen[str]") -> Any:
    return json.loads(process.stdout.readline() if process.stdout else "")


if __name__ == "__main__":
    serve(float(sys.argv[1]))
