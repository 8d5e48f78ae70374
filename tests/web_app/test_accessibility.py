"""Every page, as people with a screen reader, with large letters or with a small phone need it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from tests.api.client import Api, User
from tests.api.factories import RIVERS, numbered_book, publish_book
from tests.dagster_stack.books import isbn_of
from tests.web_app.browser import DESKTOP, PHONE, sign_in, visiting

WITHOUT_ACCOUNT = ["/sign-in", "/sign-up", "/reset"]
PAGES = [
    "/",
    "/?q=rivers",
    "/?q=nothing+like+that",
    "/books/{book}",
    "/books/{long}",
    "/books/{leftwards}",
    "/books/{book}/chapters/0",
    "/books/{book}/chapters/1",
    "/books/{long}/chapters/2",
    "/books/{book}/bookmarks",
    "/books/00000000-0000-4000-8000-000000000000",
    "/add",
    "/add/{isbn}",
    "/requests",
    "/requests/{request}",
    "/account",
    "/people",
    "/people/requests",
    "/kept",
    "/offline",
]
"""Pages of an administrator. The words in braces are ids of what `things` has made."""
SERIOUS = {"serious", "critical"}
WIDTHS: Mapping[str, ViewportSize] = {
    "a small phone": {"width": 360, "height": 640},
    "a laptop at 200 %": {"width": 640, "height": 400},
    "a laptop at 400 %": {"width": 320, "height": 256},
}
OPEN_ALL = "() => document.querySelectorAll('details').forEach((details) => { details.open = true; })"
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def things(site: Api, ada: User) -> dict[str, str]:
    """What pages are about: a book, one whose title is very long, one that is written from right to left, a request."""
    chapters = {"Springs": b"sound" * 400, "Of " + "very " * 40 + "long rivers": b"sound" * 400}
    long = numbered_book(7, title="Donau" + "dampfschifffahrtsgesellschaft" * 8, authors=("A" * 120,))
    asked = site.ask("POST", "/api/v1/books/process", ada, json={"isbn": isbn_of(70_000_001)})
    return {
        "book": str(publish_book(site.settings, replace(RIVERS, language="de"), chapters, whole=b"sound" * 300)),
        "long": str(publish_book(site.settings, long, chapters)),
        "leftwards": str(publish_book(site.settings, numbered_book(8, title="ספר הנהרות", authors=("עדה",)))),
        "request": str(asked.json()["job_id"]),
        "isbn": isbn_of(70_000_002),
    }


@pytest.fixture(params=["light", "dark"])
def colours(request: pytest.FixtureRequest) -> str:
    """Both colour schemes."""
    return str(request.param)


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def anywhere(request: pytest.FixtureRequest, browser: Browser, site: Api, ada: User, colours: str) -> Iterator[Page]:
    """Ada's page on a phone and on a desktop; axe needs `eval`, which the pages forbid."""
    how = {"viewport": request.param, "color_scheme": colours, "bypass_csp": True}
    with visiting(browser, site.origin, **how) as page:
        sign_in(page, site, ada)
        yield page


def test_no_page_has_a_serious_fault(anywhere: Page, things: dict[str, str]) -> None:
    """All pages, with all their details open."""
    faults = {path: _faults(anywhere, path) for path in _addresses(things)}
    anywhere.context.clear_cookies()
    faults |= {path: _faults(anywhere, path) for path in WITHOUT_ACCOUNT}

    assert {} == {path: found for path, found in faults.items() if found}


def test_no_page_scrolls_sideways(page: Page, things: dict[str, str]) -> None:
    """Whatever the titles are like."""
    wider = {}
    for path in _addresses(things):
        page.goto(path)
        page.evaluate(OPEN_ALL)
        for name, size in WIDTHS.items():
            page.set_viewport_size(size)
            wider[f"{path} on {name}"] = page.evaluate(SIDEWAYS)

    assert {} == {place: pixels for place, pixels in wider.items() if pixels > 0}


def _addresses(things: dict[str, str]) -> list[str]:
    return [path.format(**things) for path in PAGES]


def _faults(page: Page, path: str) -> list[str]:
    """What axe finds that keeps people from using the page."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.headers["content-type"].startswith("text/html"), path
    page.evaluate(OPEN_ALL)
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {fault['nodes'][0]['html'][:200]}"
        for fault in found
        if fault["impact"] in SERIOUS
    ]
