"""One budget of calls for all runs: between holders in one process, and between processes."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from threading import Event
from typing import NoReturn

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import LibraryUnavailable, Unavailable
from bookbytes_pipeline.library.call_budget import CallBudget, Transaction
from bookbytes_pipeline.library.call_shares import CallShareRow, LeaseTimes
from bookbytes_pipeline.providers.call_slots import CallSlots
from tests.api.client import wait_for
from tests.db.calling_run import PROVIDER, TIMES
from tests.fakes.google_translate import GoogleTranslate
from tests.fakes.server import serving
from tests.fakes.sound import spoken

RUNS = ("North", "East", "South", "West")
PATIENT_S = 60.0


@pytest.fixture
def library(tmp_path: Path) -> Database:
    """A library without books in a file."""
    database = Database(f"sqlite:///{tmp_path}/library.db")
    database.check()
    return database


@asynccontextmanager
async def holders(
    transaction: Transaction, limit: int, number: int, times: LeaseTimes = TIMES
) -> AsyncIterator[list[CallSlots]]:
    """Open the provider as so many runs do."""
    async with AsyncExitStack() as stack:
        opened = (CallBudget(transaction, times).open(PROVIDER, limit) for _ in range(number))
        yield [await stack.enter_async_context(each) for each in opened]


async def begins(slots: CallSlots, within_s: float) -> bool:
    """Whether a call gets a slot within so many seconds."""

    async def call() -> None:
        async with slots.slot():
            await asyncio.sleep(0)

    try:
        async with asyncio.timeout(within_s):
            await call()
    except TimeoutError:
        return False
    return True


async def at_once(slots: CallSlots, number: int) -> int:
    """Return how many of so many calls are in flight at once when no more may begin."""
    calls = [asyncio.create_task(hold(slots)) for _ in range(number)]
    await until(lambda: slots.in_flight > 0)
    in_flight = slots.in_flight
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)
    return in_flight


async def hold(slots: CallSlots) -> None:
    async with slots.slot():
        await asyncio.sleep(PATIENT_S)


def shares(library: Database) -> list[int]:
    with library.session() as session:
        return sorted(session.scalars(select(CallShareRow.slots)))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in a thread or in another task, which have had a chance to run by then."""
    async with asyncio.timeout(PATIENT_S):
        await asyncio.sleep(0.02)
        while not condition():  # noqa: ASYNC110 - nobody would set an event
            await asyncio.sleep(0.02)


async def until_shares_are(library: Database, expected: list[int]) -> None:
    await until(lambda: expected == shares(library))


class Outages:
    """A database that can be down, or can leave those who ask it without an answer."""

    def __init__(self, library: Database) -> None:
        self.is_down = False
        self.answers = Event()
        self.answers.set()
        self._library = library

    def session(self, lock: str) -> AbstractContextManager[Session]:
        """A transaction, where there is a database."""
        self.answers.wait(PATIENT_S)
        if self.is_down:
            raise LibraryUnavailable("The library is down.")
        return self._library.session(lock)


def test_a_single_slot_goes_around(database: Database) -> None:
    """Three holders with one slot never have two calls in flight, and none of them waits for the end of another."""
    in_flight, made = 0, list[int]()

    async def run(number: int, slots: CallSlots) -> None:
        nonlocal in_flight
        for _ in range(12):
            async with slots.slot():
                in_flight += 1
                assert in_flight == 1
                await asyncio.sleep(0.04)
                in_flight -= 1
                made.append(number)

    async def run_all() -> None:
        async with asyncio.timeout(PATIENT_S), holders(database.session, 1, 3) as opened:
            await asyncio.gather(*(run(number, slots) for number, slots in enumerate(opened)))

    asyncio.run(run_all())

    first_end = min(len(made) - made[::-1].index(number) for number in range(3))
    before = Counter(made[:first_end])
    assert [12, 12, 12] == [made.count(number) for number in range(3)]
    assert min(before[number] for number in range(3)) >= 3
    assert [] == shares(database)


def test_a_pause_that_one_run_meets_holds_for_all(database: Database) -> None:
    """Those that are calling stop at their next renewal, those that begin do not begin to call."""

    async def run() -> tuple[bool, bool]:
        async with holders(database.session, 4, 3) as (asked_to_wait, calling, new):
            holding = asyncio.create_task(hold(calling))
            assert await begins(calling, PATIENT_S)
            with pytest.raises(Unavailable):
                async with asked_to_wait.slot():
                    raise Unavailable("busy", retry_after=PATIENT_S)
            loop = asyncio.get_running_loop()
            last = loop.time() + PATIENT_S / 2
            while await begins(calling, 0.5) and loop.time() < last:
                pass
            held_up = await begins(calling, 0.1), await begins(new, 1.0)
            holding.cancel()
            await asyncio.wait([holding])
            return held_up

    assert (False, False) == asyncio.run(run())


