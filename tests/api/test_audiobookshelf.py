"""The library for apps that know Audiobookshelf: the calls that readest makes, at both addresses."""

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.api.client import PASSWORD, Api, User, offline_settings, serving_api
from tests.api.factories import RIVERS, SOUND, numbered_book, publish_book
from tests.s3 import S3Server

LENGTH = 2 * len(SOUND) * 0.6
"""Of the published book, in seconds: two of its chapters have a clip."""
DEVICE = {"deviceInfo": {"clientName": "Readest", "deviceId": "of the test"}, "mediaPlayer": "html5"}


class App:
    """An app that has the address of a server, a name and a password, like readest."""

    def __init__(self, api: Api, prefix: str = "/audiobookshelf", email: str = "ada@example.org") -> None:
        self.api, self.prefix, self.email = api, prefix, email
        self.headers: dict[str, str] = {}

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request with the access token."""
        headers = {**self.headers, **more.pop("headers", {})}
        return self.api.ask(method, self.prefix + path, headers=headers, **more)

    def get(self, path: str) -> Any:
        """The JSON of an answer."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def log_in(self, password: str = PASSWORD) -> Any:
        """Log in, and send the access token from now on."""
        answer = self.send("POST", "/login", json={"username": self.email, "password": password})
        assert answer.status_code == 200, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json()['user']['accessToken']}"}
        return answer.json()


def app_of(api: Api, name: str = "ada") -> App:
    """An app with the token of a new user."""
    app, user = App(api), api.user(name)
    app.headers = dict(user.headers)
    return app


@pytest.mark.parametrize("prefix", ["/audiobookshelf", ""])
def test_readest_finds_and_plays_a_book(tmp_path: Path, database_url: str, prefix: str) -> None:
    """All of its calls, in its order, at the prefix and at the root."""
    with serving_api(offline_settings(tmp_path / "home", database_url, abs_api=True)) as api:
        item = str(publish_book(api.settings))
        api.user("ada")
        app = App(api, prefix)

        first = app.log_in()
        refreshed = app.send("POST", "/auth/refresh", headers={"x-refresh-token": first["user"]["refreshToken"]})
        app.headers = {"Authorization": f"Bearer {refreshed.json()['user']['accessToken']}"}
        assert app.send("GET", "/api/authorize").status_code == 200
        [library] = app.get("/api/libraries")["libraries"]
        listed = app.get(f"/api/libraries/{library['id']}/items?limit=100&page=0")
        assert (1, [item]) == (listed["total"], [each["id"] for each in listed["results"]])
        media = app.get(f"/api/items/{item}?expanded=1")["media"]
        assert [("Springs", 0, LENGTH / 2), ("Deltas", LENGTH / 2, LENGTH)] == [
            (chapter["title"], chapter["start"], chapter["end"]) for chapter in media["chapters"]
        ]
        assert app.get("/api/me")["mediaProgress"] == []
        session = app.send("POST", f"/api/items/{item}/play", json=DEVICE).json()
        assert (0, "Readest") == (session["currentTime"], session["deviceInfo"]["clientName"])
        sent = {"currentTime": 1300.5, "timeListened": 15, "duration": LENGTH}
        synced = app.send("POST", f"/api/session/{session['id']}/sync", json=sent)
        closed = app.send("POST", f"/api/session/{session['id']}/close", json={**sent, "currentTime": 1310.5})
        assert [(200, ""), (200, "")] == [(each.status_code, each.text) for each in (synced, closed)]
        [place] = app.get("/api/me")["mediaProgress"]
        assert (item, 1310.5, LENGTH, False) == tuple(
            place[name] for name in ("libraryItemId", "currentTime", "duration", "isFinished")
        )
        change = {"currentTime": 20, "duration": LENGTH, "progress": 20 / LENGTH}
        assert (200, "") == (
            (patched := app.send("PATCH", f"/api/me/progress/{item}", json=change)).status_code,
            patched.text,
        )
        assert app.get(f"/api/me/progress/{item}")["currentTime"] == 20
        cover = api.client.get(f"{prefix}/api/items/{item}/cover")
        assert (200, "image/jpeg") == (cover.status_code, cover.headers["Content-Type"])


def test_nothing_is_at_the_root_unless_the_settings_say_so(api: Api) -> None:
    """The prefix always works."""
    assert [200, 404] == [api.client.get(f"{prefix}/ping").status_code for prefix in ("/audiobookshelf", "")]
    assert api.client.get("/audiobookshelf/status").json()["app"] == "audiobookshelf"


def test_another_app_finds_the_place(api: Api) -> None:
    """It begins to play where the first one stopped, and our own API knows the place by its chapter."""
    item = publish_book(api.settings)
    user = api.user("ada")
    first, second = App(api), App(api)
    first.log_in()
    played = first.send("POST", f"/api/items/{item}/play", json=DEVICE).json()
    first.send("POST", f"/api/session/{played['id']}/sync", json={"currentTime": 1500, "timeListened": 300})

    second.log_in()

    assert second.send("POST", f"/api/items/{item}/play").json()["currentTime"] == 1500
    position = api.ask("GET", f"/api/v1/me/positions/{item}", user).json()
    assert (3, 300.0) == (position["chapter_number"], position["seconds"])


