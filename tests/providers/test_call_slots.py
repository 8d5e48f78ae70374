"""The slots for calls to one provider within a process."""

import asyncio
from collections.abc import Iterable, Sequence

import pytest

from bookbytes_pipeline.domain.errors import Refused, Unavailable
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.providers.call_slots import CallSlots, chapter_in_hand
from bookbytes_pipeline.providers.narrators import gtts
from tests.fakes.google_translate import GoogleTranslate
from tests.fakes.script import Reply
from tests.fakes.server import serving

WAIT_A_MOMENT = Reply(429, headers={"Retry-After-Ms": "50"})


async def let_others_run() -> None:
    """Let every task go on as far as it can without waiting for anything but other tasks."""
    for _ in range(20):
        await asyncio.sleep(0)


async def called(slots: CallSlots, chapters: Iterable[int]) -> list[int]:
    """Return the chapters in the order of their calls, all of which have been waiting for a slot."""
    order = []

    async def call(chapter: int) -> None:
        chapter_in_hand.set(chapter)
        async with slots.slot():
            order.append(chapter)
            await let_others_run()

    async with slots.slot():
        calls = [asyncio.create_task(call(chapter)) for chapter in chapters]
        await let_others_run()
    await asyncio.gather(*calls)
    return order


@pytest.mark.parametrize(
    ("chapters", "expected"),
    [([5, 1, 3, 2, 1, 4], [1, 1, 2, 3, 4, 5]), ([0, 0], [0, 0]), ([2, 0, 1], [0, 1, 2])],
)
def test_the_lowest_chapter_goes_first(chapters: Sequence[int], expected: Sequence[int]) -> None:
    """What belongs to no chapter has the number 0."""
    assert expected == asyncio.run(called(CallSlots(1), chapters))


def test_parts_of_the_first_chapter_pass_those_of_a_later_one() -> None:
    """A chapter that has begun to speak lets an earlier one pass; the parts of each are spoken in order."""
    google = GoogleTranslate(latency=0.01)

    async def speak(narrator: gtts.GoogleTranslateNarrator, chapter: int) -> None:
        chapter_in_hand.set(chapter)
        await narrator.speak(Narration("\n\n".join(f"{chapter} {part}" for part in "abc"), "en"))

    async def speak_backwards(url: str) -> None:
        async with gtts.connect(url, CallSlots(1)) as narrator, asyncio.TaskGroup() as group:
            for chapter in (3, 2, 1):
                group.create_task(speak(narrator, chapter))
                await let_others_run()

    with serving(google.application()) as url:
        asyncio.run(speak_backwards(url))

    assert ["3 a", "1 a", "1 b", "1 c", "2 a", "2 b", "2 c", "3 b", "3 c"] == google.script.texts


def test_a_pause_is_for_all_calls() -> None:
    """A call that is asked to wait stops those that have not begun, not those in flight; then all are made."""

    async def run() -> tuple[int, list[str]]:
        slots, made = CallSlots(2), []

        async def call(name: str) -> None:
            async with slots.slot():
                made.append(name)

        async def call_too_often() -> None:
            async with slots.slot():
                await let_others_run()
                raise Unavailable("busy", retry_after=0.2)

        async with slots.slot():
            asked_to_wait = asyncio.create_task(call_too_often())
            waiting = [asyncio.create_task(call(name)) for name in "ab"]
            with pytest.raises(Unavailable):
                await asked_to_wait
            in_flight = slots.in_flight
        await asyncio.gather(*waiting)
        return in_flight, made

    assert (1, ["a", "b"]) == asyncio.run(run())


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("gone"),
        Unavailable("now", retry_after=0.0),
        Unavailable("blocked", retry_after=3600.0),
        Refused("no"),
    ],
)
def test_other_errors_stop_nobody_else(error: Exception) -> None:
    """Of a pause that is too long to be waited for, each call learns from its own answer."""

    async def run() -> int:
        slots = CallSlots(1)
        with pytest.raises(type(error)):
            async with slots.slot():
                raise error
        async with slots.slot():
            return slots.in_flight

    assert 1 == asyncio.run(run())


def test_waiting_for_a_pause_is_no_attempt() -> None:
    """Four times the server asks for a pause; only the calls that it said that to are made again."""
    google = GoogleTranslate(failures={"One": [WAIT_A_MOMENT] * 2, "Three": [WAIT_A_MOMENT] * 2})
    texts = ["One", "Two", "Three", "Four", "Five"]

    async def speak(url: str) -> None:
        async with gtts.connect(url, CallSlots(1)) as narrator:
            await narrator.speak(Narration("\n\n".join(texts), "en"))

    with serving(google.application()) as url:
        asyncio.run(speak(url))

    assert [3, 1, 3, 1, 1] == [google.script.texts.count(text) for text in texts]


@pytest.mark.parametrize("granted", [False, True])
def test_a_cancelled_call_leaves_its_slot(granted: bool) -> None:
    """Also one that is cancelled in the moment in which it gets the slot."""

    async def run() -> int:
        slots = CallSlots(1)

        async def call() -> None:
            async with slots.slot():
                pass

        async with slots.slot():
            waiting = asyncio.create_task(call())
            await let_others_run()
            if not granted:
                waiting.cancel()
        waiting.cancel()
        await asyncio.wait([waiting])
        async with slots.slot():
            return slots.in_flight

    assert 1 == asyncio.run(run())


def test_no_call_begins_once_the_number_is_outdated() -> None:
    """Whoever allowed it is told that calls wait, and allows it again."""

    async def run() -> tuple[int, int, int]:
        told = asyncio.Event()
        slots = CallSlots(2, allowed=0)
        slots.notify(told.set)
        slots.allow(2, until=0.0)

        async def call() -> None:
            async with slots.slot():
                await asyncio.sleep(60)

        calls = [asyncio.create_task(call()) for _ in range(3)]
        await told.wait()
        await let_others_run()
        before = slots.in_flight
        slots.allow(1)
        allowed = slots.in_flight
        wanted = slots.wanted
        for each in calls:
            each.cancel()
        await asyncio.wait(calls)
        return before, allowed, wanted

    assert (0, 1, 2) == asyncio.run(run())


def test_slots_may_be_made_before_there_is_an_event_loop() -> None:
    """Each step of a run has a loop of its own."""
    slots = CallSlots(1)

    assert [[2, 3], [2, 3]] == [asyncio.run(called(slots, [3, 2])) for _ in range(2)]
