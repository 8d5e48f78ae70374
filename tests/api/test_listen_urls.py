"""Listening by an address alone, as `<audio>` elements and podcast apps do."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID, uuid4

import pytest

from bookbytes_api.accounts.listen_urls import LIFETIME_S, ListenURLs
from bookbytes_api.accounts.models import UserRow
from bookbytes_api.accounts.signing_key import signing_secret
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import ISBN, SOUND, publish_book


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all tests of this file, with one book."""
    with serving_api(offline_settings(tmp_path_factory.mktemp("home"))) as running:
        publish_book(running.settings)
        yield running


@pytest.fixture(scope="module")
def ada(api: Api) -> User:
    """A user."""
    return api.user()


@pytest.fixture(scope="module")
def listen_url(api: Api, ada: User) -> str:
    """Where she can listen to the first chapter."""
    return str(api.ask("GET", f"/api/v1/books/isbn/{ISBN}", ada).json()["chapters"][0]["listen_url"])


def changed(url: str, **parameters: str) -> str:
    """The address with other parameters; an empty one is left out."""
    parts = urlsplit(url)
    query = {name: value for name, value in (dict(parse_qsl(parts.query)) | parameters).items() if value}
    return f"{parts.path}?{urlencode(query)}"


def test_a_clip_plays_without_a_header(api: Api, listen_url: str) -> None:
    """Whole, by range, and its length is told before."""
    whole, part = api.ask("GET", listen_url), api.ask("GET", listen_url, headers={"Range": "bytes=500-749"})
    head = api.ask("HEAD", listen_url)

    assert (200, SOUND) == (whole.status_code, whole.content)
    assert (206, SOUND[500:750]) == (part.status_code, part.content)
    assert (200, str(len(SOUND))) == (head.status_code, head.headers["Content-Length"])


def test_pages_that_a_player_opens_are_not_told_the_address(api: Api, listen_url: str) -> None:
    """The permission is in it."""
    assert "no-referrer" == api.ask("GET", listen_url).headers["Referrer-Policy"]


def test_everything_that_shows_a_chapter_has_its_address(api: Api, ada: User) -> None:
    """It is null where there is no clip."""
    book = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", ada).json()
    first, unknown = book["chapters"][:2]
    found = api.ask("GET", "/api/v1/search?q=springs", ada).json()["items"][0]
    chapter = api.ask("GET", f"/api/v1/chapters/{first['id']}", ada).json()
    listed = api.ask("GET", f"/api/v1/books/{book['id']}/chapters", ada).json()

    signed = [shown["listen_url"] for shown in (first, chapter, listed[0], found)]
    assert len({urlsplit(url).path for url in signed}) == 1
    assert [200] * 4 == [api.ask("GET", url).status_code for url in signed]
    assert unknown["listen_url"] is None


def test_an_address_lasts_for_a_day_and_does_not_change_within_an_hour() -> None:
    """A player that is given another address loads the clip again."""
    urls, user = ListenURLs("secret"), uuid4()
    on_the_hour = 1_800_000_000 // 3600 * 3600

    addresses = [urls.sign("/clip", user, now=on_the_hour + second) for second in (0, 1800, 3599, 3600)]

    expires = [int(dict(parse_qsl(urlsplit(address).query))["expires"]) for address in addresses]
    assert 2 == len(set(addresses))
    assert all(LIFETIME_S <= end - on_the_hour for end in expires[:3])


@pytest.mark.parametrize(
    "parameters",
    [
        {"listener": "00000000-0000-0000-0000-000000000000"},
        {"listener": ""},
        {"listener": "ada"},
        {"expires": "9999999999"},
        {"expires": ""},
        {"expires": "never"},
        {"signature": "0" * 64},
        {"signature": "\u00e9"},
        {"signature": ""},
    ],
)
def test_a_changed_address_is_refused(api: Api, listen_url: str, parameters: dict[str, str]) -> None:
    """Whatever of it was changed."""
    assert (401, "NOT_AUTHENTICATED") == code(api.ask("GET", changed(listen_url, **parameters)))


def test_an_address_is_for_one_clip(api: Api, ada: User, listen_url: str) -> None:
    """Neither for another clip nor for anything else that its owner may see."""
    book = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", ada).json()
    query = urlsplit(listen_url).query
    other = next(chapter for chapter in book["chapters"][1:] if chapter["audio_url"])
    paths = [other["audio_url"], f"/api/v1/books/{book['id']}", f"/api/v1/chapters/{other['id']}", "/api/v1/auth/me"]

    assert [(401, "NOT_AUTHENTICATED")] * 4 == [code(api.ask("GET", f"{path}?{query}")) for path in paths]


def test_an_address_expires(api: Api, ada: User, listen_url: str) -> None:
    """The answer says how to get another one, and does not repeat it."""
    urls, path = ListenURLs(signing_secret(api.settings)), urlsplit(listen_url).path
    ages = (LIFETIME_S - 60, LIFETIME_S + 7200)
    fresh, expired = (urls.sign(path, UUID(ada.id), now=time.time() - age) for age in ages)

    answers = [api.ask("GET", url) for url in (fresh, expired)]

    assert [200, 401] == [answer.status_code for answer in answers]
    message = answers[1].json()["error"]["message"]
    assert "expired" in message
    assert dict(parse_qsl(urlsplit(expired).query))["signature"] not in answers[1].text


def test_an_address_ends_with_the_account(api: Api) -> None:
    """From the next request on, and is valid again when the account is opened again."""
    bob = api.user("bob")
    url = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", bob).json()["chapters"][0]["listen_url"]
    statuses = []
    for is_active in (True, False, True):
        with api.database.session() as session:
            session.get_one(UserRow, UUID(bob.id)).is_active = is_active
        statuses.append(api.ask("GET", url).status_code)

    assert [200, 401, 200] == statuses


def test_a_header_counts_more_than_the_address(api: Api, listen_url: str) -> None:
    """A wrong token is an error, as everywhere."""
    answer = api.ask("GET", listen_url, headers={"Authorization": "Bearer nonsense"})

    assert (401, "NOT_AUTHENTICATED") == code(answer)
