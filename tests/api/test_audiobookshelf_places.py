"""Places, bookmarks and sessions of apps that know Audiobookshelf."""

import time
from typing import Any
from uuid import uuid4

import pytest

from tests.api.client import Api
from tests.api.factories import publish_book
from tests.api.test_audiobookshelf import LENGTH, App, app_of

NOBODYS = "9d0c6a34-6b1f-4c3e-8a57-1f6f6f1d2c3b"


def local(item: object, **more: Any) -> dict[str, Any]:
    """A session of an app that was offline an hour ago, with fields that nobody reads."""
    hour_ago = round(time.time() * 1000) - 3_600_000
    times = {"startedAt": hour_ago - 60_000, "updatedAt": hour_ago, "startTime": 40, "currentTime": 100}
    return {"id": str(uuid4()), "libraryItemId": str(item), "timeListening": 60, "mediaType": "book", **times, **more}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/api/libraries/{NOBODYS}"),
        ("GET", f"/api/libraries/{NOBODYS}/items"),
        ("GET", f"/api/items/{NOBODYS}"),
        ("GET", f"/api/items/{NOBODYS}/cover"),
        ("GET", f"/api/items/{NOBODYS}/file/{NOBODYS}"),
        ("POST", f"/api/items/{NOBODYS}/play"),
        ("GET", f"/api/session/{NOBODYS}"),
        ("POST", f"/api/session/{NOBODYS}/close"),
        ("GET", f"/api/me/progress/{NOBODYS}"),
        ("DELETE", f"/api/me/progress/{NOBODYS}"),
        ("DELETE", f"/api/me/item/{NOBODYS}/bookmark/3"),
    ],
)
def test_what_is_unknown_is_not_found(api: Api, method: str, path: str) -> None:
    """The error is plain text, which apps show."""
    answer = app_of(api).send(method, path)

    assert (404, "text/plain") == (answer.status_code, answer.headers["Content-Type"].partition(";")[0])
    assert answer.text.endswith(".")


def test_a_file_belongs_to_its_item(api: Api) -> None:
    """An address that was put together is none."""
    item, app = publish_book(api.settings), app_of(api)
    file = app.get(f"/api/items/{item}")["media"]["tracks"][0]["ino"]

    assert app.send("GET", f"/api/items/{NOBODYS}/file/{file}").status_code == 404


def test_a_session_is_its_owners(api: Api) -> None:
    """For others there is none, and nothing changes."""
    item, ada, bob = publish_book(api.settings), app_of(api), app_of(api, "bob")
    session = ada.send("POST", f"/api/items/{item}/play").json()["id"]
    sent = {"currentTime": 100, "timeListened": 10}

    answers = [bob.send("POST", f"/api/session/{session}/{call}", json=sent) for call in ("sync", "close")]

    assert [404, 404, 404] == [
        *(each.status_code for each in answers),
        bob.send("GET", f"/api/session/{session}").status_code,
    ]
    assert [[], []] == [app.get("/api/me")["mediaProgress"] for app in (ada, bob)]


def test_sessions_of_a_device_that_was_offline(api: Api) -> None:
    """In any order, twice, and with a book that is gone; what is newer than a place replaces it."""
    item, app = publish_book(api.settings), app_of(api)
    newest = local(item, currentTime=200, updatedAt=round(time.time() * 1000) - 1000)
    sent = [newest, local(NOBODYS), local(item, id="play_local_1")]

    answers = [
        app.send("POST", "/api/session/local-all", json={"sessions": sent, "deviceInfo": {"model": "Phone"}}).json()
        for _ in range(2)
    ]

    assert [[True, False, True]] * 2 == [[each["success"] for each in answer["results"]] for answer in answers]
    assert app.get(f"/api/me/progress/{item}")["currentTime"] == 200
    listed = app.get("/api/me/listening-sessions?itemsPerPage=1&page=1")
    assert (2, 2, [60.0]) == (
        listed["total"],
        listed["numPages"],
        [each["timeListening"] for each in listed["sessions"]],
    )
    assert app.send("POST", "/api/session/local", json=local(NOBODYS)).status_code == 404
    assert app.send("POST", "/api/session/local", json=newest).status_code == 200


def test_an_item_that_can_be_none_is_refused_alone(api: Api) -> None:
    """What an app kept from another server keeps nothing else from being taken."""
    item, app = publish_book(api.settings), app_of(api)

    results = app.send(
        "POST", "/api/session/local-all", json={"sessions": [local("local_5"), local(None), local(item)]}
    ).json()["results"]

    assert [False, False, True] == [each["success"] for each in results]


