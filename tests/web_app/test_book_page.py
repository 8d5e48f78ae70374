"""The page of a book: its chapters, the passages behind them, and what is taken away of it or done with it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID, uuid4

from playwright.sync_api import Page, Route, expect

from bookbytes_pipeline.domain.evidence import SentenceEvidence, Span
from bookbytes_pipeline.domain.narration import Voice, VoiceList
from bookbytes_pipeline.domain.summary import Grounding
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, User
from tests.api.factories import SOUND, numbered_book, publish_book
from tests.api.feeds import add_whole_file
from tests.fakes.sound import mp3
from tests.web_app.markup import parts, read_page, texts

SENTENCES = ("A river begins where water has nowhere else to go.", "Nobody believes in a spring.")
DAYS_AGO = datetime.now(UTC) - timedelta(days=3)


def with_passages(site: Api, number: int) -> UUID:
    """A book whose first chapter was written from its text."""
    supports = zip(SENTENCES, (0.7, 0.05), strict=True)
    evidence = tuple(
        SentenceEvidence(sentence, (Span(0, 9, f"The book: {sentence}"),), support) for sentence, support in supports
    )
    first: dict[str, Any] = {"text": " ".join(SENTENCES), "grounding": Grounding.FULL_TEXT, "evidence": evidence}
    book = numbered_book(number, title=f"Waters {number}")
    return publish_book(site.settings, book, review_reasons=("It names the Nile.",), whole=SOUND, **first)


def chapters(site: Api, user: User, book_id: UUID) -> list[list[str]]:
    """What the page says of each chapter: its title, and the words below it."""
    rows = parts(read_page(site, user, f"/books/{book_id}"), "chapter")
    return [[*texts(row, "h3"), *texts(row, "badges", "span")] for row in rows]


def report(site: Api, user: User, book_id: UUID, **place: Any) -> None:
    """Report a place in a book, three days ago unless it says when."""
    body = {"client_time": DAYS_AGO.isoformat(), **place}
    assert site.ask("PUT", f"/api/v1/me/positions/{book_id}", user, json=body).is_success


def test_each_chapter_says_where_it_comes_from_and_whether_it_was_heard(site: Api, ada: User) -> None:
    """In plain words, before and after somebody has listened."""
    book = with_passages(site, 1)
    before = chapters(site, ada, book)
    report(site, ada, book, chapter_number=3, seconds=65)
    after = chapters(site, ada, book)

    unknown = ["2. Rapids", "No audio", "The model does not know this chapter"]
    assert [["1. Springs", "20 min", "From the book's text"], unknown, ["3. Deltas", "20 min", "From memory"]] == before
    assert ["1. Springs", "20 min", "Passed", "New", "From the book's text"] == after[0]
    assert ["3. Deltas", "20 min", "You are at 1:05", "New", "From memory"] == after[2]


def test_the_great_button_knows_where_to_go_on(site: Api, ada: User) -> None:
    """From the start, from the place, or from the start again."""
    book = publish_book(site.settings, numbered_book(2, title="Places"))
    buttons = []
    for place in (None, {"chapter_number": 3, "seconds": 65}, {"chapter_number": 3, "seconds": 1200}):
        if place is not None:
            report(site, ada, book, **place, **({"is_finished": True} if place["seconds"] == 1200 else {}))
        (button,) = parts(read_page(site, ada, f"/books/{book}"), "big")
        buttons.append((*texts(button, "to-play"), button.get("data-chapter"), button.get("data-seconds")))

    assert [("Listen", None, None), ("Continue with chapter 3", None, None), ("Listen again", "1", "0")] == buttons


def test_a_book_that_is_not_finished_leads_to_its_request(site: Api, ada: User) -> None:
    """Of whoever asked for it; others may ask for the rest. There are no files yet."""
    book = publish_book(site.settings, numbered_book(3, title="Half"))
    with site.database.session() as session:
        row = session.get_one(BookRow, book)
        row.chapters_expected, isbn = 12, row.isbn
    job = site.ask("POST", "/api/v1/books/process", ada, json={"isbn": isbn}).json()["job_id"]

    own, other = (site.ask("GET", f"/books/{book}", user).text for user in (ada, site.user("hal")))

    assert "2 of 12 chapters are ready" in own
    assert (f'href="/requests/{job}"' in own, f'href="/requests/{job}"' in other) == (True, False)
    assert (f'href="/add/{isbn}"' in other, "Take it with you" in own) == (True, False)


def test_only_administrators_are_offered_what_is_theirs(site: Api, ada: User) -> None:
    """With the voices for the book's language, where one can be chosen."""
    book = publish_book(site.settings, numbered_book(4, title="Voices"))
    voices = (Voice("alloy", None), Voice("greta", "de-DE"))
    open_store(site.settings.store_config).write_voices(VoiceList("openai", voices))

    own, other = (read_page(site, user, f"/books/{book}") for user in (ada, site.user("ian")))

    assert ["As before", "alloy"] == texts(own, "book-remake", "option")
    assert (1, 0) == (len(parts(own, "administration")), len(parts(other, "administration")))


