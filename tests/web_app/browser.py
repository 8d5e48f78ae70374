"""A person with a browser: Debian's Chromium, watched for what no page may do."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from bookbytes_api.accounts.browser_cookie import COOKIE
from bookbytes_api.app import services_of
from tests.api.client import PASSWORD, Api, User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="There is no Chromium: apt-get install chromium, or bash .ci/install_chromium.sh."
)
TIMEOUT_MS = 15_000
"""For what a page does and for what is expected of it: the machine may be busy."""
expect.set_options(timeout=TIMEOUT_MS)
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@dataclass
class Watched:
    """What a page has asked for and complained of."""

    origins: tuple[str, ...]
    foreign: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note requests to other hosts, what breaks the Content-Security-Policy, and errors that nobody caught."""
        page.on("request", lambda request: self._requested(request.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self._said(message.type, message.text))

    def _requested(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme in {"http", "https"} and f"{address.scheme}://{address.netloc}" not in self.origins:
            self.foreign.append(url)

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" and "Content Security Policy" in text:
            self.faults.append(text)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium that plays sound without being heard."""
    with sync_playwright() as playwright:
        yield launch(playwright)


def launch(playwright: Playwright) -> Browser:
    """Start it; the tests run as root in containers, where Chromium's own sandbox cannot start."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--mute-audio", "--disable-dev-shm-usage"]
    )


@contextmanager
def visiting(browser: Browser, origin: str, *others: str, **how: Any) -> Iterator[Page]:
    """A new person's page of this server; fails at the end if it has loaded from elsewhere or broken its own rules.

    `others` are the origins of what else it may load from.
    """
    watched = Watched((origin, *others))
    context = browser.new_context(base_url=origin, **{"viewport": DESKTOP, "service_workers": "block", **how})
    context.set_default_timeout(TIMEOUT_MS)
    context.on("page", watched.watch)
    try:
        yield context.new_page()
        assert ([], []) == (watched.foreign, watched.faults)
    finally:
        context.close()


def sign_up(page: Page, name: str = "ada") -> None:
    """Make an account, and land on the shelf; the first one is an administrator's."""
    page.goto("/sign-up")
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("heading", name="Shelf").wait_for()


def sign_in(page: Page, api: Api, user: User) -> None:
    """Sign in without the form, which takes long and may be tried five times a minute, as a user that a test made."""
    tokens = services_of(api.app).tokens
    login = tokens.log_in(user.email, PASSWORD, "Chromium")
    cookie = {"name": COOKIE, "value": tokens.for_browser(login.user), "url": api.origin}
    page.context.add_cookies([cookie])
