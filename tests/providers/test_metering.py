"""Counting calls to providers, against fake providers on loopback."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest
from aiohttp import web

from bookbytes_pipeline.domain.errors import BookBytesError, Refused
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.provider_usage import BUCKET_BOUNDS_S, ProviderUsage, Unit
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.metadata.open_library_http import ThrottledClient
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.models import openai as openai_model
from bookbytes_pipeline.providers.narrators import espeak, gtts
from bookbytes_pipeline.providers.narrators import openai as openai_narrator
from tests.fakes.google_translate import TOO_MANY, GoogleTranslate
from tests.fakes.open_library import FORBIDDEN, Canned, open_library_app
from tests.fakes.openai_api import Canned as CannedCompletion
from tests.fakes.openai_api import OpenAIApi, canned_completion
from tests.fakes.script import Reply
from tests.fakes.server import serving
from tests.fakes.speech import SpeechServer
from tests.provider_usage import calls, spent

SCHEMA = {"type": "object", "properties": {"summary": {"type": "string"}}, "required": ["summary"]}
REQUEST = WritingRequest("chapter_summary", "Summarise in 40 words.", "The pond froze.", SCHEMA, "", 40, "en")
OVERLOADED = CannedCompletion(503, {"error": {"message": "overloaded"}}, {"Retry-After": "0"})
SENTENCE = "The pond froze early that winter."


def counted(application: web.Application, ask: Callable[[str], Awaitable[Meter]]) -> ProviderUsage:
    """Return the usage that `ask` metered while it called the server, whether it failed or not."""
    with serving(application) as url:
        return asyncio.run(_meter(ask(url))).drain()


async def _meter(asking: Awaitable[Meter]) -> Meter:
    return await asking


async def write(url: str) -> Meter:
    async with openai_model.connect("sk-test", f"{url}/v1", "made-up", 10.0, CallSlots(1)) as model:
        with suppress(BookBytesError):
            await model.write(REQUEST)
        return model.meter


async def speak(url: str) -> Meter:
    async with openai_narrator.connect("sk-test", f"{url}/v1", "tts-1", "alloy", 10.0, CallSlots(1)) as narrator:
        with suppress(BookBytesError):
            await narrator.speak(Narration(SENTENCE, "en"))
        return narrator.meter


def test_every_attempt_of_a_language_model_is_a_call() -> None:
    """An answered attempt is paid, whether the answer is usable or not."""
    script = [
        OVERLOADED,
        canned_completion("{", "length", (10, 1)),
        canned_completion('{"summary": "Ice."}', tokens=(10, 5)),
    ]

    found = counted(OpenAIApi(script=script).application(), write)

    assert {("openai", "made-up", "unavailable"): 2, ("openai", "made-up", "ok"): 1} == calls(found)
    assert {"input_tokens": 20, "output_tokens": 6} == spent(found)


def test_a_request_that_a_language_model_declines_is_refused() -> None:
    """It may decline with an error or with a success; only the latter is paid."""
    wrong = CannedCompletion(400, {"error": {"message": "Unsupported parameter"}})
    declined = canned_completion(None, "content_filter", (10, 0))

    found = [counted(OpenAIApi(script=[canned]).application(), write) for canned in (wrong, declined)]

    assert [{("openai", "made-up", "refused"): 1}] * 2 == [calls(usage) for usage in found]
    assert [{}, {"input_tokens": 10, "output_tokens": 0}] == [spent(usage) for usage in found]


def test_nonsensical_token_counts_are_corrected() -> None:
    """Counters never decrease, and stay small enough for a table."""
    script = [canned_completion('{"summary": "Ice."}', tokens=(-5, 10**30))]

    found = counted(OpenAIApi(script=script).application(), write)

    assert {"input_tokens": 0, "output_tokens": 10**9} == spent(found)


def test_the_spoken_characters_are_counted() -> None:
    """A response is paid even if it is not a recording; a server that is unavailable charges nothing."""
    unavailable = counted(SpeechServer(failures={0: [Reply(503)]}).application(), speak)
    unusable = counted(SpeechServer(failures={0: [Reply(body=b"<html></html>")]}).application(), speak)

    assert {("openai", "tts-1 alloy", "unavailable"): 1, ("openai", "tts-1 alloy", "ok"): 1} == calls(unavailable)
    assert {("openai", "tts-1 alloy", "refused"): 1} == calls(unusable)
    assert [{"characters": len(SENTENCE)}] * 2 == [spent(unavailable), spent(unusable)]


def test_google_is_called_once_for_each_part() -> None:
    """A retry after a pause is another call, and its characters are counted once."""
    google = GoogleTranslate(failures={0: [TOO_MANY]})

    async def speak_at_google(url: str) -> Meter:
        async with gtts.connect(url, CallSlots(1)) as narrator:
            await narrator.speak(Narration(f"{SENTENCE} {SENTENCE * 4}", "en"))
            return narrator.meter

    found = counted(google.application(), speak_at_google)

    first, *others = google.script.texts
    assert {("gtts", "127.0.0.1", "unavailable"): 1, ("gtts", "127.0.0.1", "ok"): len(others)} == calls(found)
    assert {"characters": sum(map(len, others))} == spent(found)
    assert first in others


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        ({"title": "On Rivers"}, "ok"),
        (Canned(404, b"<html></html>"), "ok"),
        (Canned(503), "unavailable"),
        (Canned(body=b"<html></html>"), "unavailable"),
        (Canned(302, headers={"Location": "http://login.example/"}), "unavailable"),
        (FORBIDDEN, "refused"),
    ],
    ids=["a record", "none", "out of order", "a page", "another host", "forbidden"],
)
def test_a_request_to_the_catalogue_is_a_call(document: Canned, outcome: str) -> None:
    """An unknown book is an ordinary answer; nothing is spent."""

    async def look_up(url: str) -> Meter:
        async with httpx.AsyncClient(base_url=url, headers={"User-Agent": "Test (test@example.org)"}) as client:
            throttled = ThrottledClient(client, 0)
            with suppress(BookBytesError):
                await throttled.document("/it.json")
            return throttled.meter

    found = counted(open_library_app({"/it.json": document}), look_up)

    assert ({("open_library", "", outcome): 1}, {}) == (calls(found), spent(found))


def test_a_redirect_is_a_call_too() -> None:
    """Open Library answers a request for an ISBN with a redirect to the edition."""
    documents = {"/books/OL1M.json": {"isbn_13": ["9780306406157"]}}

    async def look_up(url: str) -> Meter:
        async with httpx.AsyncClient(base_url=url, headers={"User-Agent": "Test (test@example.org)"}) as client:
            throttled = ThrottledClient(client, 0)
            await throttled.document("/isbn/9780306406157.json")
            return throttled.meter

    assert {("open_library", "", "ok"): 2} == calls(counted(open_library_app(documents), look_up))


def test_espeak_is_counted_like_any_narrator() -> None:
    """It costs nothing, but takes time."""

    async def speak_here() -> Meter:
        async with espeak.connect(1) as narrator:
            await narrator.speak(Narration(SENTENCE, "en"))
            return narrator.meter

    found = asyncio.run(speak_here()).drain()

    assert {("espeak", "espeak-ng 165 wpm", "ok"): 1} == calls(found)
    assert {"characters": len(SENTENCE)} == spent(found)


def test_a_cancelled_call_has_no_outcome() -> None:
    """Its result is unknown; its cost up to then is counted."""
    meter = Meter("maker", "model")

    async def interrupted() -> None:
        async with asyncio.timeout(0.01):
            with meter.call() as cost:
                cost.add(Unit.CHARACTERS, 7)
                await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        asyncio.run(interrupted())

    found = meter.drain()
    assert ({}, {"characters": 7}) == (calls(found), spent(found))


def test_counts_are_drained_once() -> None:
    """Each drain returns the counts since the previous one."""
    meter = Meter("maker", "model")
    for _ in range(2):
        with meter.call():
            pass

    first, second = meter.drain(), meter.drain()

    assert ({("maker", "model", "ok"): 2}, ProviderUsage()) == (calls(first), second)
    assert all(kind.max_seconds in BUCKET_BOUNDS_S for kind in first.calls)


def test_concurrent_threads_lose_no_calls() -> None:
    """Many threads count at once, and drain in between."""
    meter = Meter("maker")

    def ask(_number: int) -> ProviderUsage:
        for _ in range(200):
            with suppress(Refused), meter.call() as cost:
                cost.add(Unit.CHARACTERS, 1)
                raise Refused("no")
        return meter.drain()

    with ThreadPoolExecutor(8) as threads:
        found = sum(threads.map(ask, range(8)), ProviderUsage()) + meter.drain()

    assert ({("maker", "", "refused"): 1600}, {"characters": 1600}) == (calls(found), spent(found))
