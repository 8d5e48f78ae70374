"""Interrupting work in an event loop, whatever Python executes at that moment."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, NoReturn

import pytest

from bookbytes_pipeline.execution.interrupts import run_until_interrupted

Work = Callable[[], Coroutine[Any, Any, object]]


class Interrupted(BaseException):
    """The exception that the caller's signal handlers raise, as Dagster's do."""


def _raise(*_: object) -> NoReturn:
    raise Interrupted


@pytest.fixture(autouse=True)
def _raising_handlers() -> Iterator[None]:
    """Make signals raise immediately, as Dagster does."""
    before = {number: signal.signal(number, _raise) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


async def _in_a_task() -> None:
    async def interrupted() -> None:
        signal.raise_signal(signal.SIGTERM)

    await asyncio.gather(interrupted(), asyncio.sleep(60), return_exceptions=True)


async def _in_a_callback() -> None:
    asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
    await asyncio.sleep(60)


async def _at_its_end() -> int:
    signal.raise_signal(signal.SIGINT)
    return 1


async def _while_it_fails() -> None:
    signal.raise_signal(signal.SIGINT)
    raise ZeroDivisionError


@pytest.mark.parametrize("work", [_in_a_task, _in_a_callback, _at_its_end, _while_it_fails])
def test_an_interrupt_is_never_lost(work: Work) -> None:
    """It ends all of the work, and the caller's handler raises its exception; the handlers are restored afterwards."""
    with pytest.raises(Interrupted):
        run_until_interrupted(work())

    assert [_raise, _raise] == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_work_is_cleaned_up_first() -> None:
    """Connections are closed and child processes ended, also after a second interrupt."""
    ended: list[str] = []

    async def work() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(60)
        finally:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(0.01)
            ended.append("cleaned up")

    with pytest.raises(Interrupted):
        run_until_interrupted(work())

    assert ["cleaned up"] == ended


def test_uninterrupted_work_returns_its_result() -> None:
    """Also outside the main thread, where there are no signals."""

    async def work() -> int:
        return 1

    with ThreadPoolExecutor(1) as executor:
        assert [1, 1] == [run_until_interrupted(work()), executor.submit(run_until_interrupted, work()).result()]


def test_what_is_left_running_goes_on_with_the_next_work() -> None:
    """In the loop of one runner, and each work has the context variables of its caller."""
    caller: ContextVar[str] = ContextVar("caller")
    heard: list[str] = []

    async def begin() -> asyncio.Task[int]:
        heard.append(caller.get())
        return asyncio.create_task(asyncio.sleep(0.01, 7))

    async def finish(begun: asyncio.Task[int]) -> int:
        heard.append(caller.get())
        return await begun

    with asyncio.Runner() as runner:
        caller.set("first asset")
        task = run_until_interrupted(begin(), runner)
        caller.set("second asset")

        assert 7 == run_until_interrupted(finish(task), runner)
    assert ["first asset", "second asset"] == heard