def test_a_book_that_is_gone_is_said_on_a_page(site: Api, ada: User) -> None:
    """With the way back."""
    answer = site.ask("GET", f"/books/{uuid4()}", ada)

    assert (404, "text/html; charset=utf-8") == (answer.status_code, answer.headers["Content-Type"])
    assert "It may have been deleted." in answer.text


def test_a_sentence_opens_its_passage(site: Api, page: Page) -> None:
    """In place and by keyboard; one whose words are not in the chapter is doubted; why it needs review can be read."""
    page.goto(f"/books/{with_passages(site, 5)}")
    first = page.locator(".chapter").first
    first.get_by_text("Read the summary").click()
    expect(first.get_by_text("Open a sentence to see where the book says this.")).to_be_visible()
    expect(first.get_by_text(f"The book: {SENTENCES[0]}")).to_be_hidden()

    first.locator(".sentence summary").first.focus()
    page.keyboard.press("Enter")
    expect(first.get_by_text(f"The book: {SENTENCES[0]}")).to_be_visible()
    first.get_by_text(SENTENCES[1], exact=True).click()
    expect(first.get_by_text("Hardly any word of this sentence is in the chapter.")).to_be_visible()

    first.get_by_text("Needs review").click()
    expect(first.get_by_text("It names the Nile.")).to_be_visible()
    memory = page.locator(".chapter").last
    memory.get_by_text("Read the summary").click()
    expect(memory.locator(".text")).to_have_text("About deltas.")


def test_titles_are_aligned_with_the_page(site: Api, page: Page) -> None:
    """Beside their buttons on the left, though they are read from the right."""
    page.goto(f"/books/{publish_book(site.settings, numbered_book(10, title='ألف ليلة'), {'البحر': SOUND})}")

    for name in ("ألف ليلة", "1. البحر"):
        heading = page.get_by_role("heading", name=name)
        expect(heading).to_have_css("direction", "rtl")
        expect(heading).to_have_css("text-align", "left")


def test_a_download_waits_until_its_file_is_made(site: Api, page: Page) -> None:
    """As long as the server says, and then begins by itself; what cannot be made is said in a sentence."""
    book = publish_book(site.settings, numbered_book(6, title="Files"))
    add_whole_file(site, book, "zip")
    made = Event()

    def not_yet(route: Route) -> None:
        if made.is_set():
            route.continue_()
        else:
            route.fulfill(status=202, headers={"Retry-After": "1"}, json={})

    page.route("**/download?format=zip", not_yet)
    page.goto(f"/books/{book}")
    downloads = page.get_by_role("region", name="Take it with you")
    expect(downloads.get_by_text("6 kB")).to_be_visible()
    expect(downloads.locator("book-download:defined")).not_to_have_count(0)
    with page.expect_download() as begun:
        downloads.get_by_role("link", name="ZIP of MP3s").click()
        expect(downloads.get_by_text("The file is being made.")).to_be_visible()
        made.set()

    assert "Files.zip" == begun.value.suggested_filename
    assert SOUND * 3 == Path(begun.value.path()).read_bytes()
    expect(downloads.get_by_text("The download has begun.")).to_be_visible()
    downloads.get_by_role("link", name="M4B audiobook").click()
    expect(downloads.get_by_text(re.compile("Try again"))).to_be_visible()


def test_buttons_play_and_pause(site: Api, page: Page) -> None:
    """On the shelf, and on the page of the same book, which knows that it plays."""
    publish_book(site.settings, numbered_book(9, title="Sounds"), {"Springs": mp3(30), "Deltas": mp3(5)})
    page.goto("/?q=sounds")
    page.get_by_role("button", name="Play Sounds").click()
    expect(page.get_by_role("button", name="Pause Sounds")).to_be_visible()

    page.locator(".book-card").get_by_role("link", name="Sounds").click()
    expect(page.get_by_role("heading", name="Sounds", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Pause chapter 1: Springs")).to_be_visible()
    page.get_by_role("article").get_by_role("button", name="Pause", exact=True).click()

    expect(page.get_by_role("button", name="Play chapter 1: Springs")).to_be_visible()
    expect(page.get_by_role("button", name="Play chapter 2: Deltas")).to_be_visible()


def test_an_administrator_has_a_book_made_again(site: Api, page: Page) -> None:
    """The form leads to the request."""
    page.goto(f"/books/{publish_book(site.settings, numbered_book(7, title='Again'))}")
    page.get_by_text("Make this book again").click()
    page.get_by_label("Minutes for a chapter").fill("5.5")
    page.get_by_label("Write and record everything from scratch").check()
    with page.expect_request("**/api/v1/books/process") as sent:
        page.get_by_role("button", name="Make it again").click()

    expect(page).to_have_url(re.compile(r"/requests/[0-9a-f-]{36}$"))
    asked = sent.value.post_data_json
    assert (True, 5.5) == (asked["force"], asked["minutes"])


def test_an_administrator_deletes_a_book(site: Api, page: Page) -> None:
    """Once the question is answered; then the shelf follows, without it."""
    book = publish_book(site.settings, numbered_book(8, title="Doomed"))
    page.goto(f"/books/{book}")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Delete this book").click()
    expect(page.get_by_role("heading", name="Doomed")).to_be_visible()

    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete this book").click()

    expect(page.get_by_text("“Doomed” was deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    expect(page.get_by_role("link", name="Doomed")).to_have_count(0)
