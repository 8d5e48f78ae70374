"""Where people are in their books: the newest place holds, and what lost is kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.api.client import Api, User, code
from tests.api.factories import numbered_book, publish_book
from tests.api.statements import statements_of_requests

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _path(book_id: UUID) -> str:
    return f"/api/v1/me/positions/{book_id}"


def _report(minute: float, number: int = 1, seconds: float = 100, device: str = "phone", **more: Any) -> dict[str, Any]:
    time = (NOON + minute * MINUTE).isoformat()
    return {"chapter_number": number, "seconds": seconds, "client_time": time, "device": device, **more}


def _put(api: Api, user: User, book_id: UUID, report: dict[str, Any]) -> dict[str, Any]:
    answer = api.ask("PUT", _path(book_id), user, json=report)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _history(api: Api, user: User, book_id: UUID) -> list[dict[str, Any]]:
    answer = api.ask("GET", f"{_path(book_id)}/history", user)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def test_the_newest_place_holds_whatever_comes_in_last(api: Api) -> None:
    """Of two devices; what lost is in the history with the reason."""
    ada, book_id = api.user(), publish_book(api.settings)
    _put(api, ada, book_id, _report(5, seconds=900))
    held = _put(api, ada, book_id, _report(3, seconds=30, device="tablet"))
    replaced = _put(api, ada, book_id, _report(9, 3, 60, device="tablet"))

    assert (900, "phone") == (held["seconds"], held["device"])
    assert (3, 60, "tablet") == tuple(replaced[name] for name in ("chapter_number", "seconds", "device"))
    assert [("phone", "replaced"), ("tablet", "older")] == [
        (lost["device"], lost["why"]) for lost in _history(api, ada, book_id)
    ]


def test_a_device_that_plays_on_leaves_no_history(api: Api) -> None:
    """It reports every few seconds; twenty of these would be three minutes."""
    ada, book_id = api.user(), publish_book(api.settings)
    for second in range(0, 60, 10):
        _put(api, ada, book_id, _report(second / 60, seconds=second, is_playing=True))

    assert [] == _history(api, ada, book_id)


def test_a_clock_that_is_ahead_does_not_win_for_ever(api: Api) -> None:
    """It counts as now: the next report of a right clock holds. Repeated, it changes nothing."""
    ada, book_id = api.user(), publish_book(api.settings)
    ahead = _report(0, seconds=900) | {"client_time": "2099-01-01T00:00:00Z"}
    _put(api, ada, book_id, ahead)
    held = _put(api, ada, book_id, {"chapter_number": 1, "seconds": 10, "device": "tablet"})

    assert "tablet" == held["device"]
    assert "tablet" == _put(api, ada, book_id, ahead)["device"]


def test_a_batch_can_be_repeated(api: Api) -> None:
    """In any order; of 25 places that lost, the newest 20 are kept."""
    ada, book_id = api.user(), publish_book(api.settings)
    _put(api, ada, book_id, _report(100, seconds=1))
    places = [minute + 600 * (minute % 2) for minute in range(25)]
    batch = [_report(minute, 1, place, "car", book_id=str(book_id)) for minute, place in enumerate(places)]
    taken = [api.ask("POST", "/api/v1/me/positions", ada, json={"positions": each}) for each in (batch, batch[::-1])]
    history = _history(api, ada, book_id)

    assert [200, 200] == [answer.status_code for answer in taken]
    assert [1.0] == [position["seconds"] for position in taken[1].json()["positions"]]
    assert places[:4:-1] == [lost["seconds"] for lost in history]


def test_a_batch_names_what_the_library_does_not_have(api: Api) -> None:
    """By index; the rest is taken."""
    ada, book_id = api.user(), publish_book(api.settings)
    batch = [_report(1) | {"book_id": str(uuid4())}, _report(1) | {"book_id": str(book_id)}]
    batch.append(_report(2, 9) | {"book_id": str(book_id)})
    taken = api.ask("POST", "/api/v1/me/positions", ada, json={"positions": batch}).json()

    assert ([0, 2], [str(book_id)]) == (taken["unknown"], [position["book_id"] for position in taken["positions"]])


def test_a_batch_is_bounded(api: Api) -> None:
    """500 reports at most."""
    ada, book_id = api.user(), publish_book(api.settings)
    batch = [_report(minute) | {"book_id": str(book_id)} for minute in range(501)]

    assert 422 == api.ask("POST", "/api/v1/me/positions", ada, json={"positions": batch}).status_code


def test_two_devices_at_once_lose_nothing(api: Api) -> None:
    """The newest of all holds, whichever request is written last."""
    ada, book_id = api.user(), publish_book(api.settings)
    reports = [_report(minute, seconds=minute * 90, device=f"device {minute}") for minute in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda report: api.ask("PUT", _path(book_id), ada, json=report), reports))

    assert {200} == {answer.status_code for answer in answers}
    assert 630 == api.ask("GET", _path(book_id), ada).json()["seconds"]
    assert {f"device {minute}" for minute in range(7)} == {lost["device"] for lost in _history(api, ada, book_id)}


def test_a_place_is_inside_its_chapter(api: Api) -> None:
    """At its end at most; a chapter that the book does not have is refused."""
    ada, book_id = api.user(), publish_book(api.settings)
    held = _put(api, ada, book_id, _report(1, 1, 5_000))

    assert (1200, 1200, 50) == (held["seconds"], held["seconds_from_start"], held["percent"])
    assert (404, "CHAPTER_NOT_FOUND") == code(api.ask("PUT", _path(book_id), ada, json=_report(2, 9)))


def test_a_finished_book_is_unfinished_by_playing_alone(api: Api) -> None:
    """Many players go back to the start by themselves at the end."""
    ada, book_id = api.user(), publish_book(api.settings)
    reports = [_report(1, 3, 1195), _report(2, 1, 0), _report(3, 1, 5, is_playing=True), _report(4, is_finished=True)]
    finished = [_put(api, ada, book_id, report)["is_finished"] for report in reports]

    assert [True, True, False, True] == finished


def test_a_deleted_position_is_in_the_history(api: Api) -> None:
    """What an offline device reports from before does not bring it back."""
    ada, book_id = api.user(), publish_book(api.settings)
    _put(api, ada, book_id, _report(1))
    deleted = api.ask("DELETE", _path(book_id), ada)
    older = api.ask("PUT", _path(book_id), ada, json=_report(2, device="tablet"))

    assert 204 == deleted.status_code
    assert (404, "POSITION_NOT_FOUND") == code(older)
    assert (404, "POSITION_NOT_FOUND") == code(api.ask("GET", _path(book_id), ada))
    assert {"deleted", "older"} == {lost["why"] for lost in _history(api, ada, book_id)}
    assert 5 == _put(api, ada, book_id, {"chapter_number": 1, "seconds": 5})["seconds"]


def test_a_book_that_is_made_again_is_found_at_its_place(api: Api) -> None:
    """Deleted and made again, it has another id."""
    ada, book_id = api.user(), publish_book(api.settings)
    _put(api, ada, book_id, _report(1))
    assert 204 == api.ask("DELETE", f"/api/v1/books/{book_id}", ada).status_code
    gone = api.ask("GET", "/api/v1/me/positions", ada).json()
    again = publish_book(api.settings)

    assert (0, []) == (gone["total"], gone["items"])
    assert again != book_id
    assert 100 == api.ask("GET", _path(again), ada).json()["seconds"]


def test_positions_are_ones_own(api: Api) -> None:
    """Another person has none in the same book."""
    ada, bob, book_id = api.user(), api.user("bob"), publish_book(api.settings)
    _put(api, ada, book_id, _report(1))

    assert (404, "POSITION_NOT_FOUND") == code(api.ask("GET", _path(book_id), bob))
    assert [] == _history(api, bob, book_id)
    assert (404, "BOOK_NOT_FOUND") == code(api.ask("GET", _path(uuid4()), bob))


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("listen", 200)])
def test_a_player_with_a_token_to_listen_keeps_places(api: Api, scope: str, status: int) -> None:
    """With one to read it does not."""
    ada, book_id = api.user(), publish_book(api.settings)
    token = api.ask("POST", "/api/v1/auth/tokens", ada, json={"name": "player", "scope": scope}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}

    assert status == api.client.put(_path(book_id), json=_report(1), headers=headers).status_code


def test_a_list_costs_the_same_for_any_number_of_books(api: Api) -> None:
    """Statements, for a page of one and of six."""
    ada = api.user()
    counts = []
    for numbers in (range(1), range(1, 6)):
        for number in numbers:
            _put(api, ada, publish_book(api.settings, numbered_book(number)), _report(number))
        with statements_of_requests(api, "positions", "books", "chapters") as statements:
            listed = api.ask("GET", "/api/v1/me/positions", ada).json()
        counts.append(len(statements))

    times = [item["client_time"] for item in listed["items"]]
    assert (6, sorted(times, reverse=True)) == (listed["total"], times)
    assert counts[0] == counts[1]
