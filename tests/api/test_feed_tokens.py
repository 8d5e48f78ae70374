"""The token in the addresses of a feed: who has it hears everything, and nobody after it was revoked."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from lxml import etree
from sqlalchemy import update

from bookbytes_api.accounts.models import UserRow
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import publish_book
from tests.api.feeds import FEEDS, add_whole_file, by_feedparser, fetch, new_feed, path

TOKENS = "/api/v1/auth/tokens"


@pytest.fixture
def ada(api: Api) -> User:
    """A person who listens."""
    return api.user()


@pytest.fixture
def book(api: Api) -> UUID:
    """A book with all that a feed can have: transcripts, and a file of the whole with chapters."""
    published = publish_book(api.settings)
    add_whole_file(api, published)
    return published


def addresses(api: Api, feed_url: str) -> list[str]:
    """All addresses in a feed except the server's own: the feed's, of covers, clips, transcripts and chapters."""
    found = etree.fromstring(fetch(api, feed_url)).xpath("//@url | //@href")
    return sorted({str(address) for address in found})


def with_token(url: str, token: str) -> str:
    """The same address with another token."""
    return f"{path(url)}?token={token}" if token else path(url)


def test_a_feed_has_a_token_of_its_own(api: Api, ada: User, book: UUID) -> None:
    """It may listen and nothing more, is listed with the others, and is told once."""
    answer = api.ask("POST", FEEDS, ada, json={"book_id": str(book)})
    feed = answer.json()
    [listed] = api.ask("GET", TOKENS, ada).json()

    assert (201, "no-store") == (answer.status_code, answer.headers["Cache-Control"])
    assert {"token_id", "name", "book_id", "feed_url"} == feed.keys()
    assert (feed["token_id"], "Podcast feed of On Rivers", "listen") == (listed["id"], listed["name"], listed["scope"])
    assert "Podcast feed of my shelf" == new_feed(api, ada)["name"]
    assert "my phone" == new_feed(api, ada, name="my phone")["name"]


def test_no_token_makes_another(api: Api, ada: User) -> None:
    """Whoever finds an address cannot make more of them."""
    made = api.ask("POST", TOKENS, ada, json={"name": "x", "scope": "make"}).json()["token"]
    answer = api.ask("POST", FEEDS, json={}, headers={"Authorization": f"Bearer {made}"})

    assert (403, "TOKEN_SCOPE_TOO_NARROW") == code(answer)


@pytest.mark.parametrize("of_book", [True, False])
def test_every_address_in_a_feed_has_its_token(api: Api, ada: User, book: UUID, of_book: bool) -> None:
    """An app that can send nothing else gets the feed, the cover, clips, the transcript, the file and its chapters."""
    url = str(new_feed(api, ada, book_id=str(book) if of_book else None)["feed_url"])

    found = addresses(api, url)

    assert {path(url).rpartition("/")[2], "cover.jpg", "000007d0.mp3", "transcript.vtt", "chapters.json"} <= {
        path(address).rpartition("/")[2] for address in found
    }
    assert {urlsplit(url).query} == {urlsplit(address).query for address in found}
    assert {200} == {api.client.get(address).status_code for address in found}
    assert {"no-referrer"} == {api.client.get(address).headers["Referrer-Policy"] for address in found}


def test_one_token_serves_all_feeds(api: Api, ada: User, book: UUID) -> None:
    """Addresses can be composed with any token that may listen."""
    token = api.ask("POST", TOKENS, ada, json={"name": "x", "scope": "listen"}).json()["token"]

    answers = [
        api.client.get(f"{feed}?token={token}") for feed in ("/feeds/shelf.xml", f"/feeds/books/{book}/feed.xml")
    ]

    assert [200, 200] == [answer.status_code for answer in answers]


def test_an_app_that_sends_a_password_gets_addresses_without_a_token(api: Api, ada: User) -> None:
    """It sends the password everywhere."""
    publish_book(api.settings)
    document = api.ask("GET", "/feeds/shelf.xml", ada).content

    assert b"token=" not in document
    assert [200, 200] == [api.ask("GET", path(heard.url), ada).status_code for heard in by_feedparser(document)[1]]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_another_token_is_refused_at_every_address(api: Api, ada: User, book: UUID, method: str) -> None:
    """None, one cut short, one that was changed, that of a login, and one that may not listen."""
    url = str(new_feed(api, ada, book_id=str(book))["feed_url"])
    [token] = parse_qs(urlsplit(url).query)["token"]
    changed = token[:-2] + ("AA" if token[-2] != "A" else "BB")
    login = ada.headers["Authorization"].removeprefix("Bearer ")
    may_read = api.ask("POST", TOKENS, ada, json={"name": "x", "scope": "read"}).json()["token"]

    for address in addresses(api, url):
        for other in ("", token[:-1], changed, "bookbytes_", login):
            assert 401 == api.client.request(method, with_token(address, other)).status_code, (path(address), other)
        if path(address).startswith("/feeds/"):
            assert 403 == api.client.request(method, with_token(address, may_read)).status_code, path(address)


def test_a_token_ends_at_every_address_at_once(api: Api, ada: User, book: UUID) -> None:
    """When it is revoked and when the account is closed; others go on."""
    bob = api.user("bob")
    feeds = [new_feed(api, user, book_id=str(book)) for user in (ada, bob, bob)]
    found = [addresses(api, feed["feed_url"]) for feed in feeds]
    statuses = []

    api.ask("DELETE", f"{TOKENS}/{feeds[0]['token_id']}", ada)
    statuses.append([{api.client.get(url).status_code for url in of_feed} for of_feed in found])
    with api.database.session() as session:
        session.execute(update(UserRow).where(UserRow.id == UUID(bob.id)).values(is_active=False))
    statuses.append([{api.client.get(url).status_code for url in of_feed} for of_feed in found])

    assert [[{401}, {200}, {200}], [{401}, {401}, {401}]] == statuses


def test_no_token_is_in_the_log_or_in_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether it is valid or not; the path says what was asked for."""
    with serving_api(offline_settings(tmp_path, log_level="DEBUG", log_format="json")) as api:
        ada, _ = api.user(), publish_book(api.settings)
        feed = new_feed(api, ada)
        [token] = parse_qs(urlsplit(feed["feed_url"]).query)["token"]
        clip = by_feedparser(fetch(api, feed["feed_url"]))[1][0].url
        api.client.get(clip)
        api.ask("DELETE", f"{TOKENS}/{feed['token_id']}", ada)
        refused = api.client.get(clip)
    logged = capsys.readouterr().out

    assert path(clip) in logged
    assert 401 == refused.status_code
    assert token not in logged + refused.text + str(refused.headers)
