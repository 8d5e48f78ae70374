"""The library: what users find in it, and what administrators delete."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, select

from bookbytes_api.jobs.models import JobRow
from bookbytes_pipeline.domain.evidence import SentenceEvidence, Span
from bookbytes_pipeline.domain.summary import Grounding
from bookbytes_pipeline.library.models import BookISBNRow, BookRow, ChapterEvidenceRow, ChapterRow
from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import ISBN, ISBN_10, RIVERS, SOUND, numbered_book, publish_book
from tests.api.statements import statements_of_requests
from tests.conftest import DATABASES
from tests.epub.building import epub, prose
from tests.postgres import PostgresServer


@pytest.fixture(scope="module", params=DATABASES)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all tests of this file, on each kind of database: users take longest to create."""
    with ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
            url = stack.enter_context(server.database(server.migrated))
        home = tmp_path_factory.mktemp("home")
        yield stack.enter_context(serving_api(offline_settings(home, url)))


@pytest.fixture
def api(running: Api) -> Api:
    """The API of an empty library and store."""
    shutil.rmtree(running.settings.store_folder, ignore_errors=True)
    with running.database.session() as session:
        session.execute(delete(JobRow))
        for book in session.scalars(select(BookRow)):
            session.delete(book)
    return running


def found(api: Api, user: User, **query: str | int) -> list[str]:
    """The titles on a page of the library."""
    answer = api.ask("GET", "/api/v1/books", user, params=query)
    assert answer.status_code == 200, answer.text
    return [book["title"] for book in answer.json()["items"]]


def test_a_book_in_the_list_is_shown_in_short(api: Api, ada: User) -> None:
    """Its facts, how many chapters it has, and how long all of its clips are."""
    book = publish_book(api.settings)

    answer = api.ask("GET", "/api/v1/books", ada).json()
    item = answer.pop("items")[0]
    assert {"total": 1, "page": 1, "size": 20} == answer
    assert str(book) == item["id"]
    assert (ISBN, "On Rivers", "Ada Ford", "en") == tuple(
        item[name] for name in ("isbn", "title", "author", "language")
    )
    assert (3, 2400.0, "2001") == tuple(item[name] for name in ("number_of_chapters", "duration", "publish_date"))
    assert {"summary", "chapters"}.isdisjoint(item)


def test_an_empty_library_is_an_empty_page(api: Api, ada: User) -> None:
    """Nothing to list is no error."""
    answer = api.ask("GET", "/api/v1/books", ada)

    assert (200, {"items": [], "total": 0, "page": 1, "size": 20}) == (answer.status_code, answer.json())


def test_the_library_needs_a_token(api: Api) -> None:
    """Every path of the library is for users only."""
    paths = ["books", f"books/{uuid4()}", f"books/isbn/{ISBN}", f"books/{uuid4()}/chapters", f"chapters/{uuid4()}"]
    paths += [f"chapters/{uuid4()}/evidence"]

    assert {(401, "NOT_AUTHENTICATED")} == {code(api.client.get(f"/api/v1/{path}")) for path in paths}


def test_the_latest_edition_of_each_language_is_listed(api: Api, ada: User) -> None:
    """Older editions are listed on request; a translation is no edition of the original."""
    for number, (title, language, year) in enumerate(
        [("First", "en", "1999"), ("Second", "en", "May 2004"), ("Erste", "de", "2000"), ("Undated", "en", None)]
    ):
        publish_book(
            api.settings,
            numbered_book(number, title=title, language=language, publish_date=year, work_key="/works/OL1W"),
        )

    assert ["Erste", "Second"] == found(api, ada)
    assert ["Erste", "Second"] == found(api, ada, editions="latest")
    assert ["Erste", "First", "Second", "Undated"] == found(api, ada, editions="all")


