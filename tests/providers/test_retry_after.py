"""The pause that a server requests, in every format that servers use."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from bookbytes_pipeline.providers.retry_after import retry_after


@pytest.mark.parametrize(
    ("headers", "message", "expected"),
    [
        ({"Retry-After": "120"}, "", 120),
        ({"Retry-After": "0"}, "try again in 9s", 0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, "", 1.5),
        ({"retry-after": "2.5"}, "try again in 9s", 2.5),
        ({"retry-after": "-1"}, "Please try again in 20s.", 20),
        ({"retry-after": "nan"}, "Please try again in 125ms. Visit", 0.125),
        ({}, "Please try again in 6m0s.", 360),
        ({}, "Please try again in 114h18m0s. Visit", 411480),
        ({}, "Please retry after 30 seconds.", 30),
        ({}, "Please try again in 1 minute 30 seconds.", 90),
        ({}, "Please retry in 36.6s.", 36.6),
        ({}, "PLEASE TRY AGAIN IN 200 MILLISECONDS", 0.2),
    ],
)
def test_the_pause_is_read_from_every_source(headers: dict[str, str], message: str, expected: float) -> None:
    """The pause is taken from the most precise header, else from the other one, else from the message."""
    assert pytest.approx(expected) == retry_after(httpx.Headers(headers), message)


@pytest.mark.parametrize("unknown", ["", "soon", "-5", "1e3", "inf", "9" * 400, "Fri, 99 Foo 2026 00:00:00 GMT"])
def test_a_pause_that_cannot_be_read_is_none(unknown: str) -> None:
    """With an unreadable `Retry-After` we choose the pause."""
    assert retry_after({"Retry-After": unknown}) is None


@pytest.mark.parametrize("message", ["", "Please try again in a moment.", "Try again in 5 sheep.", "20s"])
def test_a_message_without_a_pause_gives_none(message: str) -> None:
    """Only a number with a unit of time is a pause."""
    assert retry_after({"x-ratelimit-reset-tokens": "0"}, message) is None


@pytest.mark.parametrize(("hours", "expected"), [(-1, 0), (1, 3600)])
@pytest.mark.parametrize("gmt", [True, False], ids=["GMT", "no zone"])
def test_the_pause_may_be_a_date(hours: int, expected: float, *, gmt: bool) -> None:
    """`Retry-After` as an HTTP date says when to retry; a date in the past means now."""
    end = datetime.now(UTC) + timedelta(hours=hours)
    date = format_datetime(end, usegmt=True) if gmt else format_datetime(end.replace(tzinfo=None))

    assert pytest.approx(expected, abs=5) == retry_after({"Retry-After": date})
