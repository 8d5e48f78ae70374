"""The pages of administrators: who has an account, and what everybody asked for."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.service import own_run_id
from bookbytes_pipeline.domain.provider_usage import SpendingKey, Unit
from bookbytes_pipeline.library.usage import add_run_spending
from tests.api.client import PASSWORD, Api, User
from tests.api.factories import ISBN
from tests.web_app.browser import PHONE, sign_in, visiting

TOKENS = SpendingKey("openai", "made-up", Unit.INPUT_TOKENS)
CHARACTERS = SpendingKey("gtts", "made-up", Unit.CHARACTERS)


@pytest.fixture(scope="module")
def bob(site: Api, ada: User) -> User:  # noqa: ARG001 - the first one is an administrator
    """Somebody who is no administrator."""
    return site.user("bob")


@pytest.fixture
def page(browser: Browser, site: Api, ada: User) -> Iterator[Page]:
    """Ada's page, who says yes to every question."""
    with visiting(browser, site.origin) as opened:
        sign_in(opened, site, ada)
        opened.on("dialog", lambda dialog: dialog.accept())
        yield opened


def opened(page: Page, email: str) -> Locator:
    """The row of an account, with what can be changed."""
    row = page.get_by_role("listitem").filter(has_text=email)
    row.locator("summary").click()
    return row


def faults(page: Page) -> list[object]:
    """What axe finds serious or critical."""
    return [fault for fault in Axe().run(page).response["violations"] if fault["impact"] in {"serious", "critical"}]


def test_others_see_neither_page(browser: Browser, site: Api, bob: User) -> None:
    """Nor links to them."""
    with visiting(browser, site.origin) as page:
        sign_in(page, site, bob)
        for path in ("/people", "/people/requests"):
            answer = page.goto(path)
            assert answer is not None
            assert 403 == answer.status
            expect(page.get_by_text("Accounts of others are for administrators.")).to_be_visible()
            expect(page.get_by_role("link", name="People")).to_have_count(0)


def test_accounts_are_changed(site: Api, bob: User, page: Page) -> None:
    """Made an administrator's and ordinary again, deactivated and activated; the API is asked each time."""
    page.goto("/people")
    assert [] == faults(page)
    opened(page, bob.email).get_by_role("button", name="Make an administrator").click()
    expect(page.get_by_role("status")).to_have_text(f"{bob.email} is an administrator now.")
    assert site.ask("GET", "/api/v1/auth/me", bob).json()["is_admin"]
    opened(page, bob.email).get_by_role("button", name="Make an ordinary member").click()
    expect(page.get_by_role("status")).to_have_text(f"{bob.email} is no administrator any more.")

    opened(page, bob.email).get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("listitem").filter(has_text=bob.email)).to_contain_text("Deactivated")
    opened(page, bob.email).get_by_role("button", name="Activate").click()
    expect(page.get_by_role("status")).to_have_text(f"{bob.email} can sign in again.")

    own = opened(page, "ada@example.org")
    expect(own.get_by_role("button", name="Deactivate")).to_have_count(0)
    own.get_by_role("button", name="Make an ordinary member").click()
    expect(own.get_by_role("alert")).to_contain_text("is the only administrator")


def test_somebody_gets_an_account_and_a_link(site: Api, page: Page) -> None:
    """The link is shown once, and chooses another password than the administrator knows."""
    page.goto("/people")
    page.get_by_label("E-mail address").fill("carol@example.org")
    page.get_by_label("First password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("status")).to_have_text("The account is there.")

    row = opened(page, "carol@example.org")
    expect(row).to_contain_text("Never here, 0 requests")
    row.get_by_role("button", name="Make a link for a new password").click()
    link = row.locator("[data-secret]")
    expect(link).to_have_text(re.compile(f"^{site.origin}/reset#token="))
    page.goto(link.inner_text())
    expect(page.get_by_label("New password")).to_be_visible()


def test_requests_are_listed_with_their_cost(browser: Browser, site: Api, ada: User, bob: User) -> None:
    """That of a run which two share is said once; nothing was bought where all was there; it fits on a phone."""
    began, ended = datetime.now(UTC) - timedelta(minutes=7), datetime.now(UTC)
    first = uuid4()
    ends = {"run_id": own_run_id(first, 2), "request_id": "", "started_at": began, "completed_at": ended}
    message = "The language model refused the key."
    with closing(site.database) as database, database.session() as session:
        session.add(JobRow(id=first, user_id=UUID(ada.id), isbn=ISBN, attempt=2, outcome="completed", **ends))
        session.add(JobRow(user_id=UUID(bob.id), isbn=ISBN, outcome="completed", **ends))
        other = {**ends, "run_id": None, "title": "On Lakes"}
        session.add(JobRow(isbn="9780743273565", outcome="failed", error_message=message, **other))
        add_run_spending(session, own_run_id(first, 1), {TOKENS: 1_000})
        add_run_spending(session, own_run_id(first, 2), {TOKENS: 500, CHARACTERS: 2_345})

    with visiting(browser, site.origin, viewport=PHONE) as page:
        sign_in(page, site, ada)
        page.goto("/people/requests")
        paid = page.get_by_role("listitem").filter(has_text="ada@example.org")
        expect(paid).to_contain_text("7 min, attempt 2")
        expect(paid).to_contain_text("1,500 tokens read, 0 written; 2,345 characters spoken")
        shared = page.get_by_role("listitem").filter(has_text="bob@example.org")
        expect(shared).to_contain_text("Shared: its cost is at the request that began it.")
        failed = page.get_by_role("listitem").filter(has_text="On Lakes")
        expect(failed).to_contain_text("Somebody whose account is closed")
        expect(failed).to_contain_text(message)
        expect(failed).to_contain_text("Nothing was bought")
        assert [] == faults(page)
        assert PHONE["width"] == page.evaluate("document.documentElement.scrollWidth")
