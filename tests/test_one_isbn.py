"""The path of one ISBN, from a user's request to the clip that plays. Read this first.

`bookbytes serve` runs as users start it: API, code server, daemon and Dagster's UI as separate processes. The
providers are servers on loopback that behave like Open Library, an OpenAI-compatible API and Google Translate. The
tests are in the order of the steps; the result of each step is in `test_one_isbn_at_the_terminal.py`.
"""

import json
import threading
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, NamedTuple

import av
import feedparser
import httpx
import pytest
import webvtt

from bookbytes_pipeline.constants import STAGES
from tests.cli_runner import CHAPTERS, ISBN, KEY, TITLE, Servers, bookbytes, online, providers
from tests.fakes.openai_api import OpenAIApi
from tests.processes.served import Served, on_free_ports, served

ADA = {"email": "ada@example.org", "password": "correct horse battery"}


class RequestedBook(NamedTuple):
    """One book that a user requested: the servers, the response, and the events of the job.

    `early` is what could be had of it while its last chapter was still being written.
    """

    servers: Servers
    serve: Served
    client: httpx.Client
    accepted: httpx.Response
    early: "EarlyListener"
    events: list[dict[str, Any]]

    def get(self, path: str, **more: Any) -> httpx.Response:
        """The response of version 1 of the API to a GET of this path."""
        return self.client.get(f"/api/v1{path}", **more)


class EarlyListener:
    """Plays the first chapter that is ready, and lets the language model write the last one after that."""

    def __init__(self, client: httpx.Client, last_chapter: threading.Event) -> None:
        self._client, self._last_chapter = client, last_chapter
        self.job: dict[str, Any] = {}
        self.book: dict[str, Any] = {}
        self.clip: httpx.Response | None = None

    def see(self, job: dict[str, Any]) -> None:
        """Look at the job after a change."""
        ready = [chapter for chapter in job["chapters"] if chapter["state"] == "ready"]
        if self.clip is None and ready:
            self.clip = self._client.get(ready[0]["audio_url"])
            self.book = self._client.get(f"/api/v1/books/{job['book_id']}").json()
            self.job = self._client.get(f"/api/v1/jobs/{job['id']}").json()
            self._last_chapter.set()


@pytest.fixture(scope="module")
def requested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RequestedBook]:
    """Sign up, log in, request a book by its ISBN-10, and follow the events until it is completed.

    The last summary is only written once somebody listens to another chapter; without that the test fails by time-out.
    """
    home = tmp_path_factory.mktemp("home")
    last_chapter = threading.Event()
    model = OpenAIApi(KEY, held={f"Chapter {len(CHAPTERS)}: {CHAPTERS[-1]}": last_chapter})
    with (
        providers(model=model) as servers,
        served(on_free_ports(online(home, servers))) as serve,
        _client(serve) as client,
    ):
        assert client.post("/api/v1/auth/register", json=ADA).status_code == httpx.codes.CREATED
        token = client.post("/api/v1/auth/login", json=ADA).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        accepted = client.post("/api/v1/books/process", json={"isbn": "0-306-40615-2"})
        early, events = EarlyListener(client, last_chapter), []
        for job in _events(client, accepted.json()["job_id"]):
            early.see(job)
            events.append(job)
        yield RequestedBook(servers, serve, client, accepted, early, events)


def test_the_request_is_accepted_at_once(requested: RequestedBook) -> None:
    """Whatever was typed, the job is for the canonical ISBN-13, and is still pending."""
    assert (202, "pending", ISBN) == (requested.accepted.status_code, *list(requested.accepted.json().values())[1:])


def test_the_events_report_the_progress_of_the_job(requested: RequestedBook) -> None:
    """It goes through the steps in order, chapter by chapter, to 100 percent, and never back."""
    steps = list(dict.fromkeys(job["current_step"] for job in requested.events))
    progress = [job["progress"] for job in requested.events]

    in_order = list(dict.fromkeys(stage.current_step for stage in STAGES.values()))
    assert in_order == [step for step in steps if step in in_order]
    assert sorted(progress) == progress
    assert {*range(len(CHAPTERS) + 1)} == {job["chapters_done"] for job in requested.events}
    assert ("completed", 100) == (requested.events[-1]["status"], progress[-1])


def test_a_clip_plays_while_the_others_are_made(requested: RequestedBook) -> None:
    """The job is `processing`; the library has the chapters that are finished, and says that there are more."""
    early = requested.early
    states = [chapter["state"] for chapter in early.job["chapters"]]

    assert early.clip is not None
    assert (200, "audio/mpeg") == (early.clip.status_code, early.clip.headers["Content-Type"])
    assert ("processing", "generating_summaries") == (early.job["status"], early.job["current_step"])
    assert ("pending", True) == (states[-1], "ready" in states)
    assert [early.job["isbn"], "partial", len(CHAPTERS)] == [
        early.book[name] for name in ("isbn", "status", "number_of_chapters")
    ]
    assert 1 <= early.book["chapters_ready"] < len(CHAPTERS)


def test_the_book_is_in_the_library(requested: RequestedBook) -> None:
    """It is found by each of its ISBNs, with its own summary, its chapters in order and where these come from."""
    book = requested.get("/books/isbn/0306406152").json()

    assert (TITLE, "Ada Ford", ISBN) == (book["title"], book["author"], book["isbn"])
    assert list(CHAPTERS) == [chapter["title"] for chapter in book["chapters"]]
    assert {"model_memory"} == {chapter["grounding"] for chapter in book["chapters"]}
    assert (0, False, "model_memory") == tuple(
        book["book_summary"][name] for name in ("chapter_number", "needs_review", "grounding")
    )
    assert [book["id"]] == [found["id"] for found in requested.get("/books", params={"q": "rivers"}).json()["items"]]
    assert (book["id"], "complete") == (requested.events[-1]["book_id"], book["status"])
    assert [chapter["audio_url"] for chapter in book["chapters"]] == [
        chapter["audio_url"] for chapter in requested.events[-1]["chapters"]
    ]


