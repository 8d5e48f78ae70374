"""Calls that may hang, each in a thread of its own."""

import asyncio
from threading import Event

import pytest

from bookbytes_api.web.bounded_call import BoundedCall


def test_a_call_that_hangs_is_made_once_and_times_out() -> None:
    """A caller that comes while it is running joins it, and its late result is not kept for later callers."""
    call, may_end, calls = BoundedCall[int]("slow", timeout_s=0.01), Event(), []

    def hang() -> int:
        calls.append(len(calls))
        may_end.wait(30)
        return len(calls)

    for _ in range(2):
        with pytest.raises(TimeoutError):
            call(hang)
    with pytest.raises(TimeoutError):
        asyncio.run(call.wait(hang))
    may_end.set()

    assert [0] == calls
    assert 2 == BoundedCall[int]("quick", timeout_s=30)(hang)


def test_what_a_call_raises_is_raised_and_the_next_call_is_a_new_one() -> None:
    """Both for callers that block and for those that do not."""
    call = BoundedCall[float]("failing", timeout_s=30)

    with pytest.raises(ZeroDivisionError):
        call(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(call.wait(lambda: 1 / 0))
    assert (1.0, 2.0) == (call(lambda: 1.0), asyncio.run(call.wait(lambda: 2.0)))
