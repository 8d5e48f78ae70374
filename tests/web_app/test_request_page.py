"""A request while its book is made, as people watch it, and the list of all requests."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import update

from bookbytes_api.jobs.models import COMPLETED, FAILED, JobRow
from bookbytes_api.jobs.schemas import JobError
from bookbytes_api.web_app.assets import Assets
from bookbytes_api.web_app.request_wording import failure_advice, time_left
from tests.api.client import Api, User
from tests.api.factories import ISBN
from tests.dagster_stack.books import isbn_of
from tests.web_app.browser import PHONE, sign_in, visiting

STATES = ("ready", "processing", "pending", "pending")


def a_row(site: Api, user: User, **columns: Any) -> UUID:
    """Store a request; returns its id."""
    job = JobRow(**{"id": uuid4(), "user_id": UUID(user.id), "isbn": ISBN, "request_id": "r", **columns})
    with site.database.session() as session:
        session.add(job)
        session.flush()
        return job.id


def a_request(site: Api, user: User, isbn: str) -> str:
    """Request a book through the API; no run is executed."""
    answer = site.ask("POST", "/api/v1/books/process", user, json={"isbn": isbn})
    return str(answer.json()["job_id"])


def event(job: dict[str, Any], kind: str = "progress") -> str:
    """One event of the stream."""
    return f"event: {kind}\ndata: {json.dumps(job)}\n\n"


def in_hand(job: dict[str, Any], *states: str, **more: Any) -> dict[str, Any]:
    """The job while its chapters are in these states."""
    chapters = [
        {"number": number, "title": f"River {number}", "state": state} for number, state in enumerate(states, 1)
    ]
    known = {"status": "processing", "title": "On Lakes", "authors": ["Ada Ford"], "book_id": str(uuid4())}
    return {**job, **known, "current_step": "generating_summaries", "chapters": chapters, **more}


def test_chapters_are_followed_without_losing_the_focus(site: Api, ada: User, page: Page) -> None:
    """Rows change in place while somebody stands on a button; milestones are said, and the end is the server's."""
    job_id = a_request(site, ada, isbn_of(70_000_001))
    job = site.ask("GET", f"/api/v1/jobs/{job_id}", ada).json()
    begun = in_hand(job, *STATES, progress=40, eta_seconds=250, current_chapter={"number": 3, "title": "River 3"})
    later = {**in_hand(job, *["ready"] * 4, progress=97, eta_seconds=20), "book_id": begun["book_id"]}
    streams: Iterator[str] = iter((f"retry: 1500\n{event(begun)}", event(later), event(later, "end")))

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/event-stream", body=next(streams))

    page.route("**/events", answer)
    page.goto(f"/requests/{job_id}")
    expect(page.get_by_role("heading", name="On Lakes")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("The first chapter is ready.")
    expect(page.get_by_text("about 4 minutes left")).to_be_visible()
    expect(page.get_by_text("Writing the summaries")).to_be_visible()
    expect(page.locator(".job-chapters .state")).to_have_text(["ready", "being spoken", "being written", "waiting"])
    expect(page.get_by_role("progressbar", name="How far the book is")).to_have_js_property("value", 40)
    play = page.get_by_role("button", name="Play chapter 1, River 1")
    play.focus()
    expect(play).to_have_attribute("data-play-book", begun["book_id"])
    with site.database.session() as session:
        session.execute(update(JobRow).where(JobRow.id == UUID(job_id)).values(outcome=COMPLETED, progress=100))

    expect(page.locator(".job-chapters .state")).to_have_text(["ready"] * 4)
    expect(page.get_by_text("less than a minute left")).to_be_visible()
    expect(play).to_be_focused()
    expect(page.locator("[data-part=outcome]")).to_contain_text("Finished")
    expect(page.get_by_role("progressbar")).to_be_hidden()
    expect(play).to_be_focused()


def test_a_request_is_cancelled_and_tried_again(site: Api, ada: User, page: Page) -> None:
    """By its own events, and by buttons that say what has become of it."""
    job_id = a_request(site, ada, isbn_of(70_000_002))
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/requests/{job_id}")
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("This request was cancelled.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_hidden()

    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()


def test_a_request_that_fails_leaves_nothing_waiting(site: Api, ada: User, page: Page) -> None:
    """Chapters that were not made are missing, and what happened is said once for all of them."""
    job_id = a_request(site, ada, isbn_of(70_000_004))
    job = site.ask("GET", f"/api/v1/jobs/{job_id}", ada).json()
    begun = in_hand(job, "ready", "processing", "pending", progress=40, current_chapter=None)
    failed = {**begun, "status": "failed", "chapters": []}
    streams: Iterator[str] = iter((f"retry: 1500\n{event(begun)}", event(failed, "end")))
    page.route("**/events", lambda route: route.fulfill(content_type="text/event-stream", body=next(streams)))
    page.goto(f"/requests/{job_id}")
    expect(page.locator(".job-chapters .state")).to_have_text(["ready", "being spoken", "waiting"])
    end = {
        "outcome": FAILED,
        "error_code": "CHAPTERS_FAILED",
        "error_message": "No credit is left.",
        "error_chapter": 2,
    }
    with site.database.session() as session:
        session.execute(update(JobRow).where(JobRow.id == UUID(job_id)).values(**end))

    expect(page.locator(".job-chapters .state")).to_have_text(["ready", "missing", "missing"])
    expect(page.locator("[data-part=no-chapters]")).to_be_hidden()
    expect(page.locator("[data-part=outcome] p")).to_have_text(
        "No credit is left. Try again: only what is missing is made."
    )


def test_a_failed_request_says_what_helps_without_a_script(site: Api, ada: User, browser: Browser) -> None:
    """The page is complete as it comes from the server, with the chapters that can be heard."""
    job_id = a_row(site, ada, outcome=FAILED, error_code="TEXT_NEEDED", error_message="Run bookbytes attach.")
    with visiting(browser, site.origin, java_script_enabled=False) as page:
        sign_in(page, site, ada)
        page.goto(f"/requests/{job_id}")

        expect(page.get_by_text("the text of this one is missing. Add its EPUB, then try again.")).to_be_visible()
        expect(page.get_by_text("bookbytes attach")).to_have_count(0)
        expect(page.get_by_role("link", name="Add its EPUB")).to_have_attribute("href", f"/add/{ISBN}")
        expect(page.locator(".job-chapters .state")).to_have_text(["ready", "missing", "ready"])
        expect(page.get_by_role("button", name=re.compile("Play chapter"))).to_have_count(2)


def test_requests_are_listed_newest_first(site: Api, browser: Browser) -> None:
    """Twenty on a page; whoever has none is shown the way; those of others are nowhere."""
    bob = site.user("bob")
    with visiting(browser, site.origin) as page:
        sign_in(page, site, bob)
        page.goto("/requests")
        page.get_by_role("link", name="Add a book", exact=True).last.click()
        expect(page).to_have_url(re.compile("/add$"))
        now = datetime.now(UTC)
        for number in range(21):
            made = {"outcome": COMPLETED, "title": f"Rivers {number}", "created_at": now - timedelta(hours=number)}
            job_id = a_row(site, bob, isbn=isbn_of(71_000_000 + number), **made)
        page.goto("/requests")
        expect(page.locator(".requests h2").first).to_have_text("Rivers 0")
        page.get_by_role("link", name="Older").click()
        expect(page.locator(".requests h2")).to_have_text(["Rivers 20"])
        expect(page.get_by_text("finished")).to_be_visible()

    with visiting(browser, site.origin) as page:
        sign_in(page, site, site.user("carol"))
        page.goto(f"/requests/{job_id}")
        expect(page.get_by_role("heading", name="Not found")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_watch_on_a_phone(site: Api, ada: User, browser: Browser, scheme: Any) -> None:
    """Axe finds nothing serious in either theme, and a long title is not wider than the screen."""
    title = "Donaudampfschifffahrtsgesellschaftskapitänsmützen und andere Geschichten vom großen Fluss"
    failed = a_row(site, ada, outcome=FAILED, error_code="CHAPTERS_FAILED", error_message="It failed.", title=title)
    waiting = a_request(site, ada, isbn_of(70_000_003))
    with visiting(browser, site.origin, viewport=PHONE, color_scheme=scheme) as page:
        sign_in(page, site, ada)
        for address in ("/requests", f"/requests/{failed}", f"/requests/{waiting}"):
            page.goto(address)
            found = Axe().run(page).response["violations"]
            assert [] == [fault["id"] for fault in found if fault["impact"] in {"serious", "critical"}], address
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_page_and_script_say_the_same_of_the_time_that_is_left(page: Page) -> None:
    """The page begins with the server's words, and the script counts on."""
    page.goto("/requests")
    said = "async (times) => { const m = await import('%s'); return times.map(m.timeLeft); }"
    times = [None, 0, 49, 50, 89, 91, 150, 240, 3_500, 3_600, 5_400, 7_300]

    assert [time_left(seconds) for seconds in times] == page.evaluate(
        said % Assets().address("modules/time_left.js"), times
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("NOTHING_KNOWN", "The language model does not know enough of this book to write about it. Add its EPUB"),
        ("BOOK_NOT_FOUND", "No catalogue knows this ISBN. Check the number"),
        ("PROVIDER_REFUSED", "Chapter 2 failed. An administrator has to look after the provider's key and credit."),
        ("PROVIDER_UNAVAILABLE", "Chapter 2 failed. Try again in some minutes"),
        ("RUN_LOST", "Chapter 2 failed. Try again: what was finished is kept."),
    ],
)
def test_a_failure_is_a_sentence_and_what_to_do(code: str, said: str) -> None:
    """By its code where that says more than the message; nothing is said twice."""
    advice = failure_advice(JobError(code, "Chapter 2 failed. Try again: what was finished is kept."))

    assert f"{advice.sentence} {advice.what_to_do}".startswith(said)
