"""What makes the pages an application that a phone installs, and that starts without a network."""

import struct

import pytest

from tests.api.client import Api, User
from tests.api.factories import SOUND

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_the_manifest_names_icons_that_are_there(site: Api) -> None:
    """Everybody may read it and its icons, and each picture has the size that it says."""
    answer = site.client.get("/manifest.webmanifest")
    manifest = answer.json()
    sizes = {icon["sizes"]: site.client.get(icon["src"]) for icon in manifest["icons"] if icon["type"] == "image/png"}

    assert "application/manifest+json" == answer.headers["Content-Type"]
    assert ("BookBytes", "/", "standalone") == (manifest["name"], manifest["start_url"], manifest["display"])
    assert {"192x192", "512x512"} == sizes.keys()
    assert sizes == {_size_of(icon.content): icon for icon in sizes.values()}
    assert "maskable" in [icon.get("purpose") for icon in manifest["icons"]]


def test_the_worker_is_asked_for_each_time(site: Api) -> None:
    """It names the version of the assets, so a new one is another worker; without it there is no new page either."""
    answer = site.client.get("/service-worker.js")

    assert ("no-cache", True) == (
        answer.headers["Cache-Control"],
        answer.headers["Content-Type"].startswith("text/javascript"),
    )
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert all(site.client.get(address).is_success for address in _addresses(answer.text))


@pytest.mark.parametrize("path", ["/sign-in", "/service-worker.js", "styles"])
def test_pages_and_their_files_are_sent_compressed(site: Api, path: str) -> None:
    """To whoever accepts it."""
    address = path if path.startswith("/") else _addresses(site.client.get("/service-worker.js").text)[-1]

    assert "gzip" == site.client.get(address, headers={"Accept-Encoding": "gzip"}).headers.get("Content-Encoding")
    assert "Content-Encoding" not in site.client.get(address, headers={"Accept-Encoding": "identity"}).headers


def test_clips_are_sent_as_they_are(site: Api, ada: User) -> None:
    """They are compressed already, and players ask for parts of them."""
    book = site.ask("GET", "/api/v1/books", ada).json()["items"][0]["id"]
    clip = site.ask("GET", f"/api/v1/books/{book}", ada).json()["chapters"][0]["audio_url"]
    whole = site.ask("GET", clip, ada, headers={"Accept-Encoding": "gzip"})
    part = site.ask("GET", clip, ada, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})

    assert ("Content-Encoding" in whole.headers, SOUND) == (False, whole.content)
    assert (206, SOUND[:10], whole.headers["ETag"]) == (part.status_code, part.content, part.headers["ETag"])


def _addresses(worker: str) -> list[str]:
    return [part for part in worker.split('"') if part.startswith("/static/")]


def _size_of(png: bytes) -> str:
    assert png.startswith(PNG_SIGNATURE)
    width, height = struct.unpack(">II", png[16:24])
    return f"{width}x{height}"
