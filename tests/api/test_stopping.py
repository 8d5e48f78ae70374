"""The API is stopped while it is in use: a process of its own, observed from outside."""

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
    """What clients received during the shutdown, and how the process ended."""

    downloaded: bytes
    uploaded: bytes
    received: list[str]
    exit_code: int


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stopped]:
    """SIGTERM during a download, an upload and an event stream; they continue when new connections are refused."""
    home = tmp_path_factory.mktemp("home")
    _publish_a_large_clip(home)
    received: list[str] = []
    env = offline(home, DAGSTER_GRPC_PORT="1", LOG_LEVEL="DEBUG")  # requests are logged when they start, too
    with ExitStack() as stack, api_process(env, home / "output") as api:
        token = api.log_in()
        listening = stack.enter_context(ThreadPoolExecutor(1)).submit(_listen, api, token, received)
        download = stack.enter_context(_begin_download(api, token))
        upload, rest = _begin_upload(api, token)
        stack.enter_context(upload)
        wait_for(lambda: api.printed(TEXT) and received)
        api.process.terminate()
        wait_for(lambda: not _is_open(api.port))
        listening.result(timeout=20)
        assert api.process.poll() is None
        upload.sendall(rest)
        uploaded, downloaded = _read_all(upload), _read_all(download)
        yield Stopped(downloaded, uploaded, received, api.process.wait(30))


def _publish_a_large_clip(home: Path) -> None:
    settings = offline_settings(home)
    publish_book(settings, chapters={"Springs": b"sound"})
    (clip,) = Path(settings.store_folder, "chapter_audio", ISBN).iterdir()
    with clip.open("r+b") as file:
        file.truncate(LARGE)


def _listen(api: ApiProcess, token: str, received: list[str]) -> None:
    """Add the lines of an event stream to `received`; fails unless the server ends it as HTTP requires."""
    headers = {"Authorization": token}
    with httpx.Client(base_url=api.client.base_url, headers=headers, timeout=30) as client:
        accepted = client.post("/api/v1/books/process", json={"isbn": numbered_book(1).isbn}).json()
        with client.stream("GET", f"/api/v1/jobs/{accepted['job_id']}/events") as stream:
            received.extend(line for line in stream.iter_lines() if line)


def _begin_download(api: ApiProcess, token: str) -> socket.socket:
    book = api.client.get(f"/api/v1/books/isbn/{ISBN}", headers={"Authorization": token}).json()
    request = f"GET {book['chapters'][0]['audio_url']} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
    receiver = socket.create_connection(("127.0.0.1", api.port), timeout=30)
    receiver.sendall(request.encode())
    assert receiver.recv(12) == b"HTTP/1.1 200"
    return receiver


def _begin_upload(api: ApiProcess, token: str) -> tuple[socket.socket, bytes]:
    """A connection on which half of an upload has been sent, and the other half."""
    book = epub({"1.xhtml": prose(60)}, [("One", "1.xhtml")]).getvalue()
    request = api.client.build_request("PUT", TEXT, headers={"Authorization": token}, files={"file": ("b.epub", book)})
    request.read()
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    sender = socket.create_connection(("127.0.0.1", api.port), timeout=30)
    half = len(request.content) // 2
    sender.sendall(f"PUT {TEXT} HTTP/1.1\r\n{head}\r\n".encode() + request.content[:half])
    return sender, request.content[half:]


def _read_all(connection: socket.socket) -> bytes:
    """Everything received until the server closes the connection."""
    with connection.makefile("rb") as answer:
        return answer.read()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_transfers_in_progress_are_finished(stopped: Stopped) -> None:
    """A slow upload is received, a slow download sent to its last byte."""
    _, body = stopped.downloaded.split(b"\r\n\r\n", 1)

    assert LARGE == len(body)
    assert stopped.uploaded.startswith(b"HTTP/1.1 200")


def test_event_streams_are_closed(stopped: Stopped) -> None:
    """They end as HTTP requires, without an `end` event: the job continues, and clients may reconnect elsewhere."""
    kinds = [line.removeprefix("event: ") for line in stopped.received if line.startswith("event: ")]

    assert ["progress"] == kinds


def test_the_process_exits_with_success(stopped: Stopped) -> None:
    """A requested shutdown is no failure."""
    assert 0 == stopped.exit_code