def test_an_isbn_finds_its_own_edition_although_there_is_a_newer_one(api: Api, ada: User) -> None:
    """A user who has the old edition at hand enters its ISBN; a title finds the latest."""
    old = numbered_book(1, publish_date="1999", work_key="/works/OL1W", title="On Rivers, 1st ed.")
    publish_book(api.settings, old)
    publish_book(api.settings, numbered_book(2, publish_date="2009", work_key="/works/OL1W"))

    assert ["On Rivers"] == found(api, ada, q="rivers")
    assert ["On Rivers, 1st ed."] == found(api, ada, q=old.isbn)
    assert [] == found(api, ada, q=old.isbn, language="de")


WORDS = ("rivers", "RIVERS", "n r", "ri", "ford", "Ada Ford", "ford rivers", "  rivers ")
NUMBERS = (ISBN, "978-0-306-40615-7", "978 0 306 40615 7", ISBN_10, "0-306-40615-2")


def test_a_book_is_found_by_title_author_and_isbn(api: Api, ada: User) -> None:
    """Words of either in any case and order, and any form of an ISBN."""
    publish_book(api.settings)
    publish_book(api.settings, numbered_book(1, title="El cabo", authors=("Zo Gaz",)))

    for q in WORDS + NUMBERS:
        assert (q, ["On Rivers"]) == (q, found(api, ada, q=q))


def test_a_search_without_matches_is_empty(api: Api, ada: User) -> None:
    """All words have to match; an ISBN has to be whole; an empty query finds everything."""
    publish_book(api.settings)

    assert [] == found(api, ada, q="rivers gray")
    assert [] == found(api, ada, q="9780306")
    assert [] == found(api, ada, q="9781861972712")
    assert ["On Rivers"] == found(api, ada, q="") == found(api, ada, q=" ")


def test_case_does_not_matter_in_any_alphabet(api: Api, ada: User) -> None:
    """Also for letters beyond ASCII, on each kind of database."""
    publish_book(api.settings, numbered_book(1, title="Über die Flüsse", authors=("Émile Ñandú",)))
    publish_book(api.settings, numbered_book(2, title="Война и мир", authors=("Лев Толстой",)))
    publish_book(api.settings, numbered_book(3, title="城", authors=("Φραντς Κάφκα",)))

    assert ["Über die Flüsse"] == found(api, ada, q="über") == found(api, ada, q="FLÜSSE") == found(api, ada, q="éMILE")
    assert ["Война и мир"] == found(api, ada, q="ВОЙНА") == found(api, ada, q="толстой")
    assert ["城"] == found(api, ada, q="城") == found(api, ada, q="κάφκα")


def test_the_best_match_of_a_query_is_listed_first(api: Api, ada: User) -> None:
    """A title before an author before chapter titles before summaries; filters and totals hold on every page."""
    publish_book(api.settings, numbered_book(1, title="A B", authors=("C",)), {"One": SOUND, "Two": SOUND})
    publish_book(api.settings, numbered_book(2, title="A", authors=("C",), language="de"), {"Two": None})
    publish_book(api.settings, numbered_book(3, title="B", authors=("Two",)), {"One": SOUND})
    publish_book(api.settings, numbered_book(4, title="Two", authors=("C",)), {"One": SOUND})
    publish_book(api.settings, numbered_book(5, title="Four", authors=("C",)), {"One": SOUND})

    assert ["Two", "B", "A", "A B"] == found(api, ada, q="two")
    assert ["A"] == found(api, ada, q="two", language="de")
    assert ["Two", "B", "A B"] == found(api, ada, q="TWO", language="en")
    assert ["A B", "B", "Two"] == found(api, ada, q="about one two", needs_review="false")
    answer = api.ask("GET", "/api/v1/books", ada, params={"q": "two", "page": 2, "size": 3}).json()
    assert (4, ["A B"]) == (answer["total"], [book["title"] for book in answer["items"]])


SPECIAL = ("%", "_", "100%", "a_b", "*", ".", "[x]", "(", "\\", "^$", "'", '"', "a|b", "\\d", "{1}", "(?i)")


def test_special_characters_are_literal(api: Api, ada: User) -> None:
    """No character is a wildcard, and none breaks the query."""
    publish_book(api.settings, numbered_book(0, title="1000 axb 7"))
    for number, character in enumerate(SPECIAL, 1):
        publish_book(api.settings, numbered_book(number, title=f"<{character}>"))

    for character in SPECIAL:
        assert [f"<{character}>"] == found(api, ada, q=f"<{character}>")
        assert "1000 axb 7" not in found(api, ada, q=character)


