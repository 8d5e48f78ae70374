"""Clips of sessions that are open, which Audiobookshelf's own app plays without a token."""

from pathlib import Path
from uuid import UUID

import pytest

from bookbytes_api.accounts.models import UserRow
from tests.api.client import Api, offline_settings, serving_api
from tests.api.factories import SOUND, publish_book
from tests.api.test_audiobookshelf import App, app_of
from tests.s3 import S3Server


def played(app: App, item: object) -> tuple[str, str]:
    """The id of a new session, and the address of its tracks."""
    session = app.send("POST", f"/api/items/{item}/play").json()["id"]
    return session, f"/audiobookshelf/public/session/{session}/track"


def test_a_track_plays_while_its_session_is_open(api: Api) -> None:
    """Whole, by range, and its length is told before; there are as many as clips."""
    app, item = app_of(api), publish_book(api.settings)
    session, address = played(app, item)

    part = api.client.get(f"{address}/2", headers={"Range": "bytes=500-749"})
    head = api.client.head(f"{address}/1")

    assert (206, SOUND[::-1][500:750], "no-referrer") == (
        part.status_code,
        part.content,
        part.headers["Referrer-Policy"],
    )
    assert (200, str(len(SOUND))) == (head.status_code, head.headers["Content-Length"])
    assert [404, 404] == [api.client.get(f"{address}/{index}").status_code for index in (0, 3)]
    app.send("POST", f"/api/session/{session}/close")
    assert api.client.get(f"{address}/1").status_code == 404


def test_a_track_ends_with_the_account(api: Api) -> None:
    """From the next request on."""
    user = api.user("bob")
    app, item = App(api), publish_book(api.settings)
    app.headers = dict(user.headers)
    _, address = played(app, item)
    with api.database.session() as session:
        session.get_one(UserRow, UUID(user.id)).is_active = False

    assert api.client.get(f"{address}/1").status_code == 404


@pytest.mark.parametrize("guessed", [str(UUID(int=1)), "5f0c1c8a-3d5e-4e0b-9a59-64f3cf0e3a11"])
def test_an_id_that_is_no_secret_plays_nothing(api: Api, guessed: str) -> None:
    """One that a device counted, and one that nobody has."""
    user, item = api.user(), publish_book(api.settings)
    opened = api.ask("POST", "/api/v1/me/listening/sessions", user, json={"book_id": str(item), "id": str(UUID(int=1))})

    assert opened.status_code == 201
    assert api.client.get(f"/audiobookshelf/public/session/{guessed}/track/1").status_code == 404


def test_a_track_in_a_bucket_is_a_redirect(s3: S3Server, tmp_path: Path) -> None:
    """To a temporary address."""
    with serving_api(offline_settings(tmp_path, **s3.settings())) as api:
        _, address = played(app_of(api), publish_book(api.settings))

        answer = api.client.get(f"{address}/1", follow_redirects=False)

    assert (307, "no-referrer") == (answer.status_code, answer.headers["Referrer-Policy"])


def test_a_download_is_the_same_clip(api: Api) -> None:
    """Apps that keep clips ask for them at an address of its own."""
    app, item = app_of(api), publish_book(api.settings)
    address = app.get(f"/api/items/{item}")["media"]["tracks"][0]["contentUrl"]
    token = app.headers["Authorization"].removeprefix("Bearer ")

    answers = [api.client.get(f"/audiobookshelf{address}/download{query}") for query in ("", f"?token={token}")]

    assert (401, 200, SOUND) == (answers[0].status_code, answers[1].status_code, answers[1].content)
