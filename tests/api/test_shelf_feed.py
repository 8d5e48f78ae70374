"""The podcast feed of a shelf: which books are on it, and in which order."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import update

from bookbytes_api.jobs.models import COMPLETED, JobRow
from bookbytes_pipeline.library.models import BookRow
from tests.api.client import Api, User
from tests.api.factories import SOUND, numbered_book, publish_book
from tests.api.feeds import by_feedparser, feed_of, fetch, texts
from tests.api.statements import statements_of_requests


@pytest.fixture
def ada(api: Api) -> User:
    """A person who listens."""
    return api.user()


def ask_for(api: Api, user: User, isbn: str, at: datetime | None = None) -> None:
    """Have the person ask for a book that is made already."""
    with api.database.session() as session:
        job = JobRow(user_id=UUID(user.id), isbn=isbn, request_id="test", outcome=COMPLETED)
        job.created_at = at or datetime.now(UTC)
        session.add(job)


def test_the_shelf_has_the_books_that_a_person_asked_for(api: Api, ada: User) -> None:
    """What was asked for last first, a season for each book, chapters in order, and nobody's chapters mixed."""
    for number, asked in ((1, 3), (2, 2), (3, None)):
        made = numbered_book(number, title=f"Book {number}", work_key=f"/works/{number}")
        publish_book(api.settings, made, {"One": SOUND[:number], "Two": SOUND})
        if asked:
            ask_for(api, ada, made.isbn, datetime(2027, 1, asked, tzinfo=UTC))

    document = fetch(api, feed_of(api, ada))
    listed = by_feedparser(document)[1]

    assert ["Book 1: One", "Book 1: Two", "Book 2: One", "Book 2: Two"] == [heard.title for heard in listed]
    assert ["Book 2: One", "Book 2: Two", "Book 1: One", "Book 1: Two"] == [heard.title for heard in sorted(listed)]
    assert ["2", "2", "1", "1"] == texts(document, "//item/itunes:season")
    assert ["Book 1", "Book 1", "Book 2", "Book 2"] == texts(document, "//item/podcast:season/@name")


def test_the_shelf_has_the_books_that_a_person_listens_to(api: Api, ada: User) -> None:
    """A book that somebody else asked for, once there is a position in it, and not any more without one."""
    books = [numbered_book(number, title=f"Book {number}", work_key=f"/works/{number}") for number in (1, 2)]
    ids = [publish_book(api.settings, book) for book in books]
    ask_for(api, ada, books[0].isbn)
    url, place = feed_of(api, ada), f"/api/v1/me/positions/{ids[1]}"

    def shelf() -> set[str]:
        return {heard.title.partition(":")[0] for heard in by_feedparser(fetch(api, url))[1]}

    assert {"Book 1"} == shelf()
    put = api.ask("PUT", place, ada, json={"chapter_number": 1, "seconds": 1, "client_time": "2026-11-28T09:00:00Z"})
    assert put.status_code == 200, put.text
    assert {"Book 1", "Book 2"} == shelf()
    assert api.ask("DELETE", place, ada).status_code == 204
    assert {"Book 1"} == shelf()


def test_books_made_at_the_same_time_are_not_mixed(api: Api, ada: User) -> None:
    """An app that sorts by date lists one book after the other, and nothing of the future."""
    for number in range(3):
        publish_book(api.settings, numbered_book(number, title=f"Book {number}", work_key=f"/works/{number}"))
    now = datetime.now(UTC)
    with api.database.session() as session:
        session.execute(update(BookRow).values(created_at=now))

    by_date = sorted(by_feedparser(fetch(api, feed_of(api, ada)))[1])

    books = [heard.title.partition(":")[0] for heard in by_date]
    assert 3 == sum(book != later for book, later in zip(books, [*books[1:], ""], strict=True))
    assert by_date[-1].published < now.timestamp()


def test_whoever_asked_for_nothing_gets_what_the_library_has(api: Api, ada: User) -> None:
    """The latest editions; a feed of an empty library is one without episodes."""
    url = feed_of(api, ada)
    empty = by_feedparser(fetch(api, url))
    publish_book(api.settings, numbered_book(1, publish_date="1990", work_key="/works/1"))
    publish_book(api.settings, numbered_book(2, publish_date="2020", work_key="/works/1", title="On Rivers, again"))

    listed = by_feedparser(fetch(api, url))[1]

    assert ("My books in BookBytes", []) == (empty[0]["title"], empty[1])
    assert ["On Rivers, again: Springs", "On Rivers, again: Deltas"] == [heard.title for heard in listed]


def test_a_feed_is_bounded(api: Api, ada: User) -> None:
    """Five hundred episodes at most, of whole books, the newest ones."""
    chapters = dict.fromkeys(map(str, range(1, 240)), SOUND)
    for number in range(3):
        publish_book(api.settings, numbered_book(number, title=f"Book {number}", work_key=f"/works/{number}"), chapters)

    listed = by_feedparser(fetch(api, feed_of(api, ada)))[1]

    assert 2 * len(chapters) == len(listed)
    assert {"Book 1", "Book 2"} == {heard.title.partition(":")[0] for heard in listed}


def test_statements_do_not_grow_with_chapters(api: Api, ada: User) -> None:
    """Fifty chapters in two books take as many statements as one in one."""
    counts = []
    for number, chapters in enumerate((1, 50)):
        named = dict.fromkeys(map(str, range(chapters)), SOUND)
        made = numbered_book(number, work_key=f"/works/{number}")
        book = publish_book(api.settings, made, named, whole=SOUND)
        ask_for(api, ada, made.isbn)
        for chosen in (book, None):
            url = feed_of(api, ada, chosen)
            with statements_of_requests(api, "") as statements:
                fetch(api, url)
            counts.append(len(statements))

    assert counts[:2] == counts[2:]
    assert all(counts)