def test_a_language_is_found_with_its_regions(api: Api, ada: User) -> None:
    """English includes American English; Brazilian Portuguese includes no other."""
    for number, tag in enumerate(["en", "en-US", "enm", "pt-BR", "pt"]):
        publish_book(api.settings, numbered_book(number, title=f"In {tag}", language=tag))

    assert ["In en", "In en-US"] == found(api, ada, language="en") == found(api, ada, language="EN")
    assert ["In en-US"] == found(api, ada, language="en-us")
    assert ["In pt-BR"] == found(api, ada, language="pt-BR")
    assert ["In pt", "In pt-BR"] == found(api, ada, language="pt")
    assert [] == found(api, ada, language="de")


def test_pages_together_are_the_list(api: Api, ada: User) -> None:
    """Every book is on one page, in a fixed order, whatever the size; beyond the last page is nothing."""
    for number in range(7):
        publish_book(
            api.settings, numbered_book(number, title="Same title", work_key=f"/works/OL{number}W"), {"One": None}
        )
    publish_book(api.settings, numbered_book(7, title="another title"), {"One": None})

    def page(number: int, size: int) -> tuple[int, list[str]]:
        answer = api.ask("GET", "/api/v1/books", ada, params={"page": number, "size": size}).json()
        assert (number, size) == (answer["page"], answer["size"])
        return answer["total"], [book["id"] for book in answer["items"]]

    total, whole = page(1, 100)
    assert (8, 8) == (total, len(set(whole)))
    assert "another title" == found(api, ada)[0]
    assert [(8, whole[:3]), (8, whole[3:6]), (8, whole[6:]), (8, [])] == [page(number, 3) for number in (1, 2, 3, 4)]


def test_books_that_need_review_are_listed(api: Api, ada: User) -> None:
    """Or those that do not; the total counts them only, on every page."""
    for number in range(3):
        faulty = {"review_reasons": ("It repeats itself.",)}
        publish_book(api.settings, numbered_book(number, title=f"Faulty {number}"), {"One": SOUND}, **faulty)
    publish_book(api.settings, numbered_book(3, title="Good"), {"One": SOUND})

    def page(number: int, needs_review: str) -> tuple[int, list[str]]:
        query = {"needs_review": needs_review, "page": number, "size": 2, "editions": "all"}
        answer = api.ask("GET", "/api/v1/books", ada, params=query).json()
        assert {needs_review == "true"} == {book["needs_review"] for book in answer["items"]}
        return answer["total"], [book["title"] for book in answer["items"]]

    assert [(3, ["Faulty 0", "Faulty 1"]), (3, ["Faulty 2"])] == [page(number, "true") for number in (1, 2)]
    assert (1, ["Good"]) == page(1, "false")
    assert ["Faulty 0", "Faulty 1", "Faulty 2", "Good"] == found(api, ada, editions="all")


INVALID_QUERIES: list[tuple[str, str | int]] = [
    ("page", 0),
    ("page", "x"),
    ("page", 10**30),
    ("size", 0),
    ("size", 101),
    ("editions", "some"),
    ("needs_review", "perhaps"),
    ("q", "x" * 10_000),
    ("q", "a\0b"),
    ("language", "en'--"),
]


def test_an_invalid_query_names_its_field(api: Api, ada: User) -> None:
    """Wrong types, sizes and characters are errors, not empty results."""
    for field, value in INVALID_QUERIES:
        answer = api.ask("GET", "/api/v1/books", ada, params={field: value})
        assert (422, f"INVALID_{field.upper()}") == code(answer), value


