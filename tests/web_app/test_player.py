"""The player at the end of every page, with real sound."""

import re

from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import update

from bookbytes_pipeline.library.models import BookRow
from tests.api.client import Api, User
from tests.fakes.sound import mp3
from tests.web_app.browser import PHONE, sign_in, visiting
from tests.web_app.listening import LONG_S, SHORT_S, audible_book, expect_place, listen, player, slider, sound


def test_a_book_plays_on_from_page_to_page(site: Api, page: Page) -> None:
    """The clip is not loaded again, the lock screen says what plays, and it stops when its listener says so."""
    book = audible_book(site.settings, 1)
    listen(page, book)
    expect(player(page).get_by_role("link", name="1. Springs")).to_be_visible()
    expect_place(page, 1, 9)
    clips = []
    page.on("request", lambda request: clips.append(request.url) if request.url.endswith("/audio") else None)
    before = sound(page, "currentTime")

    page.get_by_role("link", name="Bookmarks").click()
    expect(page.get_by_role("heading", name="Bookmarks")).to_be_visible()
    page.get_by_role("link", name="Shelf").click()
    expect(page.get_by_role("heading", name="Shelf")).to_be_visible()

    assert before <= sound(page, "currentTime")
    assert not sound(page, "paused")
    assert [] == clips
    metadata = "({title, album, artist, artwork} = navigator.mediaSession.metadata)"
    cover = f"{site.origin}/api/v1/books/{book}/cover"
    assert ["1. Springs", "Rivers 1", "Ada Ford", cover] == page.evaluate(
        f"{metadata}, [title, album, artist, artwork[0].src]"
    )
    assert "playing" == page.evaluate("navigator.mediaSession.playbackState")
    player(page).get_by_role("button", name="Pause").click()
    assert sound(page, "paused")


def _go_to_end(page: Page) -> None:
    """Go to the last two seconds of a chapter: one that is short would be over before a busy machine has looked."""
    slider(page).fill(str(LONG_S - SHORT_S))


