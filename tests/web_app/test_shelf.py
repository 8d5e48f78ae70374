"""The shelf: what comes first, what is found, and what it costs."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from lxml import html
from playwright.sync_api import Browser, Page, expect

from bookbytes_pipeline.library.models import BookRow
from tests.api.client import Api, User, offline_settings, serving_api
from tests.api.factories import SOUND, numbered_book, publish_book
from tests.api.statements import statements_of_requests
from tests.web_app.browser import PHONE, sign_in, visiting
from tests.web_app.markup import parts, read_page, texts

DAHL = "9780140328721"


@pytest.fixture
def api(tmp_path: Path, database_url: str, dagster_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The pages of an empty library, without a browser."""
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home))
    with serving_api(offline_settings(tmp_path / "home", database_url)) as running:
        yield running


def shelf(api: Api, user: User, **query: str | int) -> html.HtmlElement:
    """The shelf as this person sees it."""
    return read_page(api, user, "/", **query)


def listen(api: Api, user: User, book_id: UUID, chapter: int = 1, seconds: float = 60, days_ago: float = 1) -> None:
    """Report a place in a book."""
    then = datetime.now(UTC) - timedelta(days=days_ago)
    place = {"chapter_number": chapter, "seconds": seconds, "client_time": then.isoformat()}
    assert api.ask("PUT", f"/api/v1/me/positions/{book_id}", user, json=place).is_success


def test_an_empty_library_says_how_to_begin(api: Api) -> None:
    """With the button that does."""
    page = shelf(api, api.user())

    assert ["No books yet"] == texts(page, "empty", "h2")
    assert ["/add"] == [link.get("href") for link in parts(page, "empty", "a")]
    assert [] == texts(page, "section")


def test_the_library_comes_a_page_at_a_time(api: Api) -> None:
    """Sixty books, and links to the others that keep the words of the search."""
    ada = api.user()
    for number in range(61):
        publish_book(api.settings, numbered_book(number, title=f"Rivers, part {number:02}"), {"Springs": SOUND})

    first, second = shelf(api, ada, q="rivers part"), shelf(api, ada, q="rivers part", page=2)

    assert (60, 1) == (len(parts(first, "book-card")), len(parts(second, "book-card")))
    assert ["/?q=rivers+part&language=&page=2"] == [link.get("href") for link in parts(first, "pages", "a")]
    assert ["Previous books"] == texts(second, "pages", "a")
    assert ["The library ends before this page."] == texts(shelf(api, ada, page=9), "empty", "p")[:1]


def test_what_one_listens_to_comes_first(api: Api) -> None:
    """With the chapter, what is left, and what has come since; not what is finished."""
    ada, heard = api.user(), publish_book(api.settings, numbered_book(1, title="Lakes"))
    finished = publish_book(api.settings, numbered_book(2, title="Seas"))
    listen(api, ada, heard, seconds=600)
    listen(api, ada, finished)
    done = {"chapter_number": 3, "seconds": 1200, "is_finished": True}
    assert api.ask("PUT", f"/api/v1/me/positions/{finished}", ada, json=done).is_success

    page = shelf(api, ada)

    assert ["Lakes"] == texts(page, "listening", "book-title")
    assert ["1. Springs", "30 min left 2 new chapters"] == texts(page, "listening", "quiet")
    assert ["25.0"] == [bar.get("value") for bar in parts(page, "listening", "progress")]
    assert [str(heard)] == [button.get("data-play-book") for button in parts(page, "listening", "button")]
    assert [] == texts(shelf(api, ada, q="lakes"), "listening")


def test_chapters_are_new_until_one_listens_again(api: Api) -> None:
    """Those without a clip are not, and nothing is in a book that was never begun."""
    ada, book = api.user(), publish_book(api.settings)
    before = texts(shelf(api, ada), "book-card", "badge")
    listen(api, ada, book)
    added = texts(shelf(api, ada), "book-card", "badge")
    listen(api, ada, book, days_ago=0)

    assert ([], ["2 new chapters"], []) == (before, added, texts(shelf(api, ada), "book-card", "badge"))


def test_a_card_says_what_is_wrong_or_missing(api: Api) -> None:
    """A book that is not finished, one that needs review, and one without a sound, which has no button."""
    ada, partial = api.user(), publish_book(api.settings, numbered_book(1, title="Half"))
    with api.database.session() as session:
        session.get_one(BookRow, partial).chapters_expected = 12
    publish_book(api.settings, numbered_book(2, title="Odd"), review_reasons=("It names the Nile.",))
    publish_book(api.settings, numbered_book(3, title="Silent"), {"Springs": None})

    page = shelf(api, ada)

    assert ["2 of 12 chapters", "Needs review"] == texts(page, "book-card", "badge")
    assert ["Play Half", "Play Odd"] == texts(page, "book-card", "to-play")
    assert ["40 min", "40 min", "Nothing to listen to"] == texts(page, "book-card", "quiet")[1::2]