def test_a_long_list_runs_as_many_statements_as_a_short_one(api: Api, ada: User) -> None:
    """Thirty books take as many statements as one, and no summary is fetched for a list."""
    publish_book(api.settings)
    with statements_of_requests(api, "books", "chapters", "book_isbns") as few:
        assert 1 == len(found(api, ada, size=100))
    for number in range(29):
        publish_book(api.settings, numbered_book(number, title=f"Book {number}", work_key=f"/works/OL{number}W"))
    with statements_of_requests(api, "books", "chapters", "book_isbns") as many:
        assert 30 == len(found(api, ada, size=100))

    with statements_of_requests(api, "books", "chapters", "book_isbns") as searched:
        assert 30 == len(found(api, ada, q="springs", size=100))

    assert 3 == len(few) == len(many)
    assert 5 >= len(searched)
    assert not any("summary" in statement for statement in many + searched)


def test_a_book_comes_with_its_isbns_and_chapters(api: Api, ada: User) -> None:
    """In reading order; the same by its id and by any form of any of its ISBNs."""
    book = publish_book(api.settings, replace(RIVERS, isbns=("9791234567896",)))

    shown = api.ask("GET", f"/api/v1/books/{book}", ada).json()
    assert {ISBN, ISBN_10, "9791234567896"} == set(shown["isbns"])
    assert [(1, "Springs"), (2, "Rapids"), (3, "Deltas")] == [
        (chapter["chapter_number"], chapter["title"]) for chapter in shown["chapters"]
    ]
    for isbn in (ISBN, "978-0-306-40615-7", ISBN_10, "0-306-40615-2", "979-12-3456-789-6"):
        assert shown == api.ask("GET", f"/api/v1/books/isbn/{isbn}", ada).json()
    assert shown["chapters"] == api.ask("GET", f"/api/v1/books/{book}/chapters", ada).json()
    for chapter in shown["chapters"]:
        assert chapter == api.ask("GET", f"/api/v1/chapters/{chapter['id']}", ada).json()


def test_a_chapter_that_the_model_did_not_know_has_nothing_to_hear(api: Api, ada: User) -> None:
    """Its summary, length and address are null, and the others' are not."""
    book = publish_book(api.settings)
    known, unknown, _ = api.ask("GET", f"/api/v1/books/{book}/chapters", ada).json()

    assert ("About springs.", 1200.0, 2) == (known["summary"], known["duration"], known["word_count"])
    assert f"/api/v1/chapters/{known['id']}/audio" == known["audio_url"]
    assert (None, None, None, 0) == tuple(unknown[name] for name in ("summary", "duration", "audio_url", "word_count"))
    assert {str(book)} == {known["book_id"], unknown["book_id"]}


def test_a_chapter_says_what_is_wrong_with_its_summary(api: Api, ada: User) -> None:
    """In sentences; its book is marked, too, and so are neither the other chapters nor the other books."""
    book = publish_book(api.settings, review_reasons=("It repeats itself.", "It is cut off."), minutes=5)
    other = publish_book(api.settings, numbered_book(1))

    shown, unmarked = (api.ask("GET", f"/api/v1/books/{published}", ada).json() for published in (book, other))
    assert [["It repeats itself.", "It is cut off."], [], []] == [
        chapter["review_reasons"] for chapter in shown["chapters"]
    ]
    assert [True, False, False] == [chapter["needs_review"] for chapter in shown["chapters"]]
    assert [(True, 5), (False, None)] == [(item["needs_review"], item["minutes"]) for item in (shown, unmarked)]


def test_a_summary_shows_its_passages(api: Api, ada: User) -> None:
    """Each sentence has its own, in order; the chapter itself does not repeat them."""
    passages = (Span(10, 23, "water and bog"), Span(0, 9, "Some rain"))
    evidence = (SentenceEvidence("About springs.", passages, 0.75), SentenceEvidence("And rain.", passages[1:], 0.5))
    book = publish_book(api.settings, grounding=Grounding.FULL_TEXT, evidence=evidence)
    first = api.ask("GET", f"/api/v1/books/{book}/chapters", ada).json()[0]

    answer = api.ask("GET", f"/api/v1/chapters/{first['id']}/evidence", ada)

    quoted = [{"start": 10, "end": 23, "quote": "water and bog"}, {"start": 0, "end": 9, "quote": "Some rain"}]
    sentences = [
        {"sentence": "About springs.", "support": 0.75, "spans": quoted},
        {"sentence": "And rain.", "support": 0.5, "spans": quoted[1:]},
    ]
    assert (200, {"chapter_id": first["id"], "grounding": "full_text", "sentences": sentences}) == (
        answer.status_code,
        answer.json(),
    )
    assert "evidence" not in first


