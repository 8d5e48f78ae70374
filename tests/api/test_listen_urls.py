"""Listening by an address alone, as `<audio>` elements and podcast apps do."""

import time
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID, uuid4

import pytest

from bookbytes_api.accounts.listen_urls import LIFETIME_S, ListenURLs
from bookbytes_api.accounts.models import UserRow
from bookbytes_api.accounts.signing_key import signing_secret
from tests.api.client import Api, User, code
from tests.api.factories import ISBN, SOUND


@pytest.fixture(scope="module")
def listen_url(running: Api, ada: User) -> str:
    """Where she can listen to the first chapter."""
    return str(running.ask("GET", f"/api/v1/books/isbn/{ISBN}", ada).json()["chapters"][0]["listen_url"])


def changed(url: str, **parameters: str) -> str:
    """The address with other parameters; an empty one is left out."""
    parts = urlsplit(url)
    query = {name: value for name, value in (dict(parse_qsl(parts.query)) | parameters).items() if value}
    return f"{parts.path}?{urlencode(query)}"


def test_a_clip_plays_without_a_header(running: Api, listen_url: str) -> None:
    """Whole, by range, and its length is told before."""
    whole, part = running.ask("GET", listen_url), running.ask("GET", listen_url, headers={"Range": "bytes=500-749"})
    head = running.ask("HEAD", listen_url)

    assert (200, SOUND) == (whole.status_code, whole.content)
    assert (206, SOUND[500:750]) == (part.status_code, part.content)
    assert (200, str(len(SOUND))) == (head.status_code, head.headers["Content-Length"])


def test_pages_that_a_player_opens_are_not_told_the_address(running: Api, listen_url: str) -> None:
    """The permission is in it."""
    assert "no-referrer" == running.ask("GET", listen_url).headers["Referrer-Policy"]


def test_everything_that_shows_a_chapter_has_its_address(running: Api, ada: User) -> None:
    """It is null where there is no clip."""
    book = running.ask("GET", f"/api/v1/books/isbn/{ISBN}", ada).json()
    first, unknown = book["chapters"][:2]
    found = running.ask("GET", "/api/v1/search?q=springs", ada).json()["items"][0]
    chapter = running.ask("GET", f"/api/v1/chapters/{first['id']}", ada).json()
    listed = running.ask("GET", f"/api/v1/books/{book['id']}/chapters", ada).json()

    signed = [shown["listen_url"] for shown in (first, chapter, listed[0], found)]
    assert len({urlsplit(url).path for url in signed}) == 1
    assert [200] * 4 == [running.ask("GET", url).status_code for url in signed]
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
def test_a_changed_address_is_refused(running: Api, listen_url: str, parameters: dict[str, str]) -> None:
    """Whatever of it was changed."""
    assert (401, "NOT_AUTHENTICATED") == code(running.ask("GET", changed(listen_url, **parameters)))


def test_an_address_is_for_one_clip(running: Api, ada: User, listen_url: str) -> None:
    """Neither for another clip nor for anything else that its owner may see."""
    book = running.ask("GET", f"/api/v1/books/isbn/{ISBN}", ada).json()
    query = urlsplit(listen_url).query
    other = next(chapter for chapter in book["chapters"][1:] if chapter["audio_url"])
    paths = [other["audio_url"], f"/api/v1/books/{book['id']}", f"/api/v1/chapters/{other['id']}", "/api/v1/auth/me"]

    assert [(401, "NOT_AUTHENTICATED")] * 4 == [code(running.ask("GET", f"{path}?{query}")) for path in paths]


def test_an_address_expires(running: Api, ada: User, listen_url: str) -> None:
    """The answer says how to get another one, and does not repeat it."""
    urls, path = ListenURLs(signing_secret(running.settings)), urlsplit(listen_url).path
    ages = (LIFETIME_S - 60, LIFETIME_S + 7200)
    fresh, expired = (urls.sign(path, UUID(ada.id), now=time.time() - age) for age in ages)

    answers = [running.ask("GET", url) for url in (fresh, expired)]

    assert [200, 401] == [answer.status_code for answer in answers]
    message = answers[1].json()["error"]["message"]
    assert "expired" in message
    assert dict(parse_qsl(urlsplit(expired).query))["signature"] not in answers[1].text


def test_an_address_ends_with_the_account(running: Api) -> None:
    """From the next request on, and is valid again when the account is opened again."""
    bob = running.user("bob")
    url = running.ask("GET", f"/api/v1/books/isbn/{ISBN}", bob).json()["chapters"][0]["listen_url"]
    statuses = []
    for is_active in (True, False, True):
        with running.database.session() as session:
            session.get_one(UserRow, UUID(bob.id)).is_active = is_active
        statuses.append(running.ask("GET", url).status_code)

    assert [200, 401, 200] == statuses


def test_a_header_counts_more_than_the_address(running: Api, listen_url: str) -> None:
    """A wrong token is an error, as everywhere."""
    answer = running.ask("GET", listen_url, headers={"Authorization": "Bearer nonsense"})

    assert (401, "NOT_AUTHENTICATED") == code(answer)
