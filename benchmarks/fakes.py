"""The fake providers of benchmarks, in a separate process whose CPU is not counted.

That process writes its base URLs as one line of JSON. It answers every line on standard input with the calls since
the previous one.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any

from aiohttp import web

from tests.audio.speech import mp3, speech
from tests.cli_runner import ISBN, KEY, TITLE
from tests.dagster_stack.books import isbn_of
from tests.fakes.google_translate import GoogleTranslate
from tests.fakes.open_library import book_documents, open_library_app
from tests.fakes.openai_api import OpenAIApi
from tests.fakes.server import serving
from tests.fakes.speech import SpeechServer

LATENCY = 1.0
"""Seconds from a request to its response, unless a benchmark says otherwise of the catalogue and of speech."""
BOOKS = 16
"""The catalogue knows so many, with chapters alike; the first is that of the other tests."""

CHAPTERS = tuple(f"{section} of the {number}. River" for number in range(1, 11) for section in ("Source", "Mouth"))

SPEAKING = 2.8
"""Words per second: almost three minutes for a summary of 475 words."""

FRAME_SECONDS, FRAME_BYTES = 0.024, 96
"""Of an MP3 frame in these recordings; the first frames of a recording are a shorter recording."""

Call = tuple[str, float]
"""The provider called (`catalogue`, `model`, `openai`, `gtts`) and the time by the machine's monotonic clock."""


@dataclass(frozen=True, slots=True)
class FakeProviders:
    """The running providers and their base URLs."""

    process: "subprocess.Popen[str]"
    addresses: Mapping[str, str]

    def calls(self) -> list[Call]:
        """Return the calls since the last call of this method, in the order of arrival."""
        print(file=self.process.stdin, flush=True)
        return [(provider, called_at) for provider, called_at in _read_json(self.process)]


def chain(calls: Sequence[Call], at_once: Mapping[str, int], narrator: str, speech_latency: float = LATENCY) -> float:
    """Return the least seconds that these calls take, so many of each provider at once.

    The catalogue is asked for the book, and one summary comes first; then the slower of model and narrator counts.
    """
    counted = Counter(provider for provider, _ in calls)
    writing = ceil(counted["model"] / at_once["model"]) * LATENCY
    speaking = ceil(counted[narrator] / at_once[narrator]) * speech_latency
    return counted["catalogue"] * speech_latency + LATENCY + max(writing - LATENCY, speaking)


@contextmanager
def fake_providers(pace: float, speech_latency: float = LATENCY) -> Iterator[FakeProviders]:
    """Run the providers until the block ends; their voices speak `pace` words per second."""
    command = [sys.executable, "-m", __name__, str(pace), str(speech_latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield FakeProviders(process, _read_json(process))


def isbns() -> list[str]:
    """Return the ISBNs that the catalogue knows."""
    return [ISBN, *(isbn_of(700_000 + number) for number in range(1, BOOKS))]


def serve(pace: float, speech_latency: float) -> None:
    """Serve the providers until standard input ends."""
    calls: list[Call] = []
    with ExitStack() as servers:
        applications = _applications(_voice(pace), speech_latency)
        for provider, application in applications.items():
            _log_calls(application, provider, calls)
        _write_json({name: servers.enter_context(serving(application)) for name, application in applications.items()})
        for _ in sys.stdin:
            _write_json(calls)
            calls.clear()


def _applications(spoken: Callable[[str], bytes], speech_latency: float) -> dict[str, web.Application]:
    documents = {}
    for number, isbn in enumerate(isbns()):
        title = f"{TITLE} {number}" if number else TITLE
        documents |= book_documents(isbn=isbn, title=title, author="Ada Ford", contents=CHAPTERS, number_of_pages=400)
    return {
        "catalogue": open_library_app(documents, latency=speech_latency),
        "model": OpenAIApi(KEY, latency=LATENCY).application(),
        "openai": SpeechServer(latency=speech_latency, audio=spoken).application(),
        "gtts": GoogleTranslate(latency=speech_latency, audio=spoken).application(),
    }


def _voice(pace: float) -> Callable[[str], bytes]:
    two_minutes = mp3(speech(20.0)) * 6

    def spoken(text: str) -> bytes:
        frames = ceil(len(text.split()) / pace / FRAME_SECONDS)
        return two_minutes[: FRAME_BYTES * frames]

    return spoken


def _log_calls(application: web.Application, provider: str, calls: list[Call]) -> None:
    @web.middleware
    async def log_call(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        calls.append((provider, time.monotonic()))
        return await handler(request)

    application.middlewares.append(log_call)


def _write_json(value: Mapping[str, str] | Sequence[Call]) -> None:
    print(json.dumps(value), flush=True)


def _read_json(process: "subprocess.Popen[str]") -> Any:
    return json.loads(process.stdout.readline() if process.stdout else "")


if __name__ == "__main__":
    serve(float(sys.argv[1]), float(sys.argv[2]))
