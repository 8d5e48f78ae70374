"""Lists of items as apps that know Audiobookshelf filter and sort them."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.client import offline_settings, serving_api
from tests.api.factories import numbered_book, publish_book
from tests.api.test_audiobookshelf import App, app_of

COUNT = 4


@pytest.fixture
def library(tmp_path: Path, database_url: str) -> Iterator[tuple[App, str]]:
    """An app, and the path of a library of four books by other authors, and of one without a clip."""
    with serving_api(offline_settings(tmp_path / "home", database_url)) as api:
        for number in range(COUNT):
            facts: dict[str, Any] = {"title": f"Title {number}", "authors": (f"Author {9 - number}",)}
            publish_book(api.settings, numbered_book(number, language="en" if number else "de", **facts))
        publish_book(api.settings, numbered_book(9, title="Silent"), {"Unknown": None})
        app = app_of(api)
        yield app, f"/api/libraries/{app.get('/api/libraries')['libraries'][0]['id']}"


def filtered(group: str, value: str) -> str:
    """A filter as apps write it."""
    return f"{group}.{b64encode(value.encode()).decode()}"


def titles(page: dict[str, Any]) -> list[str]:
    """The titles on a page."""
    return [item["media"]["metadata"]["title"] for item in page["results"]]


def test_lists_are_sorted(library: tuple[App, str]) -> None:
    """Both ways, by title for a word that nobody knows; a book of which nothing can be heard is in none."""
    app, path = library
    by_title = [f"Title {number}" for number in range(COUNT)]

    for sort, expected in [
        ("", by_title),
        ("media.metadata.title", by_title),
        ("unknown", by_title),
        ("addedAt", by_title),
        ("media.metadata.authorName", by_title[::-1]),
    ]:
        rising, falling = (app.get(f"{path}/items?sort={sort}&desc={desc}") for desc in (0, 1))
        assert (expected, expected[::-1], COUNT) == (titles(rising), titles(falling), rising["total"])


def test_lists_are_filtered(library: tuple[App, str]) -> None:
    """By progress, language and author; what no book has leaves none, and what cannot be read neither."""
    app, path = library
    begun = app.get(f"{path}/items")["results"][1]["id"]
    app.send("PATCH", f"/api/me/progress/{begun}", json={"currentTime": 60})
    author = app.get(f"{path}/filterdata")["authors"][0]["id"]

    found = [
        app.send("GET", f"{path}/items", params={"filter": wanted}).json()["total"]
        for wanted in (
            filtered("progress", "in-progress"),
            filtered("progress", "finished"),
            filtered("progress", "not-started"),
            filtered("progress", "not-finished"),
            filtered("progress", "\0"),
            filtered("languages", "de"),
            filtered("authors", author),
            filtered("series", "any"),
            "progress.%%%",
            "languages.\u00e9",
        )
    ]

    assert [1, 0, COUNT - 1, COUNT, 0, 1, 1, 0, 0, 0] == found


@pytest.mark.parametrize("groups", ["series", "collections", "playlists"])
def test_there_are_no_groups(library: tuple[App, str], groups: str) -> None:
    """Apps ask for them and show nothing."""
    app, path = library

    assert ([], 0) == ((page := app.get(f"{path}/{groups}?limit=10&page=0"))["results"], page["total"])
