"""What pages of other sites, proxies and clients with IPv6 need of the server."""

import socket
from pathlib import Path

import httpx
import pytest

from bookbytes_api.app import create_app
from bookbytes_api.server import Server
from bookbytes_pipeline.processes.ports import LOOPBACK, AddressInUse
from tests.api.client import free_port, offline_settings, serving_api, serving_live
from tests.api.factories import publish_book

SITE = "https://player.example.org"
ORIGIN = "Access-Control-Allow-Origin"


def test_pages_of_the_origins_may_play_clips(tmp_path: Path) -> None:
    """Browsers ask before they send a token or a range, and show the page only those headers that are exposed."""
    settings = offline_settings(tmp_path, cors_origins="http://localhost:3000, https://player.example.org:443/")
    publish_book(settings, chapters={"Springs": b"0123456789"})
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization, range"}
    with serving_api(settings) as api:
        ada = api.user("ada")
        (book,) = api.ask("GET", "/api/v1/books", ada).json()["items"]
        chapters = api.ask("GET", f"/api/v1/books/{book['id']}", ada).json()["chapters"]
        clip = chapters[0]["audio_url"]
        before = api.client.options(clip, headers={"Origin": SITE, **asked})
        part = api.ask("GET", clip, ada, headers={"Origin": SITE, "Range": "bytes=2-4"})
        refused = api.client.get(clip, headers={"Origin": SITE})

    allowed = {name.strip().lower() for name in before.headers["Access-Control-Allow-Headers"].split(",")}
    exposed = {name.strip() for name in part.headers["Access-Control-Expose-Headers"].split(",")}
    assert (204, SITE) == (before.status_code, before.headers[ORIGIN])
    assert {"authorization", "range"} <= allowed
    assert (206, b"234", SITE) == (part.status_code, part.content, part.headers[ORIGIN])
    assert {"Accept-Ranges", "Content-Range", "ETag"} <= exposed & set(map(_title, part.headers))
    assert (401, SITE) == (refused.status_code, refused.headers[ORIGIN])
    assert "Access-Control-Allow-Credentials" not in part.headers


@pytest.mark.parametrize("origins", ["", "https://player.example.org.evil.example"])
def test_other_origins_are_not_allowed(tmp_path: Path, origins: str) -> None:
    """Nor any, unless the settings name some."""
    asked = {"Origin": SITE, "Access-Control-Request-Method": "GET"}
    with serving_api(offline_settings(tmp_path, cors_origins=origins)) as api:
        before, answer = (
            api.client.options("/health/live", headers=asked),
            api.client.get("/health/live", headers=asked),
        )

    assert ORIGIN not in before.headers
    assert ORIGIN not in answer.headers


def test_every_address_is_served_in_both_families(tmp_path: Path) -> None:
    """With HOST=::, also the metrics; clients of IPv4 keep their address."""
    metrics = free_port()
    with serving_live(offline_settings(tmp_path, host="::", metrics_port=metrics)) as api:
        answers = [
            httpx.get(f"http://{host}:{port}{path}", trust_env=False).status_code
            for host in (LOOPBACK, "[::1]")
            for port, path in ((api.settings.port, "/health/live"), (metrics, "/metrics"))
        ]

    assert [200] * 4 == answers


def test_a_port_that_is_in_use_in_one_family_is_named(tmp_path: Path) -> None:
    """Half of the clients would reach something else."""
    with socket.create_server((LOOPBACK, 0)) as other:
        settings = offline_settings(tmp_path, host="::", port=other.getsockname()[1])
        server = Server(create_app(settings), settings)

        with pytest.raises(AddressInUse, match=r"is in use already\. .* set PORT"):
            server.run()


def test_idle_connections_are_kept_for_as_long_as_the_settings_say(tmp_path: Path) -> None:
    """Longer than proxies keep theirs: one that the server closes first is a request that the proxy cannot answer."""
    request = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    with (
        serving_live(offline_settings(tmp_path, keep_alive_seconds=1)) as api,
        socket.create_connection((LOOPBACK, api.settings.port), timeout=30) as connection,
    ):
        connection.sendall(request)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))

    usual = offline_settings(tmp_path)
    assert received.startswith(b"HTTP/1.1 200")
    assert 120 < Server(create_app(usual), usual).config.timeout_keep_alive


def _title(name: str) -> str:
    return "ETag" if name.lower() == "etag" else name.title()
