"""Calls to providers as they are counted, against servers on loopback that behave as providers do."""

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
from bookbytes_pipeline.providers.metadata.open_library_http import ThrottledClient
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.models import openai as openai_model
from bookbytes_pipeline.providers.narrators import espeak, gtts
from bookbytes_pipeline.providers.narrators import openai as openai_narrator
from tests.fakes.google_translate import TOO_MANY, GoogleTranslate
from tests.fakes.open_library import FORBIDDEN, Canned, open_library_app
from tests.fakes.openai_api import Canned as Completion
from tests.fakes.openai_api import OpenAIApi
from tests.fakes.script import Reply
from tests.fakes.server import serving
from tests.fakes.speech import SpeechServer
from tests.provider_usage import calls, spent

SCHEMA = {"type": "object", "properties": {"summary": {"type": "string"}}, "required": ["summary"]}
TASK = WritingRequest("chapter_summary", "Summarise in 40 words.", "The pond froze.", SCHEMA, "", 40, "en")
OVERLOADED = Completion(503, {"error": {"message": "overloaded"}}, {"Retry-After": "0"})
SENTENCE = "The pond froze early that winter."


def counted(application: web.Application, ask: Callable[[str], Awaitable[Meter]]) -> ProviderUsage:
    """What `ask` let its meter count while it asked the server, however that went."""
    with serving(application) as url:
        return asyncio.run(_meter(ask(url))).drain()


async def _meter(asking: Awaitable[Meter]) -> Meter:
    return await asking


async def write(url: str) -> Meter:
    async with openai_model.connect("sk-test", f"{url}/v1", "made-up", 10.0, 1) as model:
        with suppress(BookBytesError):
            await model.write(TASK)
        return model.meter


async def speak(url: str) -> Meter:
    async with openai_narrator.connect("sk-test", f"{url}/v1", "tts-1", "alloy", 10.0, 1) as narrator:
        with suppress(BookBytesError):
            await narrator.speak(Narration(SENTENCE, "en"))
        return narrator.meter


def said(content: object, tokens: tuple[int, int], ending: str = "stop") -> Completion:
    choice = {"index": 0, "finish_reason": ending, "message": {"role": "assistant", "content": content}}
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}
    return Completion(body={"choices": [choice], "usage": usage})


def test_every_attempt_at_the_language_model_is_a_call() -> None:
    """One that was answered is paid, whether the answer is of use or not."""
    script = [OVERLOADED, said("{", (10, 1), "length"), said('{"summary": "Ice."}', (10, 5))]

    found = counted(OpenAIApi(script=script).application(), write)

    assert {("openai", "made-up", "unavailable"): 2, ("openai", "made-up", "ok"): 1} == calls(found)
    assert {"input_tokens": 20, "output_tokens": 6} == spent(found)


def test_what_a_language_model_declines_is_refused() -> None:
    """Whether it says so with an error or amid a success; only the latter is paid."""
    wrong = Completion(400, {"error": {"message": "Unsupported parameter"}})
    declined = said(None, (10, 0), "content_filter")

    found = [counted(OpenAIApi(script=[one]).application(), write) for one in (wrong, declined)]

    assert [{("openai", "made-up", "refused"): 1}] * 2 == [calls(one) for one in found]
    assert [{}, {"input_tokens": 10, "output_tokens": 0}] == [spent(one) for one in found]


def test_a_server_that_counts_nonsense_does_no_harm() -> None:
    """Counters never fall, and stay numbers that a table can hold."""
    script = [said('{"summary": "Ice."}', (-5, 10**30))]

    found = counted(OpenAIApi(script=script).application(), write)

    assert {"input_tokens": 0, "output_tokens": 10**9} == spent(found)


