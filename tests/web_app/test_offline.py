"""Books that are kept on a device, and what the pages do without a network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from bookbytes_api.web_app.assets import Assets
from tests.api.client import Api, User, wait_for
from tests.api.factories import numbered_book, publish_book
from tests.fakes.sound import mp3
from tests.web_app.browser import sign_in, visiting

SOUND = mp3(30)
WAIT_S = 20
WEIRS = numbered_book(1, title="On Weirs")
KEEP = """async ([id, module]) => {
  const { Keeping } = await import(module);
  const keeping = new Keeping(id);
  return keeping.finished.then(() => [keeping.done, keeping.chapters], (error) => error.message);
}"""
ANSWER = """async ([address, range]) => {
  const response = await fetch(address, range ? { headers: { Range: range } } : {});
  const bytes = response.ok ? [...new Uint8Array(await response.arrayBuffer())] : [];
  return [response.status, response.headers.get("Content-Range"), bytes];
}"""
PLAY = """async ([address, seconds]) => {
  const audio = new Audio(address);
  await audio.play();
  audio.currentTime = seconds;
  await new Promise((resolve) => audio.addEventListener("timeupdate", () => audio.currentTime > seconds && resolve()));
  return [audio.currentTime, audio.duration];
}"""
READY = """async () => navigator.serviceWorker.controller !== null
  && (await caches.match("/offline", { ignoreVary: true })) !== undefined"""
EMPTY = "async () => (await caches.keys()).length === 0"


@pytest.fixture(scope="module")
def weirs(site: Api) -> UUID:
    """A book with two clips of half a minute."""
    return publish_book(site.settings, WEIRS, {"Stones": SOUND, "Water": SOUND})


@pytest.fixture
def listener(browser: Browser, site: Api, ada: User) -> Iterator[Page]:
    """Ada's page with the service worker that answers it."""
    with visiting(browser, site.origin, service_workers="allow") as page:
        sign_in(page, site, ada)
        _wait_for_worker(page)
        yield page


def test_a_kept_book_is_heard_without_a_network(listener: Page, site: Api, ada: User, weirs: UUID) -> None:
    """Its chapters play and are sought in, its data are there, and a page that is not kept says what is."""
    clips = _clips(site, ada, weirs)
    assert [2, 2] == _keep(listener, weirs)
    listener.context.set_offline(True)

    place, length = listener.evaluate(PLAY, [clips[1], 20])
    assert (20 < place < 22, 29 < length < 31) == (True, True)
    assert "On Weirs" == listener.evaluate(
        "async (id) => (await (await fetch('/api/v1/books/' + id)).json()).title", str(weirs)
    )
    listener.goto("/")
    expect(listener.get_by_role("link", name="On Weirs").first).to_be_visible()
    listener.goto("/account")
    expect(listener.get_by_role("heading", name="There is no network")).to_be_visible()
    expect(listener.get_by_role("button", name="Play On Weirs")).to_be_visible()


def test_the_player_plays_a_kept_book_without_a_network(listener: Page, weirs: UUID) -> None:
    """From the list of what is on this device, whose pages of the book are there as well."""
    listener.goto(f"/books/{weirs}")
    listener.get_by_role("button", name="Keep on this device").click()
    expect(listener.get_by_text("Kept on this device:")).to_be_visible()
    listener.context.set_offline(True)
    listener.goto("/kept")

    listener.get_by_role("button", name="Play On Weirs").click()

    wait_for(lambda: listener.evaluate("() => document.querySelector('book-player audio').currentTime > 1"), WAIT_S)
    listener.get_by_role("main").get_by_role("link", name="On Weirs").click()
    expect(listener.get_by_role("heading", name="On Weirs")).to_be_visible()
    assert not listener.evaluate("() => document.querySelector('book-player audio').paused")


@pytest.mark.parametrize(
    ("asked", "status", "sent"),
    [
        (None, 200, slice(None)),
        ("bytes=0-99", 206, slice(100)),
        ("bytes=1000-", 206, slice(1000, None)),
        ("bytes=-100", 206, slice(-100, None)),
        (f"bytes=10-{len(SOUND) * 2}", 206, slice(10, None)),
        ("bytes=5-4", 200, slice(None)),
        (f"bytes={len(SOUND)}-", 416, None),
        ("bytes=-0", 416, None),
    ],
)
def test_parts_of_a_kept_clip(
    keeper: Page, site: Api, ada: User, weirs: UUID, asked: str | None, status: int, sent: slice | None
) -> None:
    """They are what the server would send."""
    clip = _clips(site, ada, weirs)[0]
    keeper.context.set_offline(True)
    offline = keeper.evaluate(ANSWER, [clip, asked])
    keeper.context.set_offline(False)
    online = site.ask("GET", clip, ada, headers={"Range": asked} if asked else {})

    assert (online.status_code, online.headers.get("Content-Range")) == (offline[0], offline[1])
    assert (status, b"" if sent is None else SOUND[sent]) == (offline[0], bytes(offline[2]))


