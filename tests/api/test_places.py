"""Places in a book, and which of several reports holds: decisions without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookbytes_api.listening.places import Place, Timeline
from bookbytes_api.listening.reports import Position, Report, effective_time, merge

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TIMELINE = Timeline({1: 300.0, 2: 0.0, 3: 700.0})


@pytest.mark.parametrize(
    ("lengths", "complete", "seconds", "finished"),
    [
        ([1000.0], True, 979.0, False),
        ([1000.0], True, 980.0, True),
        ([60.0, 40.0], True, 89.9, False),
        ([60.0, 40.0], True, 90.0, True),
        ([8.0], True, 0.0, False),
        ([8.0], True, 7.0, False),
        ([8.0], True, 8.0, True),
        ([60.0, 40.0], False, 100.0, False),
        ([0.0], True, 0.0, False),
    ],
)
def test_the_end_is_the_last_ten_seconds_or_98_percent(
    lengths: list[float], complete: bool, seconds: float, finished: bool
) -> None:
    """Never half of a very short book, and never a partial one."""
    timeline = Timeline(dict(enumerate(lengths, 1)), is_complete=complete)

    assert finished == timeline.is_end(timeline.place_at(seconds))


def test_places_survive_chapters_that_become_shorter_or_disappear() -> None:
    """They move to the end of what is left before them."""
    assert Place(1, 300.0) == TIMELINE.nearest(Place(1, 400.0))
    assert Place(3, 700.0) == TIMELINE.nearest(Place(7, 12.0))
    assert Place(3, 0.0) == TIMELINE.place_at(300.0)
    assert Place(3, 700.0) == TIMELINE.place_at(5_000.0)


@given(st.floats(min_value=0, max_value=1000))
def test_seconds_from_the_start_lead_to_their_place_and_back(seconds: float) -> None:
    """To a millisecond."""
    assert abs(TIMELINE.seconds_from_start(TIMELINE.place_at(seconds)) - seconds) <= 0.0011


_REPORTS = st.builds(
    Report,
    place=st.builds(TIMELINE.place_at, st.integers(0, 1000)),
    client_time=st.integers(0, 5).map(lambda minutes: NOON + minutes * MINUTE),
    effective_time=st.just(NOON),
    device=st.sampled_from(["phone", "tablet"]),
    is_playing=st.booleans(),
).map(lambda it: Report(it.place, it.client_time, it.client_time, it.device, it.is_finished, it.is_playing))


@given(st.lists(_REPORTS, min_size=1, max_size=12, unique_by=lambda it: it.identity), st.randoms())
def test_any_order_gives_the_same_place(reports: list[Report], random: Any) -> None:
    """All at once, one by one, and one by one in another order: also whether the book is finished."""
    shuffled = random.sample(reports, len(reports))
    at_once, _ = merge(None, [], reports, TIMELINE, NOON)

    assert at_once == _one_by_one(reports) == _one_by_one(shuffled) == _one_by_one([*shuffled, *reports])


def _one_by_one(reports: list[Report]) -> Position:
    known: Position | None = None
    for report in reports:
        known, _ = merge(known, [], [report], TIMELINE, NOON)
    assert known is not None
    return known


def test_a_clock_counts_as_the_servers_only_if_it_is_minutes_ahead() -> None:
    """Five are tolerated."""
    times = [effective_time(NOON + minutes * MINUTE, "phone", NOON, None) for minutes in (-60, 5, 6)]

    assert [NOON - 60 * MINUTE, NOON + 5 * MINUTE, NOON] == times
