"""Estimates that count down, as values."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bookbytes_api.jobs.countdown import MAX_DELAY, MAX_DELAY_S, Countdown, revise
from tests.api.job_values import at

SECONDS = st.floats(0, 1000)


def test_the_seconds_pass_until_the_next_report_is_due() -> None:
    """Of a hundred seconds, ten are for the chapter in hand: if it takes longer, the rest waits."""
    countdown = revise(None, at(0), 100, 10)

    assert [100, 96, 90, 90] == [countdown.left(at(now)) for now in (0, 4, 10, 500)]


def test_a_clock_that_is_slow_adds_nothing() -> None:
    """The run's machine may be ahead of the one that reads."""
    assert 100 == Countdown(at(10), 100).left(at(0))


def test_an_earlier_end_is_shown_at_once() -> None:
    """Whatever was shown before."""
    assert 40 == revise(Countdown(at(0), 100), at(10), 40, 5).seconds


def test_a_later_end_slows_the_countdown() -> None:
    """Of sixty shown seconds, ninety are needed: a report that is due in nine of them takes six off."""
    slowed = revise(Countdown(at(0), 60), at(0), 90, 9)

    assert (60, 54) == (slowed.seconds, slowed.floor)


def test_an_estimate_that_was_far_off_is_corrected() -> None:
    """Nobody is told for minutes that a few seconds are left."""
    assert 100 == revise(Countdown(at(0), 30), at(0), 100, 10).seconds
    assert 2 == revise(Countdown(at(0), 2), at(0), 20, 10).seconds


@settings(max_examples=100, deadline=None)
@given(
    shown=SECONDS,
    floor=st.floats(0, 1),
    at_s=SECONDS,
    left=SECONDS,
    next_s=SECONDS,
    times=st.lists(SECONDS, min_size=2, max_size=3),
)
def test_a_countdown_rises_only_where_it_was_far_off(
    *, shown: float, floor: float, at_s: float, left: float, next_s: float, times: list[float]
) -> None:
    """From one moment to a later one, across a revision, and never below nothing."""
    before = Countdown(at(0), shown, shown * floor)
    after = revise(before, at(at_s), left, next_s)
    seen = [after.left(at(at_s + time)) for time in sorted(times)]

    assert all(0 <= later <= earlier for earlier, later in zip([after.seconds, *seen], seen, strict=False))
    is_far_off = left > MAX_DELAY * before.left(at(at_s)) and left > before.left(at(at_s)) + MAX_DELAY_S
    assert is_far_off or after.seconds <= before.left(at(at_s))
