"""Pages whose modules are not there yet, as on a slow phone, or fail."""

import re

from playwright.sync_api import Browser, expect

from bookbytes_api.web_app.assets import FOLDER
from tests.api.client import PASSWORD, Api, User
from tests.web_app.browser import sign_in, visiting

FORM = re.compile(r"<form[^>]*>")


def test_a_password_is_in_no_address(browser: Browser, site: Api, ada: User) -> None:
    """A form that is sent too early is not sent."""
    with visiting(browser, site.origin, java_script_enabled=False) as page:
        sign_in(page, site, ada)
        page.goto("/account")
        page.get_by_label("Present password").fill(PASSWORD)
        page.get_by_label("New password").fill("a staple of paper")
        page.get_by_role("button", name="Change the password").click()

        expect(page.get_by_label("New password")).to_have_value("a staple of paper")
        assert f"{site.origin}/account" == page.url


def test_every_form_says_what_becomes_of_it() -> None:
    """Without a method it would load its own page with all that was typed in the address."""
    forms = {(path.name, form) for path in FOLDER.rglob("*.html") for form in FORM.findall(path.read_text())}

    assert forms
    assert set() == {(name, form) for name, form in forms if "method=" not in form}