def test_the_characters_that_were_spoken_count() -> None:
    """A recording is paid also where it turns out not to be one; a server that is away takes nothing."""
    away = counted(SpeechServer(failures={0: [Reply(503)]}).application(), speak)
    useless = counted(SpeechServer(failures={0: [Reply(body=b"<html></html>")]}).application(), speak)

    assert {("openai", "tts-1 alloy", "unavailable"): 1, ("openai", "tts-1 alloy", "ok"): 1} == calls(away)
    assert {("openai", "tts-1 alloy", "refused"): 1} == calls(useless)
    assert [{"characters": len(SENTENCE)}] * 2 == [spent(away), spent(useless)]


def test_google_is_called_once_for_each_part() -> None:
    """What was asked for again after a pause is another call, and its characters count once."""
    google = GoogleTranslate(failures={0: [TOO_MANY]})

    async def speak_at_google(url: str) -> Meter:
        async with gtts.connect(url, 1) as narrator:
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
def test_a_look_at_the_catalogue_is_a_call(document: Canned, outcome: str) -> None:
    """A book that it does not know is an answer like another; nothing is spent."""

    async def look(url: str) -> Meter:
        async with httpx.AsyncClient(base_url=url, headers={"User-Agent": "Test (test@example.org)"}) as client:
            desk = ThrottledClient(client, 0)
            with suppress(BookBytesError):
                await desk.document("/it.json")
            return desk.meter

    found = counted(open_library_app({"/it.json": document}), look)

    assert ({("open_library", "", outcome): 1}, {}) == (calls(found), spent(found))


def test_a_redirect_is_a_call_too() -> None:
    """Open Library answers the question for an ISBN by sending us on to the edition."""
    documents = {"/books/OL1M.json": {"isbn_13": ["9780306406157"]}}

    async def look(url: str) -> Meter:
        async with httpx.AsyncClient(base_url=url, headers={"User-Agent": "Test (test@example.org)"}) as client:
            desk = ThrottledClient(client, 0)
            await desk.document("/isbn/9780306406157.json")
            return desk.meter

    assert {("open_library", "", "ok"): 2} == calls(counted(open_library_app(documents), look))


def test_espeak_is_counted_as_any_narrator() -> None:
    """It costs nothing, but takes its time."""

    async def speak_here() -> Meter:
        async with espeak.connect(1) as narrator:
            await narrator.speak(Narration(SENTENCE, "en"))
            return narrator.meter

    found = asyncio.run(speak_here()).drain()

    assert {("espeak", "espeak-ng 165 wpm", "ok"): 1} == calls(found)
    assert {"characters": len(SENTENCE)} == spent(found)


def test_a_call_that_we_break_off_has_no_outcome() -> None:
    """Nobody knows how it would have ended; what it has cost by then counts."""
    meter = Meter("maker", "model")

    async def interrupted() -> None:
        async with asyncio.timeout(0.01):
            with meter.call() as bill:
                bill.add(Unit.CHARACTERS, 7)
                await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        asyncio.run(interrupted())

    found = meter.drain()
    assert ({}, {"characters": 7}) == (calls(found), spent(found))


def test_a_count_is_taken_once() -> None:
    """Whoever takes it gets what came since the last time."""
    meter = Meter("maker", "model")
    for _ in range(2):
        with meter.call():
            pass

    first, second = meter.drain(), meter.drain()

    assert ({("maker", "model", "ok"): 2}, ProviderUsage()) == (calls(first), second)
    assert all(kind.max_seconds in BUCKET_BOUNDS_S for kind in first.calls)


def test_no_thread_loses_a_call_of_another() -> None:
    """Many count at once, and somebody takes counts in between."""
    meter = Meter("maker")

    def ask(_number: int) -> ProviderUsage:
        for _ in range(200):
            with suppress(Refused), meter.call() as bill:
                bill.add(Unit.CHARACTERS, 1)
                raise Refused("no")
        return meter.drain()

    with ThreadPoolExecutor(8) as threads:
        found = sum(threads.map(ask, range(8)), ProviderUsage()) + meter.drain()

    assert ({("maker", "", "refused"): 1600}, {"characters": 1600}) == (calls(found), spent(found))
