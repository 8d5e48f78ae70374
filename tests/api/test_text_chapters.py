"""The chapters of an attached text over HTTP: what is shown, who corrects them, and what the next request does."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bookbytes_pipeline.domain.corrections import CorrectedChapter, Correction, correction_fingerprint, with_correction
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.store.sources import SourceStore
from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import ISBN, publish_book
from tests.api.factories import RIVERS as BOOK
from tests.epub.building import epub, page, prose

PATH = f"/api/v1/books/isbn/{ISBN}/chapters"
PAGES = {
    "1.xhtml": f"<h1>Springs</h1>{prose(60, 'river')}",
    "2.xhtml": f"<h1>Lakes</h1>{prose(70, 'lake')}",
    "3.xhtml": page(f"<h1>Bibliography</h1>{prose(50, 'printed')}", "bibliography"),
}
RIVERS = epub(PAGES, [("Springs", "1.xhtml"), ("Lakes", "2.xhtml"), ("Bibliography", "3.xhtml")]).getvalue()
LAKES = epub({"1.xhtml": prose(60, "lake")}, [("A", "1.xhtml")]).getvalue()
AS_READ = [
    {"number": 1, "title": "Springs", "words": 60, "sections": [1]},
    {"number": 2, "title": "Lakes", "words": 70, "sections": [2]},
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all tests of this file."""
    with serving_api(offline_settings(tmp_path_factory.mktemp("home"))) as api:
        yield api


def sources(api: Api) -> SourceStore:
    """The attached texts and corrections, as a run reads them."""
    return open_store(api.settings.store_config).sources


@pytest.fixture
def api(running: Api) -> Api:
    """The API with a text that nobody has corrected."""
    sources(running).write(ISBN, RIVERS)
    sources(running).delete_correction(ISBN)
    return running


def correct(api: Api, user: User | None, *chapters: tuple[str, list[int]]) -> httpx.Response:
    """Ask for these chapters, as titles and sections."""
    return api.ask(
        "PUT", PATH, user, json={"chapters": [{"title": title, "sections": sections} for title, sections in chapters]}
    )


def shown(api: Api, user: User) -> dict[str, Any]:
    """The chapters as this user sees them."""
    answer = api.ask("GET", PATH, user)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_every_user_sees_what_is_in_and_what_is_out(api: Api, bob: User) -> None:
    """Each chapter with its sections, and each section that is left out with the reason."""
    chapters = shown(api, bob)

    assert (ISBN, "The Sea", False, AS_READ, []) == (
        chapters["isbn"],
        chapters["title"],
        chapters["corrected"],
        chapters["chapters"],
        chapters["warnings"],
    )
    [left_out] = chapters["left_out"]
    assert ("Bibliography", "bibliography", 3) == (left_out["title"], left_out["reason"], left_out["section"])


def test_an_administrator_corrects_the_chapters(api: Api, ada: User, bob: User) -> None:
    """The response is the new list, and what everybody sees from then on."""
    answer = correct(api, ada, (" Still\n Water ", [2]), ("Sources", [3]))

    assert 200 == answer.status_code, answer.text
    assert answer.json() == shown(api, bob)
    assert answer.json()["corrected"]
    assert answer.json()["chapters"] == [
        {"number": 1, "title": "Still Water", "words": 70, "sections": [2]},
        {"number": 2, "title": "Sources", "words": 50, "sections": [3]},
    ]
    assert answer.json()["left_out"] == [
        {"title": "Springs", "words": 60, "reason": "skipped by the correction", "section": 1}
    ]


def test_what_is_shown_can_be_sent_back(api: Api, ada: User) -> None:
    """A client changes what it wants to change and sends the rest as it is."""
    chapters = shown(api, ada)["chapters"]

    answer = api.ask("PUT", PATH, ada, json={"chapters": chapters})

    assert AS_READ == answer.json()["chapters"]


