"""The API is asked to stop while people use it: a process of its own, looked at from outside."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.api.client import offline_settings, wait_for
from tests.api.factories import ISBN, numbered_book, publish_book
from tests.api.process import ApiProcess, api_process
from tests.cli_runner import offline
from tests.epub.building import epub, prose

LARGE = 50 * 1024 * 1024
TEXT = f"/api/v1/books/isbn/{ISBN}/text"


@dataclass(frozen=True)
class Stopped:
    """What people saw of a stop, and how the process ended."""

    clip: bytes
    uploaded: bytes
    told: list[str]
    exit_code: int


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stopped]:
    """SIGTERM in the middle of a download, an upload and an event stream; they go on once nobody new is let in."""
    home = tmp_path_factory.mktemp("home")
    _shelve_a_large_clip(home)
    told: list[str] = []
    env = offline(home, DAGSTER_GRPC_PORT="1", LOG_LEVEL="INFO")
    with api_process(env, home / "output") as api, ExitStack() as stack:
        token = api.log_in()
        listening = stack.enter_context(ThreadPoolExecutor(1)).submit(_listen, api, token, told)
        download = stack.enter_context(_begin_download(api, token))
        upload, rest = _begin_upload(api, token)
        stack.enter_context(upload)
        wait_for(lambda: api.printed(TEXT) and told)
        api.process.terminate()
        wait_for(lambda: not _is_open(api.port))
        listening.result(timeout=20)
        assert api.process.poll() is None
        upload.sendall(rest)
        uploaded, heard = _all_of(upload), _all_of(download)
        yield Stopped(heard, uploaded, told, api.process.wait(30))


def _shelve_a_large_clip(home: Path) -> None:
    settings = offline_settings(home)
    publish_book(settings, chapters={"Springs": b"sound"})
    (clip,) = Path(settings.store_folder, "chapter_audio", ISBN).iterdir()
    with clip.open("r+b") as file:
        file.truncate(LARGE)


def _listen(api: ApiProcess, token: str, told: list[str]) -> None:
    """Add the lines of an event stream to `told`; fails unless the server ends it as HTTP wants it."""
    headers = {"Authorization": token}
    with httpx.Client(base_url=api.client.base_url, headers=headers, timeout=30) as client:
        wished = client.post("/api/v1/books/process", json={"isbn": numbered_book(1).isbn}).json()
        with client.stream("GET", f"/api/v1/jobs/{wished['job_id']}/events") as stream:
            told.extend(line for line in stream.iter_lines() if line)


def _begin_download(api: ApiProcess, token: str) -> socket.socket:
    book = api.client.get(f"/api/v1/books/isbn/{ISBN}", headers={"Authorization": token}).json()
    asked = f"GET {book['chapters'][0]['audio_url']} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
    listener = socket.create_connection(("127.0.0.1", api.port), timeout=30)
    listener.sendall(asked.encode())
    assert listener.recv(12) == b"HTTP/1.1 200"
    return listener


def _begin_upload(api: ApiProcess, token: str) -> tuple[socket.socket, bytes]:
    """A connection on which half of a book was sent, and the other half."""
    book = epub({"1.xhtml": prose(60)}, [("One", "1.xhtml")]).getvalue()
    request = api.client.build_request("PUT", TEXT, headers={"Authorization": token}, files={"file": ("b.epub", book)})
    request.read()
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    sender = socket.create_connection(("127.0.0.1", api.port), timeout=30)
    half = len(request.content) // 2
    sender.sendall(f"PUT {TEXT} HTTP/1.1\r\n{head}\r\n".encode() + request.content[:half])
    return sender, request.content[half:]


def _all_of(connection: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    with connection.makefile("rb") as answer:
        return answer.read()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_what_was_begun_is_finished(stopped: Stopped) -> None:
    """A slow upload is taken, a slow download sent to its last byte."""
    _, body = stopped.clip.split(b"\r\n\r\n", 1)

    assert LARGE == len(body)
    assert stopped.uploaded.startswith(b"HTTP/1.1 200")


def test_listeners_are_let_go(stopped: Stopped) -> None:
    """Their streams end as HTTP wants it, without an `end`: the job goes on, and so may they, elsewhere."""
    kinds = [line.removeprefix("event: ") for line in stopped.told if line.startswith("event: ")]

    assert ["progress"] == kinds


def test_it_ends_by_itself(stopped: Stopped) -> None:
    """It was asked to, so that is no failure."""
    assert 0 == stopped.exit_code
