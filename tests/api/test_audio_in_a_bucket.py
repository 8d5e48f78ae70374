"""Clips that rest in a bucket: the API says who may listen, the bucket sends."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import ISBN, SOUND, shelve
from tests.s3 import S3Server


@pytest.fixture
def api(s3: S3Server, tmp_path: Path) -> Iterator[Api]:
    """The API of a library whose store is a bucket, with one book."""
    with serving_api(offline_settings(tmp_path, **s3.settings(s3_link_seconds=90))) as running:
        shelve(running.settings)
        yield running


@pytest.fixture
def ada(api: Api) -> User:
    """A listener."""
    return api.user()


def chapters(api: Api, user: User) -> list[str]:
    """Where the chapters of the book are heard, whether or not they can be."""
    told = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", user).json()["chapters"]
    return [f"/api/v1/chapters/{chapter['id']}/audio" for chapter in told]


def test_a_listener_is_led_to_the_clip(api: Api, ada: User) -> None:
    """To an address that needs no token, lasts as long as the settings say, and seeks."""
    answer = api.ask("GET", chapters(api, ada)[0], ada, follow_redirects=False)

    address = answer.headers["Location"]
    assert (307, "private, no-store") == (answer.status_code, answer.headers["Cache-Control"])
    assert ["90"] == parse_qs(urlsplit(address).query)["X-Amz-Expires"]
    whole, part = httpx.get(address), httpx.get(address, headers={"Range": "bytes=500-749"})
    assert (200, SOUND, "audio/mpeg") == (whole.status_code, whole.content, whole.headers["Content-Type"])
    assert "On Rivers - 01 Springs.mp3" in whole.headers["Content-Disposition"]
    assert (206, SOUND[500:750]) == (part.status_code, part.content)


def test_head_leads_to_what_head_may_ask(api: Api, ada: User) -> None:
    """A signature holds for one method; a player that asks for the length first is not refused."""
    answer = api.ask("HEAD", chapters(api, ada)[0], ada, follow_redirects=False)

    assert (307, b"") == (answer.status_code, answer.content)
    told = httpx.head(answer.headers["Location"])
    assert (200, str(len(SOUND))) == (told.status_code, told.headers["Content-Length"])


def test_what_cannot_be_heard_is_told_in_the_api_s_own_words(api: Api, ada: User) -> None:
    """A clip that is gone, a chapter without one, and an unknown chapter lead nowhere."""
    for clip in (SOUND, SOUND[::-1]):
        key = f"chapter_audio/{ISBN}/01-{len(clip):08x}.mp3"
        open_store(api.settings.store_config).clips.delete(key)
    places = [*chapters(api, ada)[:2], f"/api/v1/chapters/{uuid4()}/audio"]

    answers = [code(api.ask("GET", place, ada)) for place in places]

    assert [(404, "AUDIO_NOT_FOUND"), (404, "AUDIO_NOT_FOUND"), (404, "CHAPTER_NOT_FOUND")] == answers


def test_strangers_get_no_address(api: Api, ada: User) -> None:
    """The bucket would let them listen."""
    answer = api.ask("GET", chapters(api, ada)[0], follow_redirects=False)

    assert (401, "NOT_AUTHENTICATED") == code(answer)
    assert "Location" not in answer.headers


def test_a_bucket_that_refuses_is_an_error_that_helps(s3: S3Server, tmp_path: Path) -> None:
    """Readiness names it; so does whoever wants to listen."""
    with serving_api(offline_settings(tmp_path, **s3.settings(s3_bucket="elsewhere"))) as api:
        told = api.ask("GET", "/health/ready").json()["checks"]["storage"]

    assert "no such bucket. Check S3_BUCKET" in told
