"""One person, one browser, two books: by its ISBN and by its EPUB, from signing up to sound. Read this first.

`bookbytes serve` runs as users start it, with servers on loopback as providers. The last summary of the first book is
only written once somebody listens to another chapter, so a page that plays too late fails by time-out.
"""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from bookbytes_pipeline.sample.epub import SAMPLE_TITLE, sample_epub
from tests.cli_runner import CHAPTERS, ISBN, KEY, TITLE, online, providers
from tests.fakes.openai_api import OpenAIApi
from tests.processes.served import on_free_ports, served
from tests.web_app.browser import sign_up, visiting
from tests.web_app.listening import slider

MADE_MS = 90_000
"""Until a chapter is made on a busy machine."""
_HEARD = re.compile("^[1-9]")
"""What the slider of the player says once a second has been heard."""


class Visit(NamedTuple):
    """Ada's page, and what lets the last chapter of her first book be written."""

    page: Page
    last_chapter: threading.Event


@pytest.fixture(scope="module")
def visit(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """The first account of a new server, signed in."""
    last_chapter = threading.Event()
    model = OpenAIApi(KEY, held={f"Chapter {len(CHAPTERS)}: {CHAPTERS[-1]}": last_chapter})
    with (
        providers(model=model) as servers,
        served(on_free_ports(online(tmp_path_factory.mktemp("home"), servers))) as serve,
        visiting(browser, f"http://127.0.0.1:{serve.env['PORT']}") as page,
    ):
        sign_up(page)
        yield Visit(page, last_chapter)


def test_a_book_by_its_isbn_plays_while_it_is_made(visit: Visit) -> None:
    """The first chapter that is ready is heard; then the last one is written, and the page says that all is done."""
    page = visit.page
    page.get_by_role("link", name="Add a book").first.click()
    page.get_by_label("ISBN, or words of the title and the author").fill("0-306-40615-2")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(page).to_have_url(re.compile(f"/add/{ISBN}$"))
    page.get_by_role("button", name="Make it").click()

    rows = page.locator("job-progress li")
    expect(rows).to_have_count(len(CHAPTERS), timeout=MADE_MS)
    ready = page.locator("job-progress li[data-state=ready] button").first
    expect(ready).to_be_visible(timeout=MADE_MS)
    ready.click()
    expect(slider(page)).to_have_attribute("aria-valuetext", _HEARD)
    expect(rows.last).not_to_have_attribute("data-state", "ready")
    visit.last_chapter.set()

    expect(page.get_by_role("link", name="Open the book")).to_be_visible(timeout=MADE_MS)
    page.get_by_role("link", name="Open the book").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(slider(page)).to_have_attribute("aria-valuetext", _HEARD)


def test_an_epub_that_is_dropped_becomes_a_book(visit: Visit, tmp_path: Path) -> None:
    """Its ISBN is read from the file, its chapters are there to choose from, and it is made from its own text."""
    page, epub = visit.page, tmp_path / "book.epub"
    epub.write_bytes(sample_epub())
    page.goto("/add")
    page.locator("#epub").set_input_files(epub)

    expect(page.get_by_role("heading", name=SAMPLE_TITLE)).to_be_visible()
    expect(page.get_by_role("group", name="Chapters").get_by_role("checkbox")).not_to_have_count(0)
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="Open the book").click(timeout=MADE_MS)

    expect(page.get_by_role("heading", name=SAMPLE_TITLE)).to_be_visible()
