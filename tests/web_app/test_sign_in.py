"""Signing up, in and out with a browser."""

import re

from playwright.sync_api import Page, expect

from tests.api.client import PASSWORD, Api, User
from tests.web_app.browser import sign_up


def test_the_first_account_is_told_its_role(visitor: Page) -> None:
    """Before and after it is made; then its owner is on the shelf, and signs out again."""
    visitor.goto("/")
    expect(visitor).to_have_url(re.compile("/sign-in$"))
    visitor.get_by_role("link", name="Create the first one").click()
    expect(visitor.get_by_text("your account will be an administrator's")).to_be_visible()
    sign_up(visitor, "eve")

    expect(visitor.get_by_role("link", name="On Rivers")).to_be_visible()
    expect(visitor.get_by_role("link", name="People")).to_be_visible()


def test_a_wrong_password_is_said_in_the_form(visitor: Page, ada: User) -> None:
    """The address stays, and the right password leads to the page that was asked for."""
    visitor.goto("/?q=rivers")
    visitor.get_by_label("E-mail address").fill(ada.email)
    visitor.get_by_label("Password").fill("not this one")
    visitor.get_by_role("button", name="Sign in").click()
    expect(visitor.get_by_role("alert")).to_have_text("No account has this e-mail address and password.")
    expect(visitor.get_by_label("E-mail address")).to_have_value(ada.email)

    visitor.get_by_label("Password").fill(PASSWORD)
    visitor.get_by_role("button", name="Sign in").click()

    expect(visitor).to_have_url(re.compile(r"/\?q=rivers$"))


def test_the_cookie_is_kept_from_scripts(site: Api, visitor: Page) -> None:
    """HttpOnly, for this site alone; without TLS it is not marked as secure, or it would not be sent."""
    sign_up(visitor, "carol")
    cookie = visitor.context.cookies(site.origin)[0]

    assert ("bookbytes_session", True, "Lax", False) == (
        cookie.get("name"),
        cookie.get("httpOnly"),
        cookie.get("sameSite"),
        cookie.get("secure"),
    )
    assert "" == visitor.evaluate("document.cookie")