def test_a_summary_from_memory_has_no_passages(api: Api, ada: User) -> None:
    """Nor has that of a whole book: the answer is empty, and no error."""
    book = publish_book(api.settings, whole=SOUND)
    shown = api.ask("GET", f"/api/v1/books/{book}", ada).json()

    for chapter in (*shown["chapters"], shown["book_summary"]):
        answer = api.ask("GET", f"/api/v1/chapters/{chapter['id']}/evidence", ada)
        expected = {"chapter_id": chapter["id"], "grounding": "model_memory", "sentences": []}
        assert (200, expected) == (answer.status_code, answer.json())


def test_the_summary_of_a_book_comes_with_it(api: Api, ada: User) -> None:
    """It is read and heard like a chapter, but is not counted as one; a book without one has null."""
    book, other = publish_book(api.settings, whole=SOUND), publish_book(api.settings, numbered_book(1))

    shown = api.ask("GET", f"/api/v1/books/{book}", ada).json()
    whole = shown["book_summary"]
    assert (0, "About the book in three minutes.", 1200.0) == tuple(
        whole[name] for name in ("chapter_number", "summary", "duration")
    )
    assert (3, 2400.0, [1, 2, 3]) == (
        shown["number_of_chapters"],
        shown["duration"],
        [chapter["chapter_number"] for chapter in shown["chapters"]],
    )
    assert whole == api.ask("GET", f"/api/v1/chapters/{whole['id']}", ada).json()
    assert f"/api/v1/chapters/{whole['id']}/audio" == whole["audio_url"]
    assert api.ask("GET", whole["audio_url"], ada).content == SOUND
    assert api.ask("GET", f"/api/v1/books/{other}", ada).json()["book_summary"] is None


def test_unknown_books_and_chapters_are_not_found(api: Api, ada: User) -> None:
    """The errors distinguish an unknown book, chapter or ISBN from an invalid ISBN."""

    def answer(path: str) -> tuple[int, str]:
        return code(api.ask("GET", f"/api/v1/{path}", ada))

    assert (404, "BOOK_NOT_FOUND") == answer(f"books/{uuid4()}") == answer(f"books/{uuid4()}/chapters")
    assert (404, "CHAPTER_NOT_FOUND") == answer(f"chapters/{uuid4()}") == answer(f"chapters/{uuid4()}/evidence")
    assert (404, "BOOK_NOT_FOUND") == answer(f"books/isbn/{ISBN}")
    assert (422, "INVALID_ISBN") == answer("books/isbn/9780306406158") == answer("books/isbn/12")
    assert (422, "INVALID_ISBN") == answer("books/isbn/97803064061%00") == answer(f"books/isbn/{'9' * 10_000}")
    assert (404, "NOT_FOUND") == answer("books/no-uuid") == answer("chapters/..%2F..%2Fetc")


def test_a_deleted_book_leaves_no_rows_and_no_clips(api: Api, ada: User) -> None:
    """Rows, ISBNs, chapters, clips and their folder are deleted; another book, and the attached text, stay."""
    store = open_store(api.settings.store_config)
    store.sources.write(ISBN, epub({"1.xhtml": prose(60)}, [("One", "1.xhtml")]))
    book, other = publish_book(api.settings), publish_book(api.settings, numbered_book(1))
    first = api.ask("GET", f"/api/v1/books/{book}/chapters", ada).json()[0]

    answer = api.ask("DELETE", f"/api/v1/books/{book}", ada)

    assert (204, b"") == (answer.status_code, answer.content)
    assert (404, "BOOK_NOT_FOUND") == code(api.ask("GET", f"/api/v1/books/{book}", ada))
    assert (404, "BOOK_NOT_FOUND") == code(api.ask("GET", f"/api/v1/books/isbn/{ISBN_10}", ada))
    assert (404, "CHAPTER_NOT_FOUND") == code(api.ask("GET", first["audio_url"], ada))
    with api.database.session() as session:
        left = {
            kind: session.scalar(select(func.count()).select_from(kind)) for kind in (BookRow, ChapterRow, BookISBNRow)
        }
    assert {BookRow: 1, ChapterRow: 3, BookISBNRow: 2} == left
    assert [numbered_book(1).isbn] == [
        folder.name for folder in (api.settings.store_folder / "chapter_audio").iterdir()
    ]
    assert store.sources.has(ISBN)
    assert 200 == api.ask("GET", f"/api/v1/books/{other}", ada).status_code
    assert (404, "BOOK_NOT_FOUND") == code(api.ask("DELETE", f"/api/v1/books/{book}", ada))


