"""Reading a chapter along, and bookmarks."""

from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bookbytes_pipeline.domain.evidence import SentenceEvidence, Span
from bookbytes_pipeline.domain.summary import Grounding
from bookbytes_pipeline.domain.transcript import Cue
from tests.api.client import Api, User
from tests.web_app.browser import PHONE, sign_in, visiting
from tests.web_app.listening import LONG_S, audible_book, expect_place, listen, player, sound

FIRST, SECOND, THIRD = "Every river begins as a spring.", "The water carves its way.", "Then comes the valley."
PASSAGE = "No river without its spring, the surveyor used to say."


@pytest.fixture(scope="module")
def book(site: Api) -> UUID:
    """A book whose first chapter has three sentences, one of them with its passage; the second has no sound."""
    return audible_book(
        site.settings,
        31,
        (LONG_S, None, LONG_S),
        text=f"{FIRST} {SECOND}\n\n{THIRD}",
        grounding=Grounding.FULL_TEXT,
        review_reasons=("The name Elbe is not in the chapter.",),
        evidence=(SentenceEvidence(FIRST, (Span(0, 10, PASSAGE),), 0.7),),
        cues=(Cue(0.0, "Springs"), Cue(1.0, FIRST), Cue(30.0, SECOND), Cue(50.0, THIRD)),
    )


def test_the_spoken_sentence_is_marked_and_a_chosen_one_is_heard(page: Page, book: UUID) -> None:
    """With the mouse and with the keyboard."""
    listen(page, book)
    sentences = page.get_by_role("article").get_by_role("listitem").filter(has=page.get_by_role("button"))
    expect(sentences.filter(has_text=FIRST)).to_have_attribute("aria-current", "true")

    page.get_by_role("button", name=SECOND).click()
    expect(sentences.filter(has_text=SECOND)).to_have_attribute("aria-current", "true")
    expect_place(page, 30, 40)
    page.get_by_role("button", name=THIRD).press("Enter")
    expect(sentences.filter(has_text=THIRD)).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("article").locator("[aria-current]")).to_have_count(1)
    assert not sound(page, "paused")


def test_a_sentence_shows_its_passage_and_takes_a_bookmark(page: Page, book: UUID) -> None:
    """Held, or by its own button; the list of bookmarks has the sentence, its note is changed there, and it is gone."""
    page.goto(f"/books/{book}/chapters/1")
    expect(page.get_by_text("Written from the book’s own text.")).to_be_visible()
    expect(page.get_by_text("The name Elbe is not in the chapter.")).to_be_visible()
    page.get_by_role("button", name=FIRST).click(delay=700)
    expect(page.get_by_text(PASSAGE)).to_be_visible()
    expect(player(page)).to_be_hidden()
    page.get_by_label("Note").first.fill("For the talk")
    page.get_by_role("button", name="Bookmark").first.click()
    expect(page.get_by_text("Bookmark set.")).to_be_visible()

    page.get_by_role("link", name="Bookmarks").click()
    expect(page.get_by_role("heading", name="Bookmarks")).to_be_visible()
    bookmark = page.get_by_role("main").get_by_role("listitem")
    expect(bookmark).to_contain_text(FIRST)
    expect(bookmark.get_by_text("For the talk").first).to_be_visible()
    bookmark.get_by_text("Note or delete").click()
    bookmark.get_by_label("Note").fill("")
    bookmark.get_by_role("button", name="Keep the note").click()
    expect(bookmark.get_by_text("For the talk")).to_have_count(0)
    bookmark.get_by_role("button", name="play from here").click()
    expect_place(page, 1, 9)
    page.once("dialog", lambda question: question.accept())
    bookmark.get_by_text("Note or delete").click()
    bookmark.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("You have no bookmarks in this book.")).to_be_visible()


def test_the_player_bookmarks_the_place_that_is_heard(site: Api, page: Page, ada: User, book: UUID) -> None:
    """And says where that was."""
    listen(page, book, 3)
    player(page).get_by_role("button", name="Chapters and settings").click()
    page.get_by_role("button", name="Bookmark this place").click()

    expect(page.get_by_text("of chapter 3.")).to_be_visible()
    [bookmark] = site.ask("GET", f"/api/v1/me/bookmarks/?book_id={book}", ada).json()["items"]
    assert 3 == bookmark["chapter_number"]
    site.ask("DELETE", f"/api/v1/me/bookmarks/{bookmark['id']}", ada).raise_for_status()


def test_a_chapter_without_sound_says_so(page: Page, book: UUID) -> None:
    """With the ways to the chapters beside it; one that is not there is a page, too."""
    page.goto(f"/books/{book}/chapters/2")
    expect(page.get_by_text("The model did not know this chapter")).to_be_visible()
    page.get_by_role("link", name="Next chapter: Deltas").click()
    expect(page.get_by_role("heading", name="Deltas")).to_be_visible()
    page.get_by_role("link", name="Previous chapter: Rapids").click()
    expect(page.get_by_role("heading", name="Rapids")).to_be_visible()

    answer = page.goto(f"/books/{book}/chapters/9")

    assert answer is not None
    assert 404 == answer.status


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_in_the_way_of_anybody(browser: Browser, site: Api, ada: User, book: UUID, scheme: str) -> None:
    """Axe finds no serious fault in a chapter with the player, in its dialog, and in the bookmarks, on a phone."""
    with visiting(browser, site.origin, viewport=PHONE, color_scheme=scheme, reduced_motion="reduce") as page:
        sign_in(page, site, ada)
        listen(page, book)
        page.get_by_role("article").locator("summary").first.click()
        assert [] == _faults(page)
        player(page).get_by_role("button", name="Chapters and settings").click()
        assert [] == _faults(page)
        page.get_by_role("button", name="Bookmark this place").click()
        expect(page.get_by_text("of chapter 1.")).to_be_visible()
        page.goto(f"/books/{book}/bookmarks")
        expect(page.get_by_role("main").get_by_role("listitem").first).to_be_visible()
        assert [] == _faults(page)
        assert 360 >= page.evaluate("document.documentElement.scrollWidth")


def _faults(page: Page) -> list[object]:
    faults = Axe().run(page).response["violations"]
    return [(fault["id"], fault["nodes"]) for fault in faults if fault["impact"] in {"serious", "critical"}]