def test_another_tab_takes_over(site: Api, page: Page) -> None:
    """Two tabs do not speak at once."""
    book = audible_book(site.settings, 11)
    listen(page, book)
    tab = page.context.new_page()

    listen(tab, book)

    expect(player(page).get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert (True, False) == (sound(page, "paused"), sound(tab, "paused"))


def test_the_next_chapter_with_a_clip_follows_to_the_end_of_the_book(site: Api, page: Page, ada: User) -> None:
    """Then it is said that the book is over, and the server knows that it is finished; it would begin again."""
    book = audible_book(site.settings, 2, (LONG_S, None, LONG_S))
    listen(page, book)

    _go_to_end(page)
    expect(player(page).get_by_role("link", name="3. Deltas")).to_be_visible()
    expect_place(page, 1, 9)
    with page.expect_response(
        lambda answer: answer.url.endswith("/positions") and '"is_finished":true' in answer.request.post_data
    ):
        _go_to_end(page)
        expect(player(page).get_by_text("You have heard “Rivers 2” to its end.")).to_be_visible()

    page.reload()
    expect(player(page)).to_be_visible()
    assert site.ask("GET", f"/api/v1/me/positions/{book}", ada).json()["is_finished"]
    expect(player(page).get_by_role("link", name="1. Springs")).to_be_visible()


def test_a_book_that_is_still_made_goes_on_with_what_is_ready_by_then(site: Api, page: Page) -> None:
    """At the end of its last chapter it is read again."""
    book = audible_book(site.settings, 3)
    with site.database.session() as session:
        session.execute(update(BookRow).where(BookRow.id == book).values(chapters_expected=2))
    listen(page, book)
    audible_book(site.settings, 3, (LONG_S, LONG_S))

    _go_to_end(page)
    expect(player(page).get_by_role("link", name="2. Rapids")).to_be_visible()
    expect_place(page, 1, 9)


def test_speed_is_kept_and_the_pitch_with_it(site: Api, page: Page) -> None:
    """For the next chapter, and for the next visit."""
    book = audible_book(site.settings, 4, (LONG_S, LONG_S))
    listen(page, book)
    player(page).get_by_role("button", name="Speed").click()
    page.get_by_label("Speed").select_option("1.5")
    page.keyboard.press("Escape")
    player(page).get_by_role("button", name="Next chapter").click()

    expect(player(page).get_by_role("link", name="2. Rapids")).to_be_visible()
    assert (1.5, True) == (sound(page, "playbackRate"), sound(page, "preservesPitch"))
    page.reload()
    expect(player(page).get_by_role("button", name="Speed 1.5×")).to_be_visible()
    assert 1.5 == sound(page, "defaultPlaybackRate")


def test_the_sleep_timer_stops_at_the_end_of_the_chapter(site: Api, page: Page) -> None:
    """The next one is ready to be played, and the timer is off; one of minutes says what is left of them."""
    book = audible_book(site.settings, 5, (LONG_S, LONG_S))
    listen(page, book)
    player(page).get_by_role("button", name="Sleep timer").click()
    page.get_by_label("Sleep timer").select_option("In 5 minutes")
    expect(page.get_by_role("dialog").get_by_text(re.compile("4:5"))).to_be_visible()
    page.get_by_label("Sleep timer").select_option("At the end of the chapter")
    page.get_by_role("button", name="Close").click()

    _go_to_end(page)
    expect(player(page).get_by_role("link", name="2. Rapids")).to_be_visible()
    expect(player(page).get_by_role("button", name="Play")).to_be_visible()
    assert (0, True) == (sound(page, "currentTime"), sound(page, "paused"))
    expect(page.locator("#player-sleep")).to_have_value("")


def test_keys_work_in_the_player_and_nowhere_else(site: Api, page: Page) -> None:
    """Moving, stopping, and a list of the keys; the slider is spoken in minutes and seconds."""
    book = audible_book(site.settings, 6, (LONG_S, LONG_S))
    listen(page, book)
    page.keyboard.press("k")
    expect(player(page).get_by_role("button", name="Pause")).to_be_visible()

    slider(page).focus()
    page.keyboard.press("k")
    expect(player(page).get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.keyboard.press("Home")
    page.keyboard.press("l")
    expect(slider(page)).to_have_attribute("aria-valuetext", "30 seconds of 1 minute")
    page.keyboard.press("j")
    expect(slider(page)).to_have_attribute("aria-valuetext", "15 seconds of 1 minute")
    page.keyboard.press("ArrowRight")
    expect(slider(page)).to_have_attribute("aria-valuetext", "16 seconds of 1 minute")
    page.keyboard.press(">")
    expect(player(page).get_by_role("button", name="Speed 1.25×")).to_be_visible()
    page.keyboard.press("n")
    expect(player(page).get_by_role("link", name="2. Rapids")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys of the player")).to_be_visible()


def _cut_off(page: Page) -> None:
    """Let the clip fail until the player gives up, then let it be loaded again."""

    def fail(route: Route) -> None:
        route.fulfill(status=503)

    page.route("**/audio", fail)
    page.evaluate("document.querySelector('audio').load()")
    expect(player(page).get_by_text("Chapter 1 cannot be loaded at the moment.")).to_be_visible(timeout=30_000)
    page.unroute("**/audio", fail)


def test_a_clip_that_fails_goes_on_where_it_was(site: Api, page: Page) -> None:
    """After some tries it says so and offers another one, which is at the same place."""
    listen(page, audible_book(site.settings, 7))
    expect_place(page, 1, 9)
    _cut_off(page)
    again = player(page).get_by_role("button", name="Try again")
    again.click()

    expect(again).to_be_hidden()
    expect_place(page, 2, 15)
    assert not sound(page, "paused")


def test_a_clip_plays_on_when_the_network_is_back(site: Api, page: Page) -> None:
    """Nobody has to press anything."""
    listen(page, audible_book(site.settings, 10))
    expect_place(page, 1, 9)
    _cut_off(page)
    page.context.set_offline(True)
    page.context.set_offline(False)

    expect(player(page).get_by_role("button", name="Pause")).to_be_visible()
    expect(player(page).get_by_text("cannot be loaded")).to_be_hidden()
    expect_place(page, 2, 15)


def test_the_list_of_chapters_on_a_phone(browser: Browser, site: Api, ada: User) -> None:
    """The summary of the whole book comes first, and leads back to where the listener is in the chapters."""
    book = audible_book(site.settings, 9, (LONG_S, LONG_S), whole=mp3(SHORT_S))
    with visiting(browser, site.origin, viewport=PHONE) as page:
        sign_in(page, site, ada)
        listen(page, book)
        player(page).get_by_role("button", name="Chapters and settings").click()
        chapters = page.get_by_role("dialog").get_by_role("listitem")
        expect(chapters).to_have_text(
            [re.compile("in three minutes"), re.compile("1. Springs"), re.compile("2. Rapids")]
        )
        chapters.last.get_by_role("button").click()
        expect(chapters.last.get_by_role("button")).to_have_attribute("aria-current", "true")
        chapters.first.get_by_role("button").click()
        page.get_by_role("button", name="Close").click()
        expect(player(page).get_by_text(re.compile("in short"))).to_be_visible()
        expect(player(page).get_by_role("link", name="2. Rapids")).to_be_visible()
        assert 360 >= page.evaluate("document.documentElement.scrollWidth")
