"""Clips in a bucket: the API authorizes the request, the bucket sends the clip."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import ISBN, SOUND, publish_book
from tests.s3 import S3Server


@pytest.fixture
def api(s3: S3Server, tmp_path: Path) -> Iterator[Api]:
    """The API of a library whose store is a bucket, with one book."""
    with serving_api(offline_settings(tmp_path, **s3.settings(s3_link_seconds=90))) as running:
        publish_book(running.settings)
        yield running


@pytest.fixture
def ada(api: Api) -> User:
    """A user."""
    return api.user()


def chapters(api: Api, user: User) -> list[str]:
    """The audio paths of the book's chapters, whether or not they have audio."""
    listed = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", user).json()["chapters"]
    return [f"/api/v1/chapters/{chapter['id']}/audio" for chapter in listed]


def test_a_user_is_redirected_to_the_clip(api: Api, ada: User) -> None:
    """The address needs no token, is valid for as long as the settings say, and supports ranges."""
    answer = api.ask("GET", chapters(api, ada)[0], ada, follow_redirects=False)

    address = answer.headers["Location"]
    assert (307, "private, no-store") == (answer.status_code, answer.headers["Cache-Control"])
    assert ["90"] == parse_qs(urlsplit(address).query)["X-Amz-Expires"]
    whole, part = httpx.get(address), httpx.get(address, headers={"Range": "bytes=500-749"})
    assert (200, SOUND, "audio/mpeg") == (whole.status_code, whole.content, whole.headers["Content-Type"])
    assert "On Rivers - 01 Springs.mp3" in whole.headers["Content-Disposition"]
    assert (206, SOUND[500:750]) == (part.status_code, part.content)


def test_an_address_with_permission_leads_to_the_bucket(api: Api, ada: User) -> None:
    """The bucket's own address is never longer valid than the settings say."""
    listed = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", ada).json()["chapters"]

    answers = [api.ask(method, listed[0]["listen_url"], follow_redirects=False) for method in ("GET", "HEAD")]

    assert [307, 307] == [answer.status_code for answer in answers]
    assert {"no-referrer"} == {answer.headers["Referrer-Policy"] for answer in answers}
    assert SOUND == httpx.get(answers[0].headers["Location"]).content


def test_head_redirects_to_an_address_signed_for_head(api: Api, ada: User) -> None:
    """A signature is valid for one method; a player that requests the length first is not refused."""
    answer = api.ask("HEAD", chapters(api, ada)[0], ada, follow_redirects=False)

    assert (307, b"") == (answer.status_code, answer.content)
    head = httpx.head(answer.headers["Location"])
    assert (200, str(len(SOUND))) == (head.status_code, head.headers["Content-Length"])


def test_missing_audio_is_an_error_of_the_api(api: Api, ada: User) -> None:
    """A missing clip, a chapter without one, and an unknown chapter are not redirected."""
    for clip in (SOUND, SOUND[::-1]):
        key = f"chapter_audio/{ISBN}/01-{len(clip):08x}.mp3"
        open_store(api.settings.store_config).clips.delete(key)
    paths = [*chapters(api, ada)[:2], f"/api/v1/chapters/{uuid4()}/audio"]

    answers = [code(api.ask("GET", path, ada)) for path in paths]

    assert [(404, "AUDIO_NOT_FOUND"), (404, "AUDIO_NOT_FOUND"), (404, "CHAPTER_NOT_FOUND")] == answers


def test_no_address_without_a_token(api: Api, ada: User) -> None:
    """The bucket would send the clip to anybody who has the address."""
    answer = api.ask("GET", chapters(api, ada)[0], follow_redirects=False)

    assert (401, "NOT_AUTHENTICATED") == code(answer)
    assert "Location" not in answer.headers


def test_a_bucket_that_refuses_is_a_helpful_error(s3: S3Server, tmp_path: Path) -> None:
    """Readiness says which setting to check."""
    with serving_api(offline_settings(tmp_path, **s3.settings(s3_bucket="elsewhere"))) as api:
        reported = api.readiness().json()["checks"]["storage"]

    assert "no such bucket. Check S3_BUCKET" in reported