def test_languages_are_told_apart_where_there_are_several(api: Api) -> None:
    """A card names a language that is not that of most books; the choice covers all countries of a language."""
    ada = api.user()
    for number, tag in enumerate(["en", "en-GB", "de"]):
        publish_book(api.settings, numbered_book(number, title=f"Book {number}", language=tag))
    alone = api.user("bob")

    page, english = shelf(api, ada), shelf(api, alone, language="en")

    assert ["All languages", "German", "English"] == texts(page, "language", "option")
    assert ["40 min", "40 min", "40 min · German"] == texts(page, "book-card", "quiet")[1::2]
    assert ["Book 0", "Book 1"] == texts(english, "book-card", "book-title")
    assert ["2 books fit in English."] == texts(english, "result-count")


def test_titles_are_written_in_their_direction(api: Api) -> None:
    """An Arabic one from the right, and in its language for those to whom it is read aloud."""
    ada = api.user()
    publish_book(api.settings, numbered_book(1, title="ألف ليلة", authors=(), language="ar"))

    (title,) = parts(shelf(api, ada), "book-card", "book-title")

    assert ("rtl", "ar") == (title.get("dir"), title.get("lang"))


def test_what_is_being_made_is_shown_to_who_asked(api: Api) -> None:
    """With a link to its request, and to nobody else."""
    ada, bob = api.user(), api.user("bob")
    job = api.ask("POST", "/api/v1/books/process", ada, json={"isbn": DAHL}).json()["job_id"]

    assert [f"/requests/{job}"] == [link.get("href") for link in parts(shelf(api, ada), "under-way", "a")]
    assert [] == parts(shelf(api, bob), "under-way")


def test_the_shelf_costs_the_same_for_any_number_of_books(api: Api) -> None:
    """Statements, for a shelf of one and of six, of which all are listened to."""
    ada = api.user()
    counts = []
    for numbers in (range(1), range(1, 6)):
        for number in numbers:
            listen(api, ada, publish_book(api.settings, numbered_book(number, title=f"Book {number}")))
        with statements_of_requests(api, "positions", "books", "chapters", "jobs", "book_isbns", "(SELECT") as ran:
            cards = parts(shelf(api, ada), "book-card")
        counts.append(len(ran))

    assert 6 == len(cards)
    assert counts[0] == counts[1]


def test_books_are_found_while_one_types(site: Api, page: Page) -> None:
    """The field keeps focus and caret, the number is said, and no document is loaded: not by Enter, nor offline."""
    publish_book(site.settings, numbered_book(1, title="A Lake in Winter"))
    page.goto("/")
    page.evaluate("document.documentElement.dataset.same = 'yes'")
    field = page.get_by_role("searchbox", name="Search the library")

    field.press_sequentially("lae")
    field.press("ArrowLeft")
    field.press("k")
    expect(page.locator("#result-count")).to_have_text("1 book fits “lake”.")
    expect(page.locator(".book-card .book-title")).to_have_text(["A Lake in Winter"])
    expect(field).to_be_focused()
    assert 3 == field.evaluate("field => field.selectionStart")
    expect(page).to_have_url(re.compile(r"/\?q=lake$"))

    field.fill("nothing like it")
    field.press("Enter")
    expect(page.get_by_text("No title, author or chapter has these words.")).to_be_visible()
    field.fill("")
    expect(page.locator(".book-card")).to_have_count(2)
    page.context.set_offline(True)
    field.fill("rivers")
    expect(page.locator("#result-count")).to_have_text(re.compile("cannot be searched at the moment"))
    assert "yes" == page.evaluate("document.documentElement.dataset.same")


def test_long_titles_fit_a_phone(site: Api, ada: User, browser: Browser) -> None:
    """Of 300 characters with and without blanks, on the shelf and on their pages."""
    books = [
        publish_book(site.settings, numbered_book(number, title=title, authors=(title[:90],)))
        for number, title in ((2, "An account of rivers " * 14), (3, "Rindfleischetikettierung" * 12))
    ]
    with visiting(browser, site.origin, viewport=PHONE) as phone:
        sign_in(phone, site, ada)
        for path in ("/", *(f"/books/{book}" for book in books)):
            phone.goto(path)
            assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
