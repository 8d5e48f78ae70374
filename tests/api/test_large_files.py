"""Large files pass through the API in chunks: measured from outside, in a process of its own behind uvicorn."""

import socket
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.api.client import offline_settings, wait_for
from tests.api.factories import ISBN, publish_book
from tests.api.process import api_process
from tests.cli_runner import offline
from tests.epub.building import epub, prose
from tests.proc import open_files

MEGABYTE = 1024 * 1024
LARGE = 100 * MEGABYTE


@dataclass(frozen=True)
class Server:
    """The API's process, an administrator's client, and the path of a clip of a hundred megabytes."""

    pid: int
    client: httpx.Client
    clip: str

    @contextmanager
    def growth(self) -> Iterator[list[int]]:
        """How many bytes the memory of the process grows by during the block, at its peak."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")  # reset the peak
        before, peak_growth = self._memory("VmRSS"), list[int]()
        yield peak_growth
        peak_growth.append(self._memory("VmHWM") - before)

    def _memory(self, name: str) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(name))

    @property
    def open_clips(self) -> list[Path]:
        """The clips that the process has open at this moment."""
        return [file for file in open_files(self.pid) if file.suffix == ".mp3"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of this file."""
    home = tmp_path_factory.mktemp("home")
    settings = offline_settings(home)
    publish_book(settings, chapters={"Springs": b"sound"})
    (clip,) = Path(settings.store_folder, "chapter_audio", ISBN).iterdir()
    with clip.open("r+b") as file:
        file.truncate(LARGE)  # sparse: it takes no space on the disk
    env = offline(home, DAGSTER_GRPC_PORT="1", LOG_LEVEL="ERROR")
    with api_process(env, home / "output") as api:
        api.client.headers["Authorization"] = api.log_in()
        book = api.client.get(f"/api/v1/books/isbn/{ISBN}").json()
        yield Server(api.process.pid, api.client, book["chapters"][0]["audio_url"])


def test_a_large_clip_is_sent_with_little_memory(server: Server) -> None:
    """It is read in chunks, as fast as the client receives them, whole or in parts."""
    expected = {"bytes=0-": LARGE, "bytes=1000-": LARGE - 1000, "bytes=0-49999999,60000000-": 94_857_600, "all": LARGE}
    server.client.get(server.clip, headers={"Range": "bytes=0-9"})
    with server.growth() as growth:
        received = {part: _received_bytes(server, part) for part in expected}

    assert all(expected[part] <= received[part] <= expected[part] + 1000 for part in expected), received
    assert growth[0] < 20 * MEGABYTE, growth


def _received_bytes(server: Server, part: str) -> int:
    """The number of bytes received, without keeping them."""
    with server.client.stream("GET", server.clip, headers={"Range": part}) as answer:
        return sum(len(chunk) for chunk in answer.iter_raw())


def test_a_client_that_disconnects_leaves_no_file_open(server: Server) -> None:
    """The clip is closed although most of it was never received."""
    host, port = server.client.base_url.host, server.client.base_url.port
    request = (
        f"GET {server.clip} HTTP/1.1\r\nHost: x\r\nAuthorization: {server.client.headers['Authorization']}\r\n\r\n"
    )
    with socket.create_connection((host, port or 0)) as client:
        client.sendall(request.encode())
        assert client.recv(20).startswith(b"HTTP/1.1 200")
        wait_for(lambda: server.open_clips)

    wait_for(lambda: not server.open_clips)
    assert 206 == server.client.get(server.clip, headers={"Range": "bytes=-9"}).status_code


def test_a_large_text_is_received_with_little_memory(server: Server) -> None:
    """An upload is written to the disk as it arrives, and from there into the store."""
    path = f"/api/v1/books/isbn/{ISBN}/text"
    book = epub({"1.xhtml": prose(60)}, [("One", "1.xhtml")])
    server.client.put(path, files={"file": ("small.epub", book.getvalue())}).raise_for_status()
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr("OEBPS/map.png", bytes(40 * MEGABYTE))
    with server.growth() as growth:
        answer = server.client.put(path, files={"file": ("large.epub", book.getvalue())})

    assert (200, 60) == (answer.status_code, answer.json()["words"])
    assert growth[0] < 20 * MEGABYTE, growth