def test_a_clip_is_played_by_its_address(api: Api) -> None:
    """Whole, in parts and by HEAD, with the token of a login or a personal one; with no other."""
    item, user = publish_book(api.settings), api.user()
    app = App(api)
    token = app.log_in()["user"]["accessToken"]
    made = {"name": "Player", "scope": "listen"}
    personal = api.ask("POST", "/api/v1/auth/tokens", user, json=made).json()["token"]
    address = "/audiobookshelf" + app.get(f"/api/items/{item}")["media"]["tracks"][1]["contentUrl"]

    for valid in (token, personal):
        whole = api.client.get(address, params={"token": valid})
        part = api.client.get(address, params={"token": valid}, headers={"Range": "bytes=10-19"})
        head = api.client.head(address, params={"token": valid})
        assert [(200, SOUND[::-1]), (206, SOUND[::-1][10:20])] == [
            (each.status_code, each.content) for each in (whole, part)
        ]
        assert (200, str(len(SOUND)), "no-referrer") == (
            head.status_code,
            head.headers["Content-Length"],
            head.headers["Referrer-Policy"],
        )
    assert [401, 401, 401] == [
        api.client.get(address, params=query).status_code
        for query in ({}, {"token": "no token"}, {"token": "bookbytes_unknown"})
    ]
    app.api.ask("POST", "/api/v1/auth/logout", headers=app.headers)
    assert api.client.get(address, params={"token": token}).status_code == 401


def test_the_token_of_a_login_in_an_address_opens_nothing_else(api: Api) -> None:
    """Addresses are logged and shared; only a player needs them."""
    publish_book(api.settings)
    api.user()
    app = App(api)
    token = app.log_in()["user"]["accessToken"]

    paths = ["/audiobookshelf/api/me", "/api/v1/books", "/api/v1/auth/me"]

    assert [401] * 3 == [api.client.get(path, params={"token": token}).status_code for path in paths]


def test_a_clip_in_a_bucket_is_a_redirect(s3: S3Server, tmp_path: Path) -> None:
    """The bucket sends ranges itself."""
    with serving_api(offline_settings(tmp_path, **s3.settings(s3_link_seconds=90))) as api:
        item, app = publish_book(api.settings), app_of(api)
        track = app.get(f"/api/items/{item}")["media"]["tracks"][0]

        answer = app.send("GET", track["contentUrl"], follow_redirects=False)

    assert (307, SOUND) == (answer.status_code, httpx.get(answer.headers["Location"]).content)


def test_pages_hold_every_item_once(api: Api) -> None:
    """Pages are counted from 0; without a limit there is one page."""
    books = [publish_book(api.settings, numbered_book(number, title=f"Book {number}")) for number in range(5)]
    app = app_of(api)
    library = app.get("/api/libraries")["libraries"][0]["id"]

    pages = [app.get(f"/api/libraries/{library}/items?limit=2&page={page}&minified=1") for page in range(4)]
    whole = app.get(f"/api/libraries/{library}/items")
    newest = app.get(f"/api/libraries/{library}/items?sort=addedAt&desc=1&limit=1")

    assert [[0, 1], [2, 3], [4], []] == [[books.index(UUID(item["id"])) for item in page["results"]] for page in pages]
    assert {5} == {page["total"] for page in (*pages, whole)}
    assert 5 == len(whole["results"])
    assert [str(books[4])] == [item["id"] for item in newest["results"]]


def test_a_partial_book_has_the_chapters_that_are_ready(api: Api) -> None:
    """Chapters without a clip are neither tracks nor chapters."""
    item = publish_book(api.settings, RIVERS, {"Springs": SOUND, "Rapids": None, "Deltas": None})

    media = app_of(api).get(f"/api/items/{item}")["media"]

    assert (["Springs"], 1, LENGTH / 2) == (
        [chapter["title"] for chapter in media["chapters"]],
        len(media["tracks"]),
        media["duration"],
    )


def test_a_personal_token_is_a_password(api: Api) -> None:
    """It is what the app sends from then on, if it allows listening."""
    item, user = publish_book(api.settings), api.user()
    statuses = []
    for scope in ("listen", "read"):
        app = App(api, email="anything")
        made = api.ask("POST", "/api/v1/auth/tokens", user, json={"name": scope, "scope": scope}).json()
        app.log_in(made["token"])
        statuses.append(app.send("PATCH", f"/api/me/progress/{item}", json={"currentTime": 3}).status_code)

    assert [200, 403] == statuses


def test_logging_out_ends_the_session(api: Api) -> None:
    """Apps send nothing but the refresh token; again, or with another text, nothing happens."""
    api.user()
    app = App(api)
    refresh = {"x-refresh-token": app.log_in()["user"]["refreshToken"]}

    outs = [
        app.send("POST", "/logout", headers=headers).status_code
        for headers in (refresh, refresh, {"x-refresh-token": "none"})
    ]

    assert [200, 200, 200] == outs
    assert app.send("GET", "/api/me").status_code == 401
    assert app.send("POST", "/auth/refresh", headers=refresh).status_code == 401


def test_passwords_are_not_guessed_here_either(api: Api) -> None:
    """An attempt counts for both logins."""
    api.user()
    wrong = {"username": "ada@example.org", "password": "a wrong password"}

    here = [api.client.post("/audiobookshelf/login", json=wrong).status_code for _ in range(5)]
    there = api.client.post("/api/v1/auth/login", json={"email": "ada@example.org", "password": PASSWORD})

    assert ([401] * 5, 429) == (here, there.status_code)


def test_a_user_of_our_api_is_known(api: Api) -> None:
    """Whoever has a token needs no password."""
    user: User = api.user()

    answer = api.ask("POST", "/audiobookshelf/api/authorize", user).json()

    assert (user.id, user.headers["Authorization"]) == (answer["user"]["id"], f"Bearer {answer['user']['token']}")
    assert answer["user"]["type"] == "user"  # of an administrator, too
