"""A home that version 0.3.0 made is opened by this one: books, clips, users, jobs and paid answers are all there.

`fixtures/home-0.3.0.tar.xz` is what version 0.3.0 left in BOOKBYTES_HOME after `bookbytes process` with these fakes, an
attached EPUB, and two requests over HTTP, the second of which was still pending.
"""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.api.client import PASSWORD, Api, offline_settings, serving_api
from tests.cli_runner import CHAPTERS, ISBN, KEY, Servers, bookbytes, online, providers
from tests.fakes.google_translate import GoogleTranslate
from tests.fakes.openai_api import OpenAIApi
from tests.fakes.sound import mp3

ARCHIVE = Path(__file__).parent / "fixtures" / "home-0.3.0.tar.xz"
OTHER_ISBN = "9780140328721"
CLIPS = {"01-c8a895e5b8e5a513.mp3", "02-5b54ea48aea065df.mp3", "03-34a22b2a21e52f89.mp3"}


class Home(NamedTuple):
    """The unpacked home, and the providers that its book was made with."""

    path: Path
    servers: Servers


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh copy, with providers that would answer as they did then."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    model, narrator = OpenAIApi(KEY, longest=14), GoogleTranslate(audio=lambda _part: mp3(0.4))
    with providers(chapters=CHAPTERS[:3], model=model, narrator=narrator) as servers:
        yield Home(tmp_path / "home-0.3.0", servers)


@pytest.fixture
def api(home: Home) -> Iterator[Api]:
    """The API on that home."""
    with serving_api(offline_settings(home.path)) as running:
        yield running


def test_the_same_book_is_processed_again_without_paying(home: Home) -> None:
    """Every answer and every clip of then is found again under its key."""
    run = bookbytes("process", ISBN, env=online(home.path, home.servers))

    assert run.returncode == 0, run.stderr
    assert (0, 0) == (home.servers.writings, home.servers.recordings)
    assert CLIPS == {clip.name for clip in (home.path / "store" / "chapter_audio" / ISBN).iterdir()}


def test_the_book_is_in_the_library(home: Home) -> None:
    """It is listed with its title and all of its clips."""
    run = bookbytes("show", ISBN, env=online(home.path, home.servers))

    assert (0, "") == (run.returncode, run.stderr)
    assert all(chapter in run.stdout for chapter in CHAPTERS[:3])


def test_users_and_their_jobs_are_there(api: Api) -> None:
    """Who signed up then logs in now, and finds the finished job and the pending one."""
    login = {"email": "ada@example.org", "password": PASSWORD}
    token = api.client.post("/api/v1/auth/login", json=login).json()["access_token"]
    jobs = api.client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"}).json()["items"]

    assert {ISBN: "completed", OTHER_ISBN: "pending"} == {job["isbn"]: job["status"] for job in jobs}


def test_the_clips_are_played(api: Api) -> None:
    """The library's rows lead to the clips in the store."""
    login = {"email": "ada@example.org", "password": PASSWORD}
    token = api.client.post("/api/v1/auth/login", json=login).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    book = api.client.get(f"/api/v1/books/isbn/{ISBN}", headers=headers).json()

    sizes = [len(api.client.get(chapter["audio_url"], headers=headers).content) for chapter in book["chapters"]]
    assert [23836, 23823, 23833] == sizes
