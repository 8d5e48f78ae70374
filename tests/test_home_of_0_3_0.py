"""A home that version 0.3.0 made is opened by this one: books, clips, users, jobs and paid answers are all there.

`fixtures/home-0.3.0.tar.xz` is what version 0.3.0 left in BOOKBYTES_HOME after `bookbytes process` with these fakes, an
attached EPUB, and two requests over HTTP, the second of which was still pending.
"""

import json
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.library.queries import book_by_isbn
from tests.api.client import PASSWORD, Api, offline_settings, serving_api
from tests.cli_runner import CHAPTERS, CHAPTERS_ONLY, ISBN, KEY, Servers, bookbytes, in_process, online, providers
from tests.fakes.google_translate import GoogleTranslate
from tests.fakes.openai_api import Canned, OpenAIApi

ARCHIVE = Path(__file__).parent / "fixtures" / "home-0.3.0.tar.xz"
OTHER_ISBN = "9780140328721"
CLIPS = {"01-c8a895e5b8e5a513.mp3", "02-5b54ea48aea065df.mp3", "03-34a22b2a21e52f89.mp3"}

GOOD = (
    "Water gathers in a bog before it runs anywhere. A thread of it leaves the moss at the lowest point, and others "
    "join it further down the slope. Where the rock is hard the stream falls over steps, and where it is soft it digs."
)


class Home(NamedTuple):
    """The unpacked home, and the providers that its book was made with."""

    path: Path
    servers: Servers


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh copy, with providers that would answer as they did then."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    model, narrator = OpenAIApi(KEY, longest=14), GoogleTranslate()
    with providers(chapters=CHAPTERS[:3], model=model, narrator=narrator) as servers:
        yield Home(tmp_path / "home-0.3.0", servers)


@pytest.fixture
def api(home: Home) -> Iterator[Api]:
    """The API on that home."""
    with serving_api(offline_settings(home.path)) as running:
        yield running


def test_good_answers_of_then_are_not_paid_for_again(home: Home) -> None:
    """Each is found again under its key. Those of the fixture have fourteen words, so longer ones take their place."""
    answers = [*(home.path / "store" / "remembered" / "chapter_summary").iterdir()]
    for answer in answers:
        content = json.loads(answer.read_text())
        content["content"]["summary"] = GOOD
        answer.write_text(json.dumps(content))

    run = bookbytes("process", ISBN, env=online(home.path, home.servers, SUMMARY_MINUTES="3", **CHAPTERS_ONLY))

    assert run.returncode == 0, run.stderr
    assert (3, 0) == (len(answers), home.servers.writings)
    with closing(Database(f"sqlite:///{home.path}/library.db")) as database, database.session() as session:
        book = session.scalars(book_by_isbn(ISBN)).one()
        assert {(GOOD, ())} == {(chapter.summary, tuple(chapter.review_reasons)) for chapter in book.chapters}


def test_poor_answers_of_then_are_asked_for_once_more(home: Home) -> None:
    """Where no better one comes, answers and clips stay as they are, and are marked: nothing is spoken again."""
    refusal = {"error": {"message": "no", "type": "invalid_request_error", "code": "content_policy_violation"}}
    home.servers.model.script.extend([Canned(400, refusal)] * 3)

    run = in_process("process", ISBN, env=online(home.path, home.servers, SUMMARY_MINUTES="3", **CHAPTERS_ONLY))

    assert run.returncode == 0, run.stderr
    assert (3, 0) == (home.servers.writings, home.servers.recordings)
    assert CLIPS == {clip.name for clip in (home.path / "store" / "chapter_audio" / ISBN).iterdir()}
    assert run.stdout.count("It is too short: 14 words") == 3


def test_only_the_summary_of_the_book_is_new(home: Home) -> None:
    """By default it is made when the book is processed again, with one call and one clip, once."""
    env = online(home.path, home.servers)
    first = in_process("process", ISBN, env=env)
    calls = home.servers.writings, home.servers.recordings
    second = in_process("process", ISBN, env=env)

    assert (0, 0) == (first.returncode, second.returncode), first.stderr + second.stderr
    assert calls == (home.servers.writings, home.servers.recordings)
    asked = [request for request in home.servers.model.requests if "summaries of its chapters" in str(request)]
    assert 1 <= len(asked) <= 2


def test_the_book_is_in_the_library(home: Home) -> None:
    """It is listed with its title and all of its clips."""
    run = bookbytes("show", ISBN, env=online(home.path, home.servers))

    assert (0, "") == (run.returncode, run.stderr)
    assert all(chapter in run.stdout for chapter in CHAPTERS[:3])
    assert "needs review" not in run.stdout


def test_the_summaries_have_no_passages(home: Home) -> None:
    """They are from memory; a summary that 0.3.0 made of a text would be said to be of an older version."""
    run = in_process("show", ISBN, "--evidence", env=online(home.path, home.servers))

    assert (0, 3) == (run.returncode, run.stdout.count("No passages: from memory."))


def test_users_and_their_jobs_are_there(api: Api) -> None:
    """Who signed up then logs in now, and finds the finished job and the pending one."""
    jobs = api.client.get("/api/v1/jobs", headers=_logged_in(api)).json()["items"]

    assert {ISBN: "completed", OTHER_ISBN: "pending"} == {job["isbn"]: job["status"] for job in jobs}


def test_the_book_has_the_fields_that_are_new(api: Api) -> None:
    """Nothing was found wrong with it, nobody chose its length, and there are no passages and no summary of it."""
    headers = _logged_in(api)
    book = api.client.get(f"/api/v1/books/isbn/{ISBN}", headers=headers).json()
    evidence = [
        api.client.get(f"/api/v1/chapters/{chapter['id']}/evidence", headers=headers).json()
        for chapter in book["chapters"]
    ]

    assert (False, None, None) == (book["needs_review"], book["minutes"], book["book_summary"])
    assert [(False, [])] * 3 == [(chapter["needs_review"], chapter["review_reasons"]) for chapter in book["chapters"]]
    assert [("model_memory", [])] * 3 == [(answer["grounding"], answer["sentences"]) for answer in evidence]
    listed = [
        api.client.get("/api/v1/books", headers=headers, params={"needs_review": wanted}).json()["total"]
        for wanted in ("true", "false")
    ]
    assert [0, 1] == listed


def test_the_clips_are_played(api: Api) -> None:
    """The library's rows lead to the clips in the store."""
    headers = _logged_in(api)
    book = api.client.get(f"/api/v1/books/isbn/{ISBN}", headers=headers).json()

    sizes = [len(api.client.get(chapter["audio_url"], headers=headers).content) for chapter in book["chapters"]]
    assert [23836, 23823, 23833] == sizes


def _logged_in(api: Api) -> dict[str, str]:
    """The headers of the user who signed up then."""
    login = {"email": "ada@example.org", "password": PASSWORD}
    token = api.client.post("/api/v1/auth/login", json=login).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}