def test_places_in_several_books(api: Api) -> None:
    """Those that are not in the library are left out; more than 500 are refused."""
    item, app = publish_book(api.settings), app_of(api)
    sent = [{"libraryItemId": str(item), "currentTime": 30}, {"libraryItemId": NOBODYS}, {"libraryItemId": "x"}, {}]

    answers = [app.send("PATCH", "/api/me/progress/batch/update", json=each) for each in (sent, [{}] * 501)]

    assert [(200, ""), 413] == [(answers[0].status_code, answers[0].text), answers[1].status_code]
    assert app.get(f"/api/me/progress/{item}")["currentTime"] == 30


def test_time_listened_is_told_by_day(api: Api) -> None:
    """As an app counted it."""
    item, app = publish_book(api.settings), app_of(api)
    session = app.send("POST", f"/api/items/{item}/play").json()["id"]
    app.send("POST", f"/api/session/{session}/sync", json={"currentTime": 30, "timeListened": 25})

    stats = app.get("/api/me/listening-stats")

    assert (25, [25]) == (stats["totalTime"], list(stats["days"].values()))


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/api/session/local-all", {"sessions": [local(NOBODYS)] * 501}),
        ("/api/items/batch/get", {"libraryItemIds": [NOBODYS] * 501}),
        ("/api/session/local", local(NOBODYS, currentTime=-1)),
        ("/api/session/local", local(NOBODYS, updatedAt=1e17)),
    ],
)
def test_what_is_too_large_is_refused(api: Api, path: str, sent: dict[str, Any]) -> None:
    """With the field that is wrong."""
    assert app_of(api).send("POST", path, json=sent).status_code in {400, 422}


def test_an_offline_place_that_is_older_does_not_win(api: Api) -> None:
    """By the device's clock."""
    item, app = publish_book(api.settings), app_of(api)
    app.send("PATCH", f"/api/me/progress/{item}", json={"currentTime": 700})

    app.send("POST", "/api/session/local", json=local(item))

    assert app.get(f"/api/me/progress/{item}")["currentTime"] == 700


def test_a_book_is_finished_and_begun_anew(api: Api) -> None:
    """As apps say it, in a request with nothing else."""
    item, app = publish_book(api.settings), app_of(api)
    shown = []
    for change in ({"progress": 0.5}, {"isFinished": True}, {"isFinished": False}):
        app.send("PATCH", f"/api/me/progress/{item}", json=change)
        progress = app.get(f"/api/me/progress/{item}")
        shown.append((progress["currentTime"], progress["progress"], progress["isFinished"]))

    assert [(LENGTH / 2, 0.5, False), (LENGTH / 2, 1, True), (0, 0, False)] == shown
    app.send("DELETE", f"/api/me/progress/{item}")
    assert app.send("GET", f"/api/me/progress/{item}").status_code == 404


def test_bookmarks(api: Api) -> None:
    """Set, renamed and deleted by their second."""
    item, app = publish_book(api.settings), app_of(api)
    address = f"/api/me/item/{item}/bookmark"

    app.send("POST", address, json={"time": 1300.4, "title": "Here"})
    app.send("POST", address, json={"time": 20, "title": "There"})
    renamed = app.send("PATCH", address, json={"time": 1300, "title": "Deltas begin"}).json()

    assert (1300, "Deltas begin") == (renamed["time"], renamed["title"])
    assert [20, 1300] == [each["time"] for each in app.get("/api/me")["bookmarks"]]
    deleted = [app.send("DELETE", f"{address}/{second}").status_code for second in ("1300", "1300", "nan", "20")]
    assert ([200, 404, 404, 200], []) == (deleted, app.get("/api/me")["bookmarks"])


def test_what_was_begun_is_on_the_shelves(api: Api) -> None:
    """The start page of an app, the list of what was begun, and the search."""
    item, app = publish_book(api.settings), app_of(api)
    library = app.get("/api/libraries")["libraries"][0]["id"]
    app.send("PATCH", f"/api/me/progress/{item}", json={"currentTime": 700})

    shelves = app.get(f"/api/libraries/{library}/personalized")

    assert ["continue-listening", "recently-added"] == [shelf["id"] for shelf in shelves]
    assert [str(item)] == [each["id"] for each in app.get("/api/me/items-in-progress")["libraryItems"]]
    found = [app.get(f"/api/libraries/{library}/search?q={words}")["book"] for words in ("rivers", "mountains")]
    assert [[str(item)], []] == [[each["libraryItem"]["id"] for each in books] for books in found]
    batch = app.send("POST", "/api/items/batch/get", json={"libraryItemIds": [NOBODYS, str(item)]}).json()
    assert [str(item)] == [each["id"] for each in batch["libraryItems"]]


def test_apps_need_a_token(api: Api) -> None:
    """Nothing but the login, the state of the server and covers is for everybody."""
    item = publish_book(api.settings)
    app = App(api)

    paths = ["/api/me", "/api/libraries", f"/api/items/{item}", "/api/authorize", "/ping"]

    assert [401, 401, 401, 401, 200] == [app.send("GET", path).status_code for path in paths]
