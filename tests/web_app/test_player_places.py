"""Where somebody was in a book: kept by the browser, and sent to the server."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.api.client import Api, User
from tests.web_app.browser import sign_in
from tests.web_app.listening import LONG_S, audible_book, expect_place, listen, player, resumed_at, slider, sound

_POSITIONS = re.compile("/api/v1/me/positions$")


def test_a_reload_comes_back_within_a_second_of_the_place(site: Api, page: Page) -> None:
    """Paused, because browsers start no sound by themselves; and so does another tab once this one is closed."""
    book = audible_book(site.settings, 21, (LONG_S, LONG_S))
    listen(page, book, 2)
    slider(page).fill("30")
    expect_place(page, 32, 40)
    left_at = sound(page, "currentTime")
    page.reload()

    expect_place(page, 31, 45)
    assert 1 >= abs(resumed_at(page) - left_at)
    assert sound(page, "paused")
    tab = page.context.new_page()
    page.close()
    tab.goto("/")
    expect(player(tab).get_by_role("link", name="2. Rapids")).to_be_visible()
    expect_place(tab, 31, 45)
    assert 1 >= abs(resumed_at(tab) - left_at)


def test_the_newer_place_of_another_device_holds(site: Api, page: Page, ada: User) -> None:
    """When the page is loaded, and when somebody comes back to it."""
    book = audible_book(site.settings, 22, (LONG_S, LONG_S))
    listen(page, book)
    player(page).get_by_role("button", name="Pause").click()
    elsewhere = {"chapter_number": 2, "seconds": 41.5, "device": "Car"}
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    site.ask("PUT", f"/api/v1/me/positions/{book}", ada, json={**elsewhere, "client_time": later}).raise_for_status()

    page.reload()

    expect(player(page).get_by_role("link", name="2. Rapids")).to_be_visible()
    expect(slider(page)).to_have_attribute("aria-valuetext", "41 seconds of 1 minute")
    further = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    elsewhere = {"chapter_number": 2, "seconds": 50, "device": "Car", "client_time": further}
    site.ask("PUT", f"/api/v1/me/positions/{book}", ada, json=elsewhere).raise_for_status()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(slider(page)).to_have_attribute("aria-valuetext", "50 seconds of 1 minute")


def test_a_place_reached_offline_is_sent_when_the_network_is_back(site: Api, page: Page, ada: User) -> None:
    """It is kept until then."""
    book = audible_book(site.settings, 23)
    listen(page, book)
    expect_place(page, 1, 9)
    with page.expect_response(_POSITIONS):
        player(page).get_by_role("button", name="Pause").click()
    page.context.set_offline(True)
    slider(page).fill("45")
    assert 10 > site.ask("GET", f"/api/v1/me/positions/{book}", ada).json()["seconds"]

    with page.expect_response(_POSITIONS):
        page.context.set_offline(False)

    known = site.ask("GET", f"/api/v1/me/positions/{book}", ada).json()
    assert (45, "Web") == (known["seconds"], known["device"])


def test_who_is_signed_out_meanwhile_listens_on(site: Api, page: Page, ada: User) -> None:
    """The place is kept, and sent after signing in again."""
    book = audible_book(site.settings, 29)
    listen(page, book)
    page.context.clear_cookies()
    with page.expect_response(_POSITIONS) as refused:
        slider(page).fill("40")
    expect_place(page, 41, 50)
    assert (401, False) == (refused.value.status, sound(page, "paused"))

    sign_in(page, site, ada)
    with page.expect_response(lambda answer: _POSITIONS.search(answer.url) and answer.ok):
        page.goto("/")

    assert 40 <= site.ask("GET", f"/api/v1/me/positions/{book}", ada).json()["seconds"]


def test_time_listened_is_reported_as_one_sitting(site: Api, page: Page, ada: User) -> None:
    """As long as it really took, although it played faster and the place was moved."""
    book = audible_book(site.settings, 24)
    listen(page, book)
    slider(page).press(">")
    slider(page).fill("30")
    expect_place(page, 32, 45)
    with page.expect_response(re.compile("/api/v1/me/listening/sessions/offline$")):
        player(page).get_by_role("button", name="Pause").click()

    sessions = site.ask("GET", "/api/v1/me/listening", ada).json()["sessions"]
    [seconds] = [sitting["seconds_listened"] for sitting in sessions if sitting["book_id"] == str(book)]
    assert 1 < seconds < 20


def test_another_person_finds_nothing_of_the_one_before(site: Api, page: Page) -> None:
    """Neither the book in the player nor what the browser kept."""
    listen(page, audible_book(site.settings, 25))
    expect_place(page, 1, 9)
    sign_in(page, site, site.user("bob"))

    page.goto("/")

    expect(page.get_by_role("heading", name="Shelf")).to_be_visible()
    expect(player(page)).to_be_hidden()
    assert 0 == page.evaluate("localStorage.length")
