"""Making the address of a podcast feed on a page."""

import re
from uuid import UUID, uuid4

import pytest
from lxml import html
from playwright.sync_api import Browser, Page, expect

from tests.api.client import Api, User
from tests.api.factories import numbered_book, publish_book
from tests.web_app.browser import sign_in, visiting
from tests.web_app.markup import parts

PAGE = "/feed-address"
MARGINS = """() => {
    const drawing = document.querySelector(".qr-code svg"), around = drawing.getBoundingClientRect();
    const dark = drawing.querySelector("path:last-of-type").getBoundingClientRect();
    const inModules = (pixels) => Math.round(pixels * drawing.viewBox.baseVal.width / around.width);
    return [dark.left - around.left, around.right - dark.right, dark.top - around.top, around.bottom - dark.bottom]
        .map(inModules);
}"""
"""How many modules of light are around the code: cut off at a side, cameras do not find it."""


@pytest.fixture(scope="module")
def book(site: Api, ada: User) -> UUID:
    """The book of the library."""
    return UUID(site.ask("GET", "/api/v1/books", ada).json()["items"][0]["id"])


def token_names(site: Api, user: User) -> list[str]:
    """The names of this person's tokens."""
    return [token["name"] for token in site.ask("GET", "/api/v1/auth/tokens", user).json()]


def test_the_address_of_a_book_is_made_shown_and_copied(site: Api, ada: User, book: UUID, browser: Browser) -> None:
    """In the place of the button, with a QR code; an app can listen with it, and it is in no address of the page."""
    with visiting(browser, site.origin, permissions=["clipboard-read", "clipboard-write"]) as page:
        sign_in(page, site, ada)
        page.goto(f"/books/{book}")
        page.get_by_role("button", name="Make a podcast address").click()
        expect(page.get_by_role("img", name="The address as a QR code").locator("path")).to_have_count(2)
        assert [4, 4, 4, 4] == page.evaluate(MARGINS)
        page.get_by_role("button", name="Copy the address").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        address = page.evaluate("navigator.clipboard.readText()")

        expect(page.get_by_label("Address of “Podcast feed of On Rivers”")).to_have_value(address)
        expect(page).to_have_url(re.compile(f"/books/{book}$"))
    answer = site.client.get(address)
    assert (200, True) == (answer.status_code, "<title>On Rivers</title>" in answer.text)


def test_why_there_is_no_address_is_said_beside_the_button(site: Api, ada: User, page: Page) -> None:
    """Of a book that was deleted while its page was open."""
    doomed = publish_book(site.settings, numbered_book(1, title="Doomed"))
    page.goto(f"/books/{doomed}")
    assert site.ask("DELETE", f"/api/v1/books/{doomed}", ada).is_success
    page.get_by_role("button", name="Make a podcast address").click()

    expect(page.get_by_role("alert")).to_have_text(f"There is no book {doomed} in the library.")


def test_the_form_works_without_scripts(site: Api, ada: User, browser: Browser) -> None:
    """On a page of its own, here for the whole shelf."""
    with visiting(browser, site.origin, java_script_enabled=False) as page:
        sign_in(page, site, ada)
        page.goto("/")
        page.get_by_role("button", name="Make a podcast address").click()
        field = page.get_by_label("Address of “Podcast feed of my shelf”")
        expect(field).to_have_value(re.compile(r"/feeds/shelf\.xml\?token="))
        address = field.input_value()

    assert 200 == site.client.get(address).status_code


def test_the_page_with_the_address_is_kept_nowhere(site: Api, book: UUID) -> None:
    """It says how to end the address; a book that is not there, and a form without one, make no address."""
    bob = site.user("bob")
    answer = site.ask("POST", PAGE, bob, data={"book_id": str(book)})
    refused = [site.ask("POST", PAGE, bob, data={"book_id": said}) for said in (str(uuid4()), "x")]

    page = html.fromstring(answer.text)
    assert (200, "private, no-store") == (answer.status_code, answer.headers["Cache-Control"])
    assert ["/account"] == [link.get("href") for link in parts(page, "new-feed", "a")]
    assert [404, 400, 405] == [*(each.status_code for each in refused), site.ask("GET", PAGE, bob).status_code]
    assert ["Podcast feed of On Rivers"] == token_names(site, bob)


def test_no_other_site_and_no_token_makes_an_address(site: Api, browser: Browser) -> None:
    """A form elsewhere is refused although the cookie would go along, and so is a personal access token."""
    carol = site.user("carol")
    token = site.ask("POST", "/api/v1/auth/tokens", carol, json={"name": "app", "scope": "make"}).json()["token"]
    with visiting(browser, site.origin) as page:
        sign_in(page, site, carol)
        cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    foreign = site.client.post(PAGE, data={}, headers={"Cookie": jar, "Sec-Fetch-Site": "cross-site"})
    by_token = site.client.post(PAGE, data={}, headers={"Authorization": f"Bearer {token}"})

    assert [403, 403] == [foreign.status_code, by_token.status_code]
    assert ["app"] == token_names(site, carol)