def test_the_clip_plays_from_any_position(requested: RequestedBook, tmp_path: Path) -> None:
    """Two ranges together are the whole MP3, and it decodes."""
    chapter = requested.get("/books/isbn/0306406152").json()["chapters"][0]
    address = chapter["audio_url"].removeprefix("/api/v1")
    head = requested.client.head(chapter["audio_url"])
    halves = [requested.get(address, headers={"Range": f"bytes={part}"}) for part in ("0-49999", "50000-")]
    clip = tmp_path / "clip.mp3"
    clip.write_bytes(b"".join(half.content for half in halves))

    assert ("audio/mpeg", "bytes") == (head.headers["Content-Type"], head.headers["Accept-Ranges"])
    assert [206, 206] == [half.status_code for half in halves]
    assert int(head.headers["Content-Length"]) == clip.stat().st_size
    with av.open(str(clip)) as file:
        seconds = sum(frame.samples for frame in file.decode(audio=0)) / file.streams.audio[0].rate
    assert chapter["duration"] == pytest.approx(seconds, abs=0.1)


def test_the_book_has_a_cover_and_its_clip_says_its_summary(requested: RequestedBook) -> None:
    """Both by their address alone; every word of the summary is in the transcript, in order."""
    book = requested.get("/books/isbn/0306406152").json()
    chapter = book["chapters"][0]

    cover, transcript = (
        httpx.get(requested.client.base_url.join(url)) for url in (book["cover_image_url"], chapter["transcript_url"])
    )

    with av.open(BytesIO(cover.content)) as picture:
        assert (1400, 1400) == (picture.streams.video[0].width, picture.streams.video[0].height)
    captions = webvtt.from_buffer(StringIO(transcript.text)).captions
    said = " ".join(caption.raw_text for caption in captions)
    assert f"{chapter['title']} {chapter['summary']}".split() == said.split()


def test_the_next_request_is_completed_at_once(requested: RequestedBook) -> None:
    """The book is in the library: the job is completed immediately and no provider is called."""
    calls_before = requested.servers.writings

    second = requested.client.post("/api/v1/books/process", json={"isbn": ISBN}).json()

    assert "completed" == second["status"]
    assert calls_before == requested.servers.writings


def test_an_administrator_sees_what_the_request_cost(requested: RequestedBook) -> None:
    """There is one, which bought tokens and characters; asked again it was the same."""
    page = requested.client.get("/people/requests").text

    assert [1, 1, 1] == [page.count(words) for words in (ADA["email"], " tokens read, ", " characters spoken")]


def test_an_operator_queues_a_book_from_the_command_line(requested: RequestedBook) -> None:
    """`submit` starts a run without a job; cached answers are not requested again."""
    calls_before = requested.servers.writings

    queued = bookbytes("submit", ISBN, env=requested.serve.env)

    assert (0, "") == (queued.returncode, queued.stderr)
    assert f"{ISBN} is queued: http://127.0.0.1:{requested.serve.env['DAGSTER_UI_PORT']}/runs/" in queued.stdout
    run_id = queued.stdout.strip().rpartition("/")[2]
    assert run_id in {run["runId"] for run in requested.serve.runs()}
    assert calls_before == requested.servers.writings


def test_an_administrator_is_appointed_from_the_command_line(requested: RequestedBook) -> None:
    """Bob signs up as an ordinary user and is an administrator afterwards; an unknown user cannot be appointed."""
    bob = {"email": "bob@example.org", "password": "correct horse battery"}
    requested.client.post("/api/v1/auth/register", json=bob)
    token = requested.client.post("/api/v1/auth/login", json=bob).json()["access_token"]

    appointed = bookbytes("admin", "bob@example.org", env=requested.serve.env)
    unknown = bookbytes("admin", "nobody@example.org", env=requested.serve.env)

    own = requested.get("/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert (0, True) == (appointed.returncode, own["is_admin"])
    assert (1, "bookbytes: There is no account nobody@example.org.\n") == (unknown.returncode, unknown.stderr)


def _client(serve: Served) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{serve.env['PORT']}", timeout=60)


def _events(client: httpx.Client, job: str) -> Iterator[dict[str, Any]]:
    """The job after each change, until the stream ends."""
    with client.stream("GET", f"/api/v1/jobs/{job}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def test_a_podcast_app_lists_and_plays_the_book(requested: RequestedBook) -> None:
    """By one address, whose feed an independent reader understands; the first enclosure plays by range."""
    url = requested.client.post("/api/v1/me/feeds", json={"name": "my phone"}).json()["feed_url"]

    episodes = feedparser.parse(httpx.get(url).content).entries
    enclosure = episodes[0].enclosures[0]
    part = httpx.get(enclosure.href, headers={"Range": "bytes=0-999"})

    titles = [episode.title.removeprefix(f"{TITLE}: ") for episode in episodes]
    assert list(CHAPTERS) == [title for title in titles if title in CHAPTERS]
    assert (206, 1000, f"bytes 0-999/{enclosure.length}") == (
        part.status_code,
        len(part.content),
        part.headers["Content-Range"],
    )
