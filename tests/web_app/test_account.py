"""The account page: devices, apps, the password, and the end."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bookbytes_api.app import services_of
from bookbytes_api.listening.models import ListeningDayRow
from bookbytes_api.web_app.devices import device_name
from tests.api.client import PASSWORD, Api, User
from tests.api.factories import ISBN
from tests.web_app.browser import PHONE, sign_in, visiting

FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
EDGE = f"{CHROME} Edg/131.0.0.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
    "Mobile/15E148 Safari/604.1"
)
NEXT_PASSWORD = "a staple of paper"  # noqa: S105 - of a user that exists as long as a test


@pytest.fixture
def bob(site: Api, ada: User, request: pytest.FixtureRequest) -> User:  # noqa: ARG001 - the first one is an administrator
    """Somebody with an account for one test."""
    return site.user(re.sub(r"\W", "-", request.node.name)[:40])


@pytest.fixture
def page(browser: Browser, site: Api, bob: User) -> Iterator[Page]:
    """That person's account page on a phone."""
    with visiting(browser, site.origin, viewport=PHONE) as opened:
        sign_in(opened, site, bob)
        opened.goto("/account")
        yield opened


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Android"),
        (CHROME, "Chrome on Windows"),
        (EDGE, "Edge on Windows"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (Nintendo Switch)", "A browser"),
        ("AntennaPod/3.4.1", "AntennaPod"),
        ("", "An app that gives no name"),
    ],
)
def test_devices_have_names_that_people_know(user_agent: str, name: str) -> None:
    """Of browsers that name each other, the one that it is."""
    assert name == device_name(user_agent)


def test_another_device_is_signed_out(site: Api, bob: User, page: Page) -> None:
    """This browser is marked, and stays; the other one's next request is refused."""
    phone = services_of(site.app).tokens.log_in(bob.email, PASSWORD, FIREFOX)
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text="This browser")).to_have_count(1)

    page.get_by_role("button", name="Sign out Firefox on Android").click()

    expect(page.get_by_role("status")).to_have_text("Firefox on Android is signed out.")
    expect(page.get_by_role("listitem").filter(has_text="Firefox on Android")).to_have_count(0)
    expect(page.get_by_role("main")).to_be_focused()
    refused = site.client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {phone.access_token}"})
    assert 401 == refused.status_code


def test_a_token_is_shown_once_and_taken_back(site: Api, page: Page) -> None:
    """It is copied, works, is listed by its name alone, and is refused when the app is locked out."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    form = page.locator("shown-once[field=token]")
    form.get_by_label("Name of the app").fill("Reader")
    form.get_by_role("button", name="Make a token").click()
    secret = form.locator("[data-secret]")
    expect(secret).to_have_text(re.compile("^bookbytes_"))
    token = secret.inner_text()
    form.get_by_role("button", name="Copy").click()
    expect(form.get_by_role("button", name="Copied")).to_be_visible()
    assert token == page.evaluate("navigator.clipboard.readText()")
    headers = {"Authorization": f"Bearer {token}"}
    assert 200 == site.client.get("/api/v1/books", headers=headers).status_code

    form.get_by_role("button", name="I have kept it").click()
    listed = page.get_by_role("listitem").filter(has_text="Reader")
    expect(listed).to_contain_text("It sees the library and plays it. Last used on")
    expect(page.get_by_text(token)).to_have_count(0)
    page.on("dialog", lambda dialog: dialog.accept())
    listed.get_by_role("button", name="Lock out Reader").click()

    expect(page.get_by_text("None yet.")).to_be_visible()
    assert 401 == site.client.get("/api/v1/books", headers=headers).status_code


def test_a_feed_is_made_and_can_be_copied_by_hand(site: Api, page: Page) -> None:
    """Where a browser has no clipboard, as on pages without TLS, the address is selected.

    It stays while something else is made.
    """
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    form = page.locator("shown-once[field=feed_url]")
    form.get_by_label("Name of the app").fill("AntennaPod")
    form.get_by_role("button", name="Make a feed of all books").click()
    form.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("status")).to_contain_text("copy it yourself")
    address = page.evaluate("getSelection().toString()")
    feed = site.client.get(address)
    assert (200, True) == (feed.status_code, "On Rivers" in feed.text)
    other = page.locator("shown-once[field=token]")
    other.get_by_label("Name of the app").fill("Reader")
    other.get_by_role("button", name="Make a token").click()
    other.get_by_role("button", name="I have kept it").click()
    expect(form.locator("[data-secret]")).to_have_text(address)
    form.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_role("listitem").filter(has_text="It sees the library and plays it.")).to_have_count(2)


def test_a_new_password_needs_the_present_one(site: Api, bob: User, page: Page) -> None:
    """What is wrong is said above the form; then other devices are signed out and this browser is not."""
    services_of(site.app).tokens.log_in(bob.email, PASSWORD, FIREFOX)
    form = page.locator("api-form[action='/api/v1/auth/password']")
    form.get_by_label("Present password").fill("not this one")
    form.get_by_label("New password").fill(NEXT_PASSWORD)
    form.get_by_role("button").click()
    expect(form.get_by_role("alert")).to_have_text("This is not the password of your account.")

    form.get_by_label("Present password").fill(PASSWORD)
    form.get_by_role("button").click()

    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    expect(page.get_by_role("button", name="Sign out Firefox")).to_have_count(0)
    assert services_of(site.app).tokens.log_in(bob.email, NEXT_PASSWORD, "Chromium")


def test_signing_out_everywhere_may_lock_out_apps(site: Api, bob: User, page: Page) -> None:
    """Whoever has lost a phone ticks the box, and signs in again."""
    token = site.ask("POST", "/api/v1/auth/tokens", bob, json={"name": "Lost", "scope": "listen"}).json()["token"]
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Also lock out my apps").check()
    page.get_by_role("button", name="Sign out everywhere").click()

    expect(page).to_have_url(re.compile("/sign-in$"))
    expect(page.get_by_role("link", name="Account")).to_have_count(0)
    refused = site.client.get("/api/v1/books", headers={"Authorization": f"Bearer {token}"})
    assert 401 == refused.status_code


def test_an_account_is_closed_with_its_password(site: Api, bob: User, page: Page) -> None:
    """After a question; then nobody can sign in to it."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_text("Close my account for good").click()
    form = page.locator("api-form[action='/api/v1/auth/me']")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Close the account").click()

    expect(page).to_have_url(re.compile("/sign-in$"))
    assert 401 == site.ask("GET", "/api/v1/auth/me", bob).status_code


def test_the_account_page_is_accessible(site: Api, bob: User, page: Page) -> None:
    """With days of listening, an app, and everything opened; it fits on a phone."""
    with closing(site.database) as database, database.session() as session:
        today = datetime.now(UTC).date()
        session.add(ListeningDayRow(user_id=UUID(bob.id), day=today, isbn=ISBN, seconds=660.0))
    site.ask("POST", "/api/v1/auth/tokens", bob, json={"name": "Reader", "scope": "make"})
    page.reload()
    for summary in page.locator("summary").all():
        summary.click()

    expect(page.get_by_text("11 min in the last four weeks.")).to_be_visible()
    expect(page.get_by_role("cell", name="11 min")).to_be_visible()
    faults = [fault for fault in Axe().run(page).response["violations"] if fault["impact"] in {"serious", "critical"}]
    assert [] == faults
    assert PHONE["width"] == page.evaluate("document.documentElement.scrollWidth")
