"""The page of a reset link."""

import re

from playwright.sync_api import Page, expect

from bookbytes_api.app import services_of
from tests.api.client import PASSWORD, Api, User

NEXT_PASSWORD = "a staple of paper"  # noqa: S105 - of a user that exists as long as a test
HINT = "This page needs the whole link"


def test_a_link_leads_to_a_new_password(site: Api, ada: User, visitor: Page) -> None:
    """The token leaves the address at once; the link works once, and leads to the sign-in page."""
    zoe = site.user("zoe")
    link = site.ask("POST", f"/api/v1/users/{zoe.id}/password-reset", ada).json()["reset_url"]
    for attempt in range(2):
        visitor.goto("about:blank")
        visitor.goto(link)
        expect(visitor).to_have_url(re.compile("/reset$"))
        expect(visitor.get_by_text(HINT)).to_have_count(0)
        visitor.get_by_label("New password").fill(NEXT_PASSWORD)
        visitor.get_by_role("button", name="Keep this password").click()
        if attempt == 0:
            expect(visitor.get_by_text("Your password is changed")).to_be_visible()
            expect(visitor.get_by_role("link", name="Sign in")).to_be_focused()
    expect(visitor.get_by_role("alert")).to_contain_text("This link was used, or has expired.")

    assert services_of(site.app).tokens.log_in(zoe.email, NEXT_PASSWORD, "Chromium")
    assert 401 == site.client.post("/api/v1/auth/login", json={"email": zoe.email, "password": PASSWORD}).status_code


def test_without_a_token_there_is_no_form(visitor: Page) -> None:
    """But a sentence that says what is missing."""
    visitor.goto("/reset")

    expect(visitor.get_by_text(HINT)).to_be_visible()
    expect(visitor.get_by_label("New password")).to_be_hidden()