def test_the_clip_of_a_books_summary_is_deleted_with_the_book(api: Api, ada: User) -> None:
    """And so is its row, with the passages of the chapters."""
    evidence = (SentenceEvidence("About springs.", (Span(0, 9, "Some rain"),), 0.5),)
    book = publish_book(api.settings, whole=SOUND, evidence=evidence)
    clips = api.settings.store_folder / "chapter_audio"
    before = len([*clips.rglob("*.mp3")])

    assert 204 == api.ask("DELETE", f"/api/v1/books/{book}", ada).status_code

    assert (3, 0) == (before, len([*clips.rglob("*.mp3")]))
    with api.database.session() as session:
        assert [0, 0] == [
            session.scalar(select(func.count()).select_from(table)) for table in (ChapterRow, ChapterEvidenceRow)
        ]


def test_a_book_with_missing_clips_can_be_deleted(api: Api, ada: User) -> None:
    """Deleting completes what somebody has half deleted by hand."""
    book = publish_book(api.settings)
    for clip in (api.settings.store_folder / "chapter_audio" / ISBN).iterdir():
        clip.unlink()

    assert 204 == api.ask("DELETE", f"/api/v1/books/{book}", ada).status_code


def test_only_administrators_delete(api: Api, bob: User) -> None:
    """Other users are refused, also for books that do not exist."""
    book = publish_book(api.settings)

    assert (403, "ADMINISTRATOR_NEEDED") == code(api.ask("DELETE", f"/api/v1/books/{book}", bob))
    assert (403, "ADMINISTRATOR_NEEDED") == code(api.ask("DELETE", f"/api/v1/books/{uuid4()}", bob))
    assert (401, "NOT_AUTHENTICATED") == code(api.ask("DELETE", f"/api/v1/books/{book}"))
    assert ["On Rivers"] == found(api, bob)


def test_other_jobs_do_not_keep_an_administrator_from_deleting(api: Api, ada: User) -> None:
    """Only the jobs of the book itself matter: neither a job for another book nor the lock of the user's own jobs."""
    book = publish_book(api.settings)
    with api.database.session() as session:
        session.add(
            JobRow(user_id=UUID(ada.id), isbn=numbered_book(1).isbn, request_id="test", submitted_at=func.now())
        )

    one_lock_for_all = api.database.engine.dialect.name == "sqlite"
    with nullcontext() if one_lock_for_all else api.database.session(f"jobs of {ada.id}"):
        deleted = api.ask("DELETE", f"/api/v1/books/{book}", ada)

    assert 204 == deleted.status_code


def test_a_book_that_is_being_processed_cannot_be_deleted(api: Api, ada: User) -> None:
    """Its clips would be produced in vain; once the job has ended it can be deleted."""
    book = publish_book(api.settings)
    with api.database.session() as session:
        job = JobRow(user_id=UUID(ada.id), isbn=ISBN, request_id="test", submitted_at=func.now())
        session.add(job)
        session.flush()
        job_id = job.id

    refused = api.ask("DELETE", f"/api/v1/books/{book}", ada)
    with api.database.session() as session:
        ended = session.get(JobRow, job_id)
        assert ended is not None
        ended.outcome = "failed"

    assert (409, "BOOK_UNDER_WAY") == code(refused)
    assert 204 == api.ask("DELETE", f"/api/v1/books/{book}", ada).status_code