def test_a_correction_is_dropped(api: Api, ada: User, bob: User) -> None:
    """Dropping it again is no error."""
    correct(api, ada, ("Lakes", [2]))

    assert (403, "ADMINISTRATOR_NEEDED") == code(api.ask("DELETE", PATH, bob))
    assert 204 == api.ask("DELETE", PATH, ada).status_code
    assert 204 == api.ask("DELETE", PATH, ada).status_code
    assert (False, AS_READ) == (shown(api, ada)["corrected"], shown(api, ada)["chapters"])


def test_other_users_cannot_correct(api: Api, bob: User) -> None:
    """It changes what everybody hears."""
    assert (403, "ADMINISTRATOR_NEEDED") == code(correct(api, bob, ("Lakes", [2])))
    assert (401, "NOT_AUTHENTICATED") == code(correct(api, None, ("Lakes", [2])))
    assert (401, "NOT_AUTHENTICATED") == code(api.ask("GET", PATH))
    assert sources(api).read_correction(ISBN) is None


def test_whoever_may_upload_may_correct(tmp_path: Path) -> None:
    """With ALLOW_USER_UPLOADS every user may."""
    with serving_api(offline_settings(tmp_path, allow_user_uploads=True)) as api:
        _, bob = api.user("ada"), api.user("bob")
        sources(api).write(ISBN, RIVERS)

        assert 200 == correct(api, bob, ("Lakes", [2])).status_code
        assert 204 == api.ask("DELETE", PATH, bob).status_code


@pytest.mark.parametrize(
    ("chapters", "error", "message"),
    [
        ([("A", [4])], "INVALID_CHAPTERS", "The text has no section 4; its sections are 1 to 3."),
        ([("A", [1]), ("B", [1])], "INVALID_CHAPTERS", "Section 1 is used more than once."),
        ([("A", [2]), ("B", [1])], "INVALID_CHAPTERS", "not in reading order"),
        ([(" ", [1])], "INVALID_CHAPTERS", "printable"),
        ([("\x00", [1])], "INVALID_CHAPTERS", "printable"),
        ([("", [1])], "INVALID_TITLE", "at least 1 characters"),
        ([("x" * 301, [1])], "INVALID_TITLE", "at most 300 characters"),
        ([("A", [])], "INVALID_SECTIONS", "sections"),
        ([("A", [1] * 2001)], "INVALID_SECTIONS", "sections"),
        ([("A", [0])], "INVALID_CHAPTERS", "no section 0"),
        ([("A", [10**20])], "INVALID_CHAPTERS", "no section 100000000000000000000"),
        ([], "INVALID_CHAPTERS", "chapters"),
        ([("A", [1])] * 301, "INVALID_CHAPTERS", "chapters"),
    ],
)
def test_an_impossible_list_changes_nothing(
    api: Api, ada: User, chapters: list[tuple[str, list[int]]], error: str, message: str
) -> None:
    """The message says what is wrong or what is possible."""
    answer = correct(api, ada, *chapters)

    assert (422, error) == code(answer)
    assert message in answer.json()["error"]["message"]
    assert sources(api).read_correction(ISBN) is None


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", (400, "INVALID_JSON")),
        (b"{}", (422, "INVALID_CHAPTERS")),
        (b'{"chapters": [{"title": "A", "sections": ["1"]}]}', (422, "INVALID_SECTIONS")),
        (b'{"chapters": [{"title": "A"}]}', (422, "INVALID_SECTIONS")),
        (b'{"chapters": [{"title": 1, "sections": [1]}]}', (422, "INVALID_TITLE")),
    ],
)
def test_another_body_is_refused(api: Api, ada: User, body: bytes, error: tuple[int, str]) -> None:
    """Also a number as text and a text as number; the code names the field without its place in a list."""
    answer = api.ask("PUT", PATH, ada, content=body, headers={"Content-Type": "application/json"})

    assert error == code(answer)


