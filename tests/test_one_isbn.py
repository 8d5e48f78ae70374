"""The road of one ISBN, from a person's wish to the clip that plays. Read this first.

`bookbytes serve` runs as people start it: API, code server, daemon and Dagster's UI as processes of their own. The
providers are servers on loopback that behave like Open Library, an OpenAI-compatible API and Google Translate. The
claims stand in the order of the road; what becomes of each step inside is in `test_one_isbn_at_the_terminal.py`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import av
import httpx
import pytest

from bookbytes_pipeline.constants import STAGES
from tests.cli_runner import CHAPTERS, ISBN, TITLE, Servers, bookbytes, online, providers
from tests.processes.served import Served, on_free_ports, served

ADA = {"email": "ada@example.org", "password": "correct horse battery"}


class Road(NamedTuple):
    """One book that somebody asked for: the servers, what was answered, and the events of the job."""

    servers: Servers
    serve: Served
    client: httpx.Client
    accepted: httpx.Response
    events: list[dict[str, Any]]

    def get(self, path: str, **more: Any) -> httpx.Response:
        """What the API answers at a path of its first version."""
        return self.client.get(f"/api/v1{path}", **more)


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """Sign up, log in, ask for the ISBN-10 of a book, and listen until it is there."""
    home = tmp_path_factory.mktemp("home")
    with providers() as servers, served(on_free_ports(online(home, servers))) as serve, _client(serve) as client:
        assert client.post("/api/v1/auth/register", json=ADA).status_code == httpx.codes.CREATED
        token = client.post("/api/v1/auth/login", json=ADA).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        accepted = client.post("/api/v1/books/process", json={"isbn": "0-306-40615-2"})
        yield Road(servers, serve, client, accepted, list(_events(client, accepted.json()["job_id"])))


def test_the_wish_is_accepted_at_once(road: Road) -> None:
    """Whatever was typed, the job is for the canonical ISBN-13, and nothing has been made yet."""
    assert (202, "pending", ISBN) == (road.accepted.status_code, *list(road.accepted.json().values())[1:])


def test_the_job_tells_its_way(road: Road) -> None:
    """Through the steps in their order, chapter by chapter, to 100 percent; it never goes back."""
    steps = list(dict.fromkeys(job["current_step"] for job in road.events))
    progress = [job["progress"] for job in road.events]

    in_order = list(dict.fromkeys(stage.current_step for stage in STAGES.values()))
    assert in_order == [step for step in steps if step in in_order]
    assert sorted(progress) == progress
    assert {*range(len(CHAPTERS) + 1)} == {job["chapters_done"] for job in road.events}
    assert ("completed", 100) == (road.events[-1]["status"], progress[-1])


def test_the_book_is_in_the_library(road: Road) -> None:
    """Under every ISBN of it, with its chapters in order and where their summaries come from."""
    book = road.get("/books/isbn/0306406152").json()

    assert (TITLE, "Ada Ford", ISBN) == (book["title"], book["author"], book["isbn"])
    assert list(CHAPTERS) == [chapter["title"] for chapter in book["chapters"]]
    assert {"model_memory"} == {chapter["grounding"] for chapter in book["chapters"]}
    assert [book["id"]] == [found["id"] for found in road.get("/books", params={"q": "rivers"}).json()["items"]]
    assert book["id"] == road.events[-1]["book_id"]


def test_the_clip_plays_from_anywhere(road: Road, tmp_path: Path) -> None:
    """Put together from two ranges it is the whole MP3, and decodes."""
    chapter = road.get("/books/isbn/0306406152").json()["chapters"][0]
    address = chapter["audio_url"].removeprefix("/api/v1")
    head = road.client.head(chapter["audio_url"])
    halves = [road.get(address, headers={"Range": f"bytes={part}"}) for part in ("0-49999", "50000-")]
    clip = tmp_path / "clip.mp3"
    clip.write_bytes(b"".join(half.content for half in halves))

    assert ("audio/mpeg", "bytes") == (head.headers["Content-Type"], head.headers["Accept-Ranges"])
    assert [206, 206] == [half.status_code for half in halves]
    assert int(head.headers["Content-Length"]) == clip.stat().st_size
    with av.open(str(clip)) as file:
        seconds = sum(frame.samples for frame in file.decode(audio=0)) / file.streams.audio[0].rate
    assert chapter["duration"] == pytest.approx(seconds, abs=0.1)


def test_who_comes_next_need_not_wait(road: Road) -> None:
    """The book is there: the job is completed at once and nobody is asked again."""
    asked = road.servers.writings

    again = road.client.post("/api/v1/books/process", json={"isbn": ISBN}).json()

    assert "completed" == again["status"]
    assert asked == road.servers.writings


def test_an_operator_queues_a_book_from_the_command_line(road: Road) -> None:
    """`submit` goes the same way without a job; what is remembered is not asked again."""
    asked = road.servers.writings

    queued = bookbytes("submit", ISBN, env=road.serve.env)

    assert (0, "") == (queued.returncode, queued.stderr)
    assert f"{ISBN} is queued: http://127.0.0.1:{road.serve.env['DAGSTER_UI_PORT']}/runs/" in queued.stdout
    run_id = queued.stdout.strip().rpartition("/")[2]
    assert run_id in {run["runId"] for run in road.serve.runs()}
    assert asked == road.servers.writings


def test_an_administrator_is_named_from_the_command_line(road: Road) -> None:
    """Bob signs up as anybody, and may delete books once he is named; a stranger cannot be named."""
    bob = {"email": "bob@example.org", "password": "correct horse battery"}
    road.client.post("/api/v1/auth/register", json=bob)
    token = road.client.post("/api/v1/auth/login", json=bob).json()["access_token"]

    named = bookbytes("admin", "bob@example.org", env=road.serve.env)
    unknown = bookbytes("admin", "nobody@example.org", env=road.serve.env)

    own = road.get("/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert (0, True) == (named.returncode, own["is_admin"])
    assert (1, "bookbytes: Nobody has signed up as nobody@example.org.\n") == (unknown.returncode, unknown.stderr)


def _client(serve: Served) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{serve.env['PORT']}", timeout=60)


def _events(client: httpx.Client, job: str) -> Iterator[dict[str, Any]]:
    """The job after each change, until the stream ends."""
    with client.stream("GET", f"/api/v1/jobs/{job}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))