def test_what_is_kept_is_listed_and_removed(listener: Page, weirs: UUID) -> None:
    """Without a network as well; then the book is not heard there any more."""
    _keep(listener, weirs)
    listener.context.set_offline(True)
    listener.goto("/kept")
    expect(listener.get_by_text("2 chapters")).to_be_visible()
    expect(listener.get_by_text("1 book takes")).to_be_visible()

    listener.get_by_role("button", name="Remove On Weirs from this device").click()

    expect(listener.get_by_text("Nothing is kept on this device yet.")).to_be_visible()
    listener.goto(f"/books/{weirs}")
    expect(listener.get_by_role("heading", name="There is no network")).to_be_visible()


def test_a_clip_that_was_made_again_is_not_played_from_the_device(listener: Page, site: Api, ada: User) -> None:
    """The server's holds as soon as it can be asked."""
    book = publish_book(site.settings, numbered_book(2, title="On Locks"), {"Gates": mp3(5)})
    clip = _clips(site, ada, book)[0]
    _keep(listener, book)
    newer = mp3(6)
    publish_book(site.settings, numbered_book(2, title="On Locks"), {"Gates": newer})

    assert newer == bytes(listener.evaluate(ANSWER, [clip, None])[2])


def test_the_button_says_how_far_it_is_and_what_failed(listener: Page, site: Api) -> None:
    """A clip that the store has lost is named; once it is back, the download goes on from there."""
    book = publish_book(site.settings, numbered_book(4, title="On Ferries"), {"Ropes": mp3(4), "Tides": mp3(7)})
    lost = _clip_file(site, mp3(7))
    lost.rename(lost.with_suffix(".lost"))
    listener.goto(f"/books/{book}")
    listener.get_by_role("button", name="Keep on this device").click()
    expect(listener.get_by_text("Chapter 2 of On Ferries could not be kept: The clip of chapter 2")).to_be_visible()

    lost.with_suffix(".lost").rename(lost)
    listener.get_by_role("button", name="Try again").click()

    expect(listener.get_by_text("Kept on this device:")).to_be_visible()
    listener.get_by_role("button", name="Remove from this device").click()
    expect(listener.get_by_role("button", name="Keep on this device")).to_be_focused()


def test_a_page_of_an_older_version_finds_its_styles(keeper: Page) -> None:
    """An updated server has them no more: those of the same name take their place, with a network and without."""
    address = Assets().address("styles/base.css")
    older = "/static/000000000000/styles/base.css"

    assert keeper.evaluate(ANSWER, [address, None]) == keeper.evaluate(ANSWER, [older, None])
    keeper.context.set_offline(True)
    assert 200 == keeper.evaluate(ANSWER, [older, None])[0]
    keeper.context.set_offline(False)


def test_a_full_device_says_so(listener: Page, site: Api, weirs: UUID) -> None:
    """Browsers promise more room than there is, and refuse when it is used up."""
    devtools = listener.context.new_cdp_session(listener)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": site.origin, "quotaSize": 10_000})

    assert "This browser has no more room for books. Remove another one first." == _keep(listener, weirs)


def test_a_shared_device_keeps_nothing_of_somebody_else(listener: Page, site: Api, weirs: UUID) -> None:
    """Who signs out takes the books along; so does who signs in after somebody that did not."""
    _keep(listener, weirs)
    sign_in(listener, site, site.user("grace"))
    _wait_for_worker(listener)
    listener.goto("/kept")
    expect(listener.get_by_text("Nothing is kept on this device yet.")).to_be_visible()
    _keep(listener, weirs)

    listener.evaluate("fetch('/sign-out', { method: 'POST' }).then((answer) => answer.text())")

    wait_for(lambda: listener.evaluate(EMPTY), WAIT_S)


@pytest.fixture(scope="module")
def keeper(browser: Browser, site: Api, ada: User, weirs: UUID) -> Iterator[Page]:
    """Ada's page where the book is kept, for questions to the worker alone."""
    with visiting(browser, site.origin, service_workers="allow") as page:
        sign_in(page, site, ada)
        _wait_for_worker(page)
        _keep(page, weirs)
        yield page


def _wait_for_worker(page: Page) -> None:
    """Open a page, and wait until the worker answers it and has kept the pages that are shown offline."""
    page.goto("/kept")
    wait_for(lambda: page.evaluate(READY), WAIT_S)


def _keep(page: Page, book: UUID) -> Any:
    """Keep a book; returns how many chapters of how many, or why not."""
    return page.evaluate(KEEP, [str(book), Assets().address("modules/offline/keeping.js")])


def _clips(site: Api, user: User, book: UUID) -> list[str]:
    """The addresses of a book's clips."""
    return [chapter["audio_url"] for chapter in site.ask("GET", f"/api/v1/books/{book}", user).json()["chapters"]]


def _clip_file(site: Api, sound: bytes) -> Path:
    """The file of the clip with this sound."""
    return next(path for path in site.settings.bookbytes_home.rglob("*.mp3") if path.read_bytes() == sound)
