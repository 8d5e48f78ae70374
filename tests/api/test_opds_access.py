"""Who reads the catalogue and plays its clips: by HTTP Basic, with a personal access token as the password."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.client import PASSWORD, Api, User, offline_settings, serving_api
from tests.api.factories import SOUND, publish_book
from tests.api.opds import ACQUISITION, basic, create
from tests.s3 import S3Server

READ = ["/opds", "/opds/v1.2", "/opds/v1.2/books", "/opds/v1.2/search?query=x", "/opds/v2", "/opds/v2/new"]
BASIC = 'Basic realm="BookBytes", charset="UTF-8"'


@pytest.fixture
def bucket_api(s3: S3Server, tmp_path: Path) -> Iterator[Api]:
    """The API of a library whose store is a bucket."""
    with serving_api(offline_settings(tmp_path, **s3.settings(s3_link_seconds=90))) as running:
        yield running


def clips(api: Api, secret: str) -> list[str]:
    """The addresses of a book's clips, as the catalogue has them."""
    [book] = api.ask("GET", "/opds/v2/books", headers=basic(secret)).json()["publications"]
    return [link["href"] for link in book["links"] if link["rel"] == ACQUISITION]


def test_a_clip_of_the_catalogue_plays_by_range(api: Api) -> None:
    """With the password that the catalogue was read with."""
    publish_book(api.settings)
    secret = create(api, api.user(), "listen")

    [first, _] = clips(api, secret)
    part = api.ask("GET", first, headers={**basic(secret), "Range": "bytes=500-749"})

    assert (206, SOUND[500:750]) == (part.status_code, part.content)


def test_a_clip_in_a_bucket_plays_by_range(bucket_api: Api) -> None:
    """At the address that the password leads to."""
    publish_book(bucket_api.settings)
    secret = create(bucket_api, bucket_api.user(), "listen")

    [first, _] = clips(bucket_api, secret)
    answer = bucket_api.ask("GET", first, headers=basic(secret), follow_redirects=False)
    part = httpx.get(answer.headers["Location"], headers={"Range": "bytes=500-749"})

    assert (307, 206, SOUND[500:750]) == (answer.status_code, part.status_code, part.content)


@pytest.mark.parametrize("path", READ)
def test_the_catalogue_is_read_by_whoever_has_a_token(running: Api, ada: User, path: str) -> None:
    """Whatever its scope; a login will do as well."""
    tokens = [basic(create(running, ada, scope)) for scope in ("read", "listen", "make")]

    answers = [running.ask("GET", path, headers=headers) for headers in (*tokens, ada.headers)]

    assert [200] * 4 == [answer.status_code for answer in answers]


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("secret", [None, "bookbytes_unknown", PASSWORD], ids=["nothing", "unknown", "password"])
def test_others_are_told_what_is_needed(running: Api, path: str, secret: str | None) -> None:
    """Clients ask for a name and a password; the account's own is refused, with a reason."""
    answer = running.ask("GET", path, headers=basic(secret) if secret else {})

    said = answer.json()["description"] if path.startswith("/opds/v2") else answer.json()["error"]["message"]
    assert (401, BASIC) == (answer.status_code, answer.headers["WWW-Authenticate"])
    assert "personal access token" in said
    assert "password" in said


def test_clients_of_opds_2_get_the_authentication_document(running: Api) -> None:
    """As the body of the refusal, also when they say what they read at the common address."""
    answers = [
        running.ask("GET", "/opds/v2/books"),
        running.ask("GET", "/opds", headers={"Accept": "application/opds+json"}),
    ]

    assert [401] * 2 == [answer.status_code for answer in answers]
    assert {"application/opds-authentication+json"} == {answer.headers["Content-Type"] for answer in answers}
    assert answers[0].json() == running.ask("GET", "/opds/v2/authentication").json() == answers[1].json()


def test_a_token_to_read_plays_nothing(running: Api, ada: User) -> None:
    """It sees what there is."""
    secret = create(running, ada, "read")

    assert {403} == {running.ask("GET", clip, headers=basic(secret)).status_code for clip in clips(running, secret)}


def test_a_revoked_token_reads_and_plays_nothing(running: Api, ada: User) -> None:
    """From the next request on."""
    secret = create(running, ada, "listen")
    [clip, *_] = clips(running, secret)
    [token, *_] = running.ask("GET", "/api/v1/auth/tokens", ada).json()[::-1]
    running.ask("DELETE", f"/api/v1/auth/tokens/{token['id']}", ada)

    answers = [running.ask("GET", path, headers=basic(secret)) for path in (clip, *READ)]

    assert {401} == {answer.status_code for answer in answers}


def test_only_the_catalogues_own_addresses_ask_for_a_password(running: Api, ada: User) -> None:
    """At the other address of a clip, a browser would ask whoever opens our own pages."""
    [clip, *_] = clips(running, create(running, ada, "listen"))

    asking, silent = (running.ask("GET", path) for path in (clip, clip.replace("/opds/", "/api/v1/")))

    assert (401, BASIC) == (asking.status_code, asking.headers["WWW-Authenticate"])
    assert (401, "Bearer") == (silent.status_code, silent.headers["WWW-Authenticate"])
