"""Pages whose clips a bucket sends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.client import Api, offline_settings, serving_live
from tests.s3 import S3Server
from tests.web_app.browser import sign_in, visiting
from tests.web_app.listening import audible_book, expect_place, listen


@pytest.fixture
def site(s3: S3Server, tmp_path: Path, dagster_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A server whose store is a bucket; no runs are executed."""
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home))
    with serving_live(offline_settings(tmp_path, **s3.settings())) as api:
        yield api


@pytest.fixture
def page(browser: Browser, site: Api, s3: S3Server) -> Iterator[Page]:
    """Ada's page, which loads from this server and from the bucket alone."""
    with visiting(browser, site.origin, s3.url, service_workers="allow") as opened:
        sign_in(opened, site, site.user("ada"))
        yield opened


def test_a_clip_in_a_bucket_is_heard(page: Page, site: Api) -> None:
    """The browser is let there by the page's policy."""
    book = audible_book(site.settings, 1)

    listen(page, book)

    expect_place(page, 1, 9)


def test_a_book_is_kept_if_the_bucket_allows_it(page: Page, site: Api, s3: S3Server) -> None:
    """Else it is said who can help."""
    book = audible_book(site.settings, 2)
    s3.allow_pages("https://elsewhere.example")
    page.goto(f"/books/{book}")
    page.get_by_role("button", name="Keep on this device").click()
    expect(page.get_by_text("Whoever runs it can allow that with a CORS rule")).to_be_visible()

    s3.allow_pages(site.origin)
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("Kept on this device:")).to_be_visible()
