"""`bookbytes search`: finding an ISBN by title."""

import pytest

from bookbytes_pipeline.cli import bookbytes
from bookbytes_pipeline.domain.errors import BookBytesError, CatalogueOff, InvalidSearch, Refused, Unavailable
from tests.fakes.open_library import FORBIDDEN, QUERIES, SEARCH, Canned, Document, open_library_app, search_result
from tests.fakes.server import serving

ISBNS = ["9780140328721", "9780306406157", "9781420080322", "9780198526636"]
MATILDA = {"title": "Matilda", "author_name": ["Roald Dahl", "Quentin Blake"], "first_publish_year": 1988}


@pytest.fixture(autouse=True)
def _contact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLIBRARY_CONTACT", "reader@books.example")


def search(monkeypatch: pytest.MonkeyPatch, *words: str, answer: Document) -> list[dict[str, str]]:
    """Search where Open Library gives this answer; returns what it was asked."""
    server = open_library_app({SEARCH: answer})
    with serving(server) as url:
        monkeypatch.setenv("OPENLIBRARY_BASE_URL", url)
        bookbytes.main(["search", *words], standalone_mode=False)
    return server[QUERIES]


def test_works_are_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Of what people choose by, with three ISBNs of each at most, and the command to go on with."""
    found = search_result({**MATILDA, "isbn": ISBNS}, {"title": "[Matilda]", "isbn": ISBNS[:1]})
    queries = search(monkeypatch, "matilda", "dahl", answer=found)
    printed = capsys.readouterr()

    assert ["matilda dahl"] == [query["q"] for query in queries]
    assert [
        ["Title", "Authors", "Year", "ISBNs"],
        ["Matilda", "Roald", "Dahl,", "Quentin", "Blake", "1988", ISBNS[0]],
        [ISBNS[1]],
        [ISBNS[2]],
        ["[Matilda]", ISBNS[0]],
    ] == [line.split() for line in printed.out.splitlines()]
    assert "Next: bookbytes process ISBN\n" == printed.err


def test_nothing_found_is_an_exit_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With a sentence that says what to try."""
    with pytest.raises(SystemExit) as stopped:
        search(monkeypatch, "matilda", answer=search_result(MATILDA))
    printed = capsys.readouterr()

    assert (1, "") == (stopped.value.code, printed.out)
    assert "no book with an ISBN for 'matilda'. Try fewer words" in printed.err


@pytest.mark.parametrize(
    ("words", "answer", "error"),
    [
        ("the", search_result(), InvalidSearch),
        ("?!", search_result(), InvalidSearch),
        ("matilda", FORBIDDEN, Refused),
        ("matilda", Canned(429, b"", {"Retry-After": "120"}), Unavailable),
    ],
)
def test_what_fails_is_one_of_our_errors(
    monkeypatch: pytest.MonkeyPatch, words: str, answer: Document, error: type[BookBytesError]
) -> None:
    """They are sentences on the terminal."""
    with pytest.raises(error):
        search(monkeypatch, words, answer=answer)


def test_nothing_is_asked_where_open_library_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is named."""
    monkeypatch.setenv("OPENLIBRARY_BASE_URL", "")

    with pytest.raises(CatalogueOff, match="OPENLIBRARY_BASE_URL is empty"):
        bookbytes.main(["search", "matilda"], standalone_mode=False)
