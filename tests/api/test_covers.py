"""Covers by their address: from a folder and from a bucket, made once, and asked for again without being sent."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from PIL import Image

from bookbytes_pipeline.store.store import Store, open_store
from tests.api.client import Api, code, offline_settings, serving_api
from tests.api.factories import RIVERS, publish_book
from tests.covers.pictures import encoded, picture
from tests.epub.building import epub

MAX_BYTES = 512_000


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Api]:
    """The API of an empty library whose store is a folder or a bucket."""
    stored = request.getfixturevalue("s3").settings() if request.param == "bucket" else {}
    with serving_api(offline_settings(tmp_path / "home", **stored)) as running:
        yield running


def store_of(api: Api) -> Store:
    """The store that the API reads."""
    return open_store(api.settings.store_config)


def shown(content: bytes) -> Image.Image:
    """The cover as people see it."""
    return Image.open(BytesIO(content)).convert("RGB")


def test_a_book_without_a_cover_has_one_that_is_drawn(shelf: Api) -> None:
    """A square JPEG of 1400 pixels, the same the next time, and kept in the store."""
    ada, book = shelf.user(), publish_book(shelf.settings)

    first, second = (shelf.ask("GET", f"/api/v1/books/{book}/cover", ada) for _ in range(2))

    image = shown(first.content)
    assert (200, "image/jpeg", (1400, 1400)) == (first.status_code, first.headers["Content-Type"], image.size)
    assert len(first.content) <= MAX_BYTES
    assert first.content == second.content == store_of(shelf).covers.read(RIVERS.isbn)


def test_a_book_that_an_older_version_made_has_the_cover_of_its_text(shelf: Api) -> None:
    """It is taken from the attached EPUB when it is first asked for."""
    ada, book = shelf.user(), publish_book(shelf.settings)
    item = '<item id="c" href="c.jpg" media-type="image/jpeg" properties="cover-image"/>'
    text = epub({"a.xhtml": "<p>Text.</p>"}, manifest=item, extra={"OEBPS/c.jpg": encoded(picture(), "JPEG")})
    store_of(shelf).sources.write(RIVERS.isbn, text)

    image = shown(shelf.ask("GET", f"/api/v1/books/{book}/cover", ada).content)

    assert pytest.approx((220, 30, 30), abs=25) == image.getpixel((700, 300))
    assert pytest.approx((30, 30, 220), abs=25) == image.getpixel((700, 1100))


def test_a_copy_is_not_sent_again(shelf: Api) -> None:
    """As long as it has the same ETag; HEAD tells the length alone."""
    ada, book = shelf.user(), publish_book(shelf.settings)
    whole = shelf.ask("GET", f"/api/v1/books/{book}/cover", ada)

    same = shelf.ask("GET", f"/api/v1/books/{book}/cover", ada, headers={"If-None-Match": whole.headers["ETag"]})
    head = shelf.ask("HEAD", f"/api/v1/books/{book}/cover", ada)

    assert (304, b"") == (same.status_code, same.content)
    assert (200, b"", str(len(whole.content))) == (head.status_code, head.content, head.headers["Content-Length"])
    assert whole.headers["ETag"] == head.headers["ETag"] == same.headers["ETag"]


def test_a_cover_is_seen_by_its_address_alone(api: Api) -> None:
    """Lists and books have it; it is not passed on, and a changed one is refused."""
    ada = api.user()
    book = publish_book(api.settings)
    listed = api.ask("GET", "/api/v1/books", ada).json()["items"][0]["cover_image_url"]

    answer = api.ask("GET", listed)

    assert f"/api/v1/books/{book}/cover" == urlsplit(listed).path
    assert (200, "no-referrer") == (answer.status_code, answer.headers["Referrer-Policy"])
    assert listed == api.ask("GET", f"/api/v1/books/{book}", ada).json()["cover_image_url"]
    assert (401, "NOT_AUTHENTICATED") == code(api.ask("GET", listed[:-1] + ("0" if listed[-1] != "0" else "1")))
    assert (401, "NOT_AUTHENTICATED") == code(api.ask("GET", listed.replace(str(book), str(uuid4()))))


@pytest.mark.parametrize("scope", ["read", "listen"])
def test_a_token_in_the_address_is_enough(api: Api, scope: str) -> None:
    """To see a cover, a token needs to allow no listening."""
    ada, book = api.user(), publish_book(api.settings)
    token = api.ask("POST", "/api/v1/auth/tokens", ada, json={"name": "app", "scope": scope}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}

    assert 200 == api.ask("GET", f"/api/v1/books/{book}/cover?token={token}").status_code
    shown_to_it = api.ask("GET", f"/api/v1/books/{book}", headers=headers).json()["cover_image_url"]
    assert 200 == api.ask("GET", shown_to_it, headers=headers if scope == "read" else {}).status_code


def test_an_unknown_book_has_no_cover(api: Api) -> None:
    """The error says so."""
    assert (404, "BOOK_NOT_FOUND") == code(api.ask("GET", f"/api/v1/books/{uuid4()}/cover", api.user()))


def test_a_deleted_book_leaves_no_cover(shelf: Api) -> None:
    """Nothing else would ever delete it."""
    ada, book = shelf.user(), publish_book(shelf.settings, replace(RIVERS, title="On Lakes"))
    shelf.ask("GET", f"/api/v1/books/{book}/cover", ada)

    assert 204 == shelf.ask("DELETE", f"/api/v1/books/{book}", ada).status_code

    assert store_of(shelf).covers.read(RIVERS.isbn) is None