def test_slots_that_are_not_needed_are_given_back(library: Database) -> None:
    """While a run has no calls to make, and when it has ended, even by an interrupt."""

    def interrupt() -> NoReturn:
        raise KeyboardInterrupt

    async def run() -> None:
        async with holders(library.session, 3, 1) as [slots]:
            assert await begins(slots, PATIENT_S)
            await until_shares_are(library, [])
            assert await begins(slots, PATIENT_S)
            await until_shares_are(library, [3])
            asyncio.get_running_loop().call_later(0.01, interrupt)
            await hold(slots)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(run())

    assert [] == shares(library)


def test_without_the_database_a_run_goes_on_with_its_share(library: Database, caplog: pytest.LogCaptureFixture) -> None:
    """For longer than a share lasts otherwise. One warning says so, and the share is renewed afterwards."""
    outages, times = Outages(library), LeaseTimes(alone=0.05, lease=0.2)

    async def run() -> tuple[int, int]:
        async with holders(outages.session, 3, 1, times) as [slots]:
            holding = asyncio.create_task(hold(slots))
            await until_shares_are(library, [3])
            outages.is_down = True
            await asyncio.sleep(5 * times.lease)
            during = await at_once(slots, 5)
            outages.is_down = False
            await until_shares_are(library, [3])
            holding.cancel()
            await asyncio.wait([holding])
            await until_shares_are(library, [])
            return during, await at_once(slots, 5)

    assert (3, 3) == asyncio.run(run())
    assert ["Calls to gtts speech are not shared with other runs for now: The library is down."] == [
        record.getMessage() for record in caplog.records if record.name == "bookbytes_pipeline.library.call_budget"
    ]


@pytest.mark.parametrize("is_silent", [False, True])
def test_who_never_had_a_share_goes_on_with_one_slot(library: Database, is_silent: bool) -> None:
    """Whether the database refuses or does not answer at all."""
    outages = Outages(library)
    outages.is_down = True

    async def run() -> int:
        async with holders(outages.session, 3, 1, LeaseTimes(alone=0.1, patience=0.1)) as [slots]:
            if is_silent:
                outages.answers.clear()
            in_flight = await at_once(slots, 5)
            outages.answers.set()
            return in_flight

    assert 1 == asyncio.run(run())


@contextmanager
def calling_run(library: Database, server: str, limit: int, name: str, parts: int) -> Iterator["subprocess.Popen[str]"]:
    """Start a run in a process of its own, which is ready to speak; kill it if it has not ended."""
    arguments = (library.address, server, str(limit), name, str(parts))
    command = [sys.executable, "-m", "tests.db.calling_run", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def begin(*runs: "subprocess.Popen[str]") -> None:
    """Let these runs speak once all of them are ready."""
    for run in runs:
        assert run.stdout
        assert "ready\n" == run.stdout.readline()
    for run in runs:
        assert run.stdin
        run.stdin.write("\n")
        run.stdin.flush()


def test_four_processes_keep_within_one_limit(library: Database) -> None:
    """They would have 12 calls in flight, and have three. All end, and none waits for the end of another."""
    limit, parts = 3, 40
    all_want_slots = Event()

    def audio(text: str) -> bytes:
        all_want_slots.wait(PATIENT_S)  # nobody has a start that depends on how busy this machine is
        return spoken(text)

    google = GoogleTranslate(latency=0.04, audio=audio)

    with serving(google.application()) as server, ExitStack() as stack:
        runs = [stack.enter_context(calling_run(library, server, limit, name, parts)) for name in RUNS]
        begin(*runs)
        wait_for(lambda: len(shares(library)) == len(RUNS))
        all_want_slots.set()
        codes = [run.wait(PATIENT_S) for run in runs]

    asked = [text.split()[0] for text in google.script.texts]
    first_end = min(len(asked) - asked[::-1].index(name) for name in RUNS)
    before = Counter(asked[:first_end])
    assert ([0] * 4, limit) == (codes, google.script.peak)
    assert dict.fromkeys(RUNS, parts) == Counter(asked)
    assert min(before[name] for name in RUNS) >= parts / 4
    assert [] == shares(library)


def test_a_killed_process_leaves_its_slots(library: Database) -> None:
    """Its share is still in the database, and expires."""
    google = GoogleTranslate(latency=1.0)

    async def call() -> bool:
        async with holders(library.session, 1, 1) as [slots]:
            return await begins(slots, PATIENT_S)

    with serving(google.application()) as server:
        with calling_run(library, server, 1, "Killed", 3) as run:
            begin(run)
            wait_for(lambda: google.script.texts)
        left = shares(library)
        has_called = asyncio.run(call())

    assert ([1], True, 1) == (left, has_called, len(google.script.texts))
