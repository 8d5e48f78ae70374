"""Listening sessions, what to continue, and the time listened per day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from bookbytes_api.listening.days import Listened
from bookbytes_pipeline.domain.isbn import parse_isbn
from tests.api.client import Api, User, code
from tests.api.factories import ISBN, publish_book

SESSIONS = "/api/v1/me/listening/sessions"
DAYS = {"first": "2026-10-31", "last": "2026-11-03"}


def _open(api: Api, user: User, book_id: UUID) -> dict[str, Any]:
    answer = api.ask("POST", SESSIONS, user, json={"book_id": str(book_id), "device": "phone"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _offline(book_id: UUID, ended: str, listened: float, **more: Any) -> dict[str, Any]:
    session = {"id": str(uuid4()), "book_id": str(book_id), "chapter_number": 1, "seconds": 60, "device": "car"}
    return session | {"started_at": "2026-10-31T00:00:00Z", "client_time": ended, "seconds_listened": listened} | more


def _days(api: Api, user: User) -> dict[str, float]:
    answer = api.ask("GET", "/api/v1/me/listening", user, params=DAYS)
    assert answer.status_code == 200, answer.text
    return {day["day"]: day["seconds"] for day in answer.json()["days"]}


def test_a_session_moves_the_position_and_counts_the_time(api: Api) -> None:
    """A sync that is sent again counts once; a closed session says since when."""
    ada, book_id = api.user(), publish_book(api.settings)
    opened = _open(api, ada, book_id)
    sync = {"chapter_number": 1, "seconds": 90, "seconds_listened": 60}
    for _ in range(2):
        synced = api.ask("PUT", f"{SESSIONS}/{opened['id']}", ada, json=sync).json()
    closed = api.ask("PUT", f"{SESSIONS}/{opened['id']}", ada, json=sync | {"is_closed": True}).json()
    listening = api.ask("GET", "/api/v1/me/listening", ada).json()

    assert (60, None) == (synced["seconds_listened"], synced["closed_at"])
    assert closed["closed_at"]
    assert [(90, 60)] == [(book["position"]["seconds"], book["seconds_listened"]) for book in listening["books"]]
    assert 60 == sum(day["seconds"] for day in listening["days"])
    assert [opened["id"]] == [session["id"] for session in listening["sessions"]]
    assert (1, 90) == (_open(api, ada, book_id)["chapter_number"], _open(api, ada, book_id)["seconds"])


def test_offline_sessions_count_once_and_day_by_day(api: Api) -> None:
    """In any order and repeated; midnight is that of the listener."""
    ada, book_id = api.user(), publish_book(api.settings)
    batch = [
        _offline(book_id, "2026-11-01T00:10:00Z", 1200),
        _offline(book_id, "2026-11-01T22:10:00Z", 1200, utc_offset_minutes=120),
    ]
    answers = [
        api.ask("POST", f"{SESSIONS}/offline", ada, json={"sessions": each}) for each in (batch, batch[::-1], batch)
    ]

    assert [200] * 3 == [answer.status_code for answer in answers]
    assert {"2026-10-31": 600, "2026-11-01": 1200, "2026-11-02": 600} == _days(api, ada)


def test_no_day_has_more_than_its_hours(api: Api) -> None:
    """Whatever the devices of a person say together."""
    ada, book_id = api.user(), publish_book(api.settings)
    batch = [_offline(book_id, "2026-11-01T23:59:59Z", 80_000) for _ in range(2)]
    api.ask("POST", f"{SESSIONS}/offline", ada, json={"sessions": batch})

    assert {"2026-11-01": 86_400} == _days(api, ada)


def test_a_batch_of_sessions_names_what_the_library_does_not_have(api: Api) -> None:
    """By index; 500 are taken at most."""
    ada, book_id = api.user(), publish_book(api.settings)
    batch = [_offline(uuid4(), "2026-11-01T12:00:00Z", 1), _offline(book_id, "2026-11-01T12:00:00Z", 1)]
    taken = api.ask("POST", f"{SESSIONS}/offline", ada, json={"sessions": batch})

    assert {"unknown": [0]} == taken.json()
    assert 422 == api.ask("POST", f"{SESSIONS}/offline", ada, json={"sessions": batch * 251}).status_code


def test_sessions_are_ones_own(api: Api) -> None:
    """Another person's is not found."""
    ada, bob, book_id = api.user(), api.user("bob"), publish_book(api.settings)
    opened = _open(api, ada, book_id)
    sync = {"chapter_number": 1, "seconds": 90, "seconds_listened": 60}

    missing = (404, "LISTENING_SESSION_NOT_FOUND")
    assert missing == code(api.ask("PUT", f"{SESSIONS}/{opened['id']}", bob, json=sync))


def test_a_range_of_days_is_bounded(api: Api) -> None:
    """And begins before it ends."""
    ada = api.user()
    ranges = [("2026-11-02", "2026-11-01"), ("2020-01-01", "2026-11-01")]
    answers = [api.ask("GET", "/api/v1/me/listening", ada, params={"first": a, "last": b}) for a, b in ranges]

    assert [(422, "INVALID_RANGE")] * 2 == [code(answer) for answer in answers]


@given(st.floats(min_value=0, max_value=129_600), st.integers(-840, 840))
def test_splitting_at_midnight_loses_no_second(seconds: float, offset: int) -> None:
    """And no day gets more than its hours."""
    ended = datetime(2026, 11, 1, 12, tzinfo=UTC)
    by_day = list(Listened(parse_isbn(ISBN), ended, seconds, timedelta(minutes=offset)).by_day)

    assert abs(sum(share for _, share in by_day) - seconds) < 0.001
    assert all(isinstance(day, date) and 0 < share <= 86_400 for day, share in by_day)