def test_a_book_without_a_text_has_no_chapters_to_correct(api: Api, ada: User) -> None:
    """The message says how to attach one; an ISBN that is none is another error."""
    without, invalid = (f"/api/v1/books/isbn/{isbn}/chapters" for isbn in ("9780306406256", "9780306406158"))
    body = {"chapters": [{"title": "A", "sections": [1]}]}

    missing = api.ask("GET", without, ada)

    assert (404, "TEXT_NOT_FOUND") == code(missing)
    assert "PUT /api/v1/books/isbn/9780306406256/text" in missing.json()["error"]["message"]
    assert (404, "TEXT_NOT_FOUND") == code(api.ask("PUT", without, ada, json=body))
    assert (422, "INVALID_ISBN") == code(api.ask("GET", invalid, ada))
    assert (422, "INVALID_ISBN") == code(api.ask("DELETE", invalid, ada))


def test_a_correction_of_another_text_is_not_followed(api: Api, ada: User) -> None:
    """A warning says so."""
    correct(api, ada, ("Lakes", [2]))
    sources(api).write(ISBN, LAKES)

    chapters = shown(api, ada)

    assert (False, ["A"]) == (chapters["corrected"], [chapter["title"] for chapter in chapters["chapters"]])
    assert "corrected for another text" in chapters["warnings"][0]


def test_a_published_book_is_made_again_once_its_chapters_are_corrected(tmp_path: Path) -> None:
    """Then it is there as corrected, until the correction is another or dropped."""
    with serving_api(offline_settings(tmp_path)) as api:
        ada, bob = api.user("ada"), api.user("bob")
        sources(api).write(ISBN, RIVERS)
        publish_book(api.settings)
        assert "completed" == _requested(api, ada)

        correct(api, ada, ("Lakes", [2]))
        assert "pending" == _requested(api, ada)

        _follows(api, correction_fingerprint(sources(api).read_correction(ISBN)))
        assert "completed" == _requested(api, bob)

        api.ask("DELETE", PATH, ada)
        assert "pending" == _requested(api, bob)


def test_another_isbn_of_a_corrected_book_needs_no_run(tmp_path: Path) -> None:
    """It has no text and no correction of its own; once it has, its chapters are made."""
    other = "9780198526636"
    with serving_api(offline_settings(tmp_path)) as api:
        ada, bob = api.user("ada"), api.user("bob")
        publish_book(api.settings, replace(BOOK, isbns=(other,)))
        _follows(api, "a correction")

        assert "completed" == _requested(api, ada, other)
        sources(api).write_correction(other, Correction("id", (CorrectedChapter("Lakes", (2,)),)))
        assert "pending" == _requested(api, bob, other)


def test_the_store_is_asked_only_about_published_books(tmp_path: Path) -> None:
    """Others are accepted while it is away, for a run waits for it."""
    with serving_api(offline_settings(tmp_path)) as api:
        ada = api.user("ada")
        (api.settings.store_folder / "sources" / f"{ISBN}.chapters.json").mkdir(parents=True)
        process = ("POST", "/api/v1/books/process", ada)

        accepted = api.ask(*process, json={"isbn": ISBN})
        publish_book(api.settings)
        refused = api.ask(*process, json={"isbn": ISBN})

        assert (202, "pending") == (accepted.status_code, accepted.json()["status"])
        assert (503, "STORE_UNAVAILABLE") == code(refused)


def _requested(api: Api, user: User, isbn: str = ISBN) -> str:
    """The status of the job for the book."""
    answer = api.ask("POST", "/api/v1/books/process", user, json={"isbn": isbn})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["status"])


def _follows(api: Api, correction: str) -> None:
    """Say that the published book follows this correction, as the last step of a run does."""
    with api.database.session() as session:
        book = session.scalars(select(BookRow)).one()
        book.recipe = with_correction(book.recipe, correction)
