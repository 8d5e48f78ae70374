"""Whole books as one file, and their manifests: whole, in parts, not yet there, and in vain."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import jsonschema
import pytest

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import publish_book
from tests.book_files import make, path_of, publish_spoken
from tests.execution.manifest_schemas import READIUM
from tests.s3 import S3Server

TOKENS = "/api/v1/auth/tokens"


def token(api: Api, user: User, scope: str) -> str:
    """A personal access token."""
    return str(api.ask("POST", TOKENS, user, json={"name": scope, "scope": scope}).json()["token"])


def test_a_file_that_is_there_is_sent(api: Api) -> None:
    """Whole, in part, and not again while the copy is valid; with a name, and by a token in the address."""
    ada = api.user()
    book_id = publish_spoken(api.settings, ["Springs", "Deltas"])
    made = make(api.settings, book_id, "mp3")
    content = path_of(open_store(api.settings.store_config), made).read_bytes()
    path = f"/api/v1/books/{book_id}/download?format=mp3"

    whole = api.ask("GET", path, ada)
    part = api.ask("GET", path, ada, headers={"Range": "bytes=100-299"})
    again = api.ask("GET", path, ada, headers={"If-None-Match": whole.headers["ETag"]})
    head = api.ask("HEAD", f"{path}&token={token(api, ada, 'listen')}")

    assert (200, content, "audio/mpeg") == (whole.status_code, whole.content, whole.headers["Content-Type"])
    assert 'attachment; filename="On Rivers.mp3"' in whole.headers["Content-Disposition"]
    assert (206, content[100:300], 304) == (part.status_code, part.content, again.status_code)
    assert (200, str(len(content)), b"") == (head.status_code, head.headers["Content-Length"], head.content)
    assert "no-referrer" == head.headers["Referrer-Policy"]


def test_a_book_lists_its_files(api: Api) -> None:
    """Those of the book as it is now."""
    ada = api.user()
    book_id = publish_spoken(api.settings, ["Springs"])
    made = make(api.settings, book_id, "zip")

    (file,) = api.ask("GET", f"/api/v1/books/{book_id}", ada).json()["files"]
    sent = api.ask("GET", file["url"], ada)
    publish_spoken(api.settings, ["Springs", "Deltas"])
    after = api.ask("GET", f"/api/v1/books/{book_id}", ada).json()["files"]

    assert ("zip", "application/zip", made.bytes) == (file["format"], file["media_type"], file["bytes"])
    assert (200, made.bytes) == (sent.status_code, len(sent.content))
    assert [] == after


def test_deleting_a_book_deletes_its_files(api: Api) -> None:
    """From the library and from the store."""
    ada = api.user()
    book_id = publish_spoken(api.settings, ["Springs"])
    make(api.settings, book_id, "zip")

    answer = api.ask("DELETE", f"/api/v1/books/{book_id}", ada)

    assert 204 == answer.status_code
    assert [] == list(open_store(api.settings.store_config).files.walk("book_files"))


def test_what_cannot_be_a_file(api: Api) -> None:
    """An unknown book or format, one without sound, and one that is not finished."""
    ada = api.user()
    silent = publish_book(api.settings, chapters={"Springs": None})
    answers = [
        api.ask("GET", f"/api/v1/books/{uuid4()}/download", ada),
        api.ask("GET", f"/api/v1/books/{silent}/download?format=flac", ada),
        api.ask("GET", f"/api/v1/books/{silent}/download", ada),
    ]
    with Database(api.settings.library_url).session() as session:
        session.get_one(BookRow, silent).chapters_expected = 3
    answers += [api.ask("GET", f"/api/v1/books/{silent}/{name}", ada) for name in ("download", "manifest.json")]

    assert [
        (404, "BOOK_NOT_FOUND"),
        (422, "INVALID_FORMAT"),
        (404, "AUDIO_NOT_FOUND"),
        (409, "BOOK_NOT_FINISHED"),
        (409, "BOOK_NOT_FINISHED"),
    ] == [code(answer) for answer in answers]


def test_without_dagster_no_file_is_made(api: Api) -> None:
    """The answer says why; HEAD asks for nothing."""
    ada = api.user()
    book_id = publish_spoken(api.settings, ["Springs"])
    path = f"/api/v1/books/{book_id}/download?format=zip"

    answer, head = api.ask("GET", path, ada), api.ask("HEAD", path, ada)

    assert (503, "DAGSTER_UNAVAILABLE") == code(answer)
    assert (202, b"") == (head.status_code, head.content)


def test_who_may_not_listen(api: Api) -> None:
    """Nobody without a token, and no token that only reads."""
    ada = api.user()
    book_id = publish_spoken(api.settings, ["Springs"])
    paths = [f"/api/v1/books/{book_id}/{name}" for name in ("download?", "manifest.json?")]
    reads = token(api, ada, "read")

    answers = [api.ask("GET", path) for path in paths]
    answers += [api.ask("GET", f"{path}&token={reads}") for path in paths]
    answers += [api.ask("GET", f"{path}&token={reads[:-1]}") for path in paths]

    assert [401, 401, 403, 403, 401, 401] == [answer.status_code for answer in answers]


def test_the_manifest_leads_to_the_clips(api: Api) -> None:
    """With the token of its own address in every link, and with none where a header had it."""
    ada = api.user()
    book_id = publish_spoken(api.settings, ["Springs", "Deltas"])
    path, key = f"/api/v1/books/{book_id}/manifest.json", token(api, ada, "listen")

    answer, plain = api.ask("GET", f"{path}?token={key}"), api.ask("GET", path, ada)

    manifest = answer.json()
    assert ("application/audiobook+json", "no-referrer") == (
        answer.headers["Content-Type"].partition(";")[0],
        answer.headers["Referrer-Policy"],
    )
    jsonschema.validate(manifest, READIUM)
    assert ["Springs", "Deltas"] == [link["title"] for link in manifest["readingOrder"]]
    heard = [api.ask("GET", httpx.URL(link["href"]).raw_path.decode()) for link in manifest["readingOrder"]]
    assert [200, 200] == [answer.status_code for answer in heard]
    assert "token=" not in plain.text


@pytest.fixture
def bucket_api(s3: S3Server, tmp_path: Path) -> Iterator[Api]:
    """The API of a library whose store is a bucket."""
    with serving_api(offline_settings(tmp_path, **s3.settings())) as running:
        yield running


def test_a_file_in_a_bucket(bucket_api: Api) -> None:
    """The client is redirected there."""
    ada = bucket_api.user()
    book_id = publish_spoken(bucket_api.settings, ["Springs"])
    made = make(bucket_api.settings, book_id, "m4b")

    answer = bucket_api.ask("GET", f"/api/v1/books/{book_id}/download", ada, follow_redirects=False)

    assert 307 == answer.status_code
    file = httpx.get(answer.headers["Location"], headers={"Range": "bytes=4-11"})
    assert (206, b"ftypM4A ", "audio/mp4") == (file.status_code, file.content, file.headers["Content-Type"])
    whole = httpx.head(
        bucket_api.ask("HEAD", f"/api/v1/books/{book_id}/download", ada, follow_redirects=False).headers["Location"]
    )
    assert str(made.bytes) == whole.headers["Content-Length"]
