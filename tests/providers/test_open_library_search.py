"""Reading what Open Library's search answers, without network access."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookbytes_pipeline.domain.errors import InvalidSearch, UnusableAnswer
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.domain.work import Work
from bookbytes_pipeline.providers.metadata.open_library_search import read_works, search_path, search_words
from tests.dagster_stack.books import isbn_of
from tests.fakes.open_library import search_result

ENGLISH, AMERICAN, GERMAN, FRENCH = "9780140328721", "9781420080322", "9783499122330", "9782070334810"
KINDLE = "9798749568509"
FIELDS = ("key", "title", "author_name", "first_publish_year", "cover_i", "isbn", "editions", "docs")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([ENGLISH, GERMAN]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=20,
)


def read(**document: Any) -> Work:
    """Return the one work of an answer."""
    (work,) = read_works(search_result({"title": "Matilda", "isbn": [ENGLISH], **document}))
    return work


def test_a_work_has_what_people_choose_by() -> None:
    """Title, authors, first year, the address of the cover, and ISBNs with 13 digits."""
    work = read(author_name=["Dahl, Roald, 1916-1990", "Quentin Blake"], first_publish_year=1988, cover_i=8739161)

    cover = "https://covers.openlibrary.org/b/id/8739161-L.jpg"
    assert Work("Matilda", ("Roald Dahl", "Quentin Blake"), 1988, cover, (ISBN(ENGLISH),)) == work


def test_isbns_are_valid_and_named_once() -> None:
    """Those with 10 digits are the same; misprints and other numbers are left out."""
    assert (ENGLISH,) == read(isbn=["0140328726", ENGLISH, "978-0-14-032872-1", "0140328727", "", None, 7, "x"]).isbns


def test_isbns_of_a_classic_are_few() -> None:
    """Ten of thousands, and no more than that are looked at."""
    many = [isbn_of(number) for number in range(1, 5_000)]

    assert tuple(many[:10]) == read(isbn=many).isbns


def test_the_edition_that_fits_best_comes_first() -> None:
    """With its title and its cover; then come others of its language, which its ISBN tells."""
    edition = {"title": "Matilda, auf Deutsch", "cover_i": 7, "isbn": [GERMAN]}
    other_german = str(parse_isbn("3-8052-0469-8"))
    work = read(isbn=[ENGLISH, GERMAN, FRENCH, other_german], cover_i=1, editions={"docs": [edition]})

    assert (GERMAN, other_german, ENGLISH, FRENCH) == work.isbns
    assert ("Matilda, auf Deutsch", "https://covers.openlibrary.org/b/id/7-L.jpg") == (work.title, work.cover_url)


def test_without_a_best_edition_the_commonest_language_comes_first() -> None:
    """Both English groups count as one; books that people printed themselves (979-8) as another."""
    assert (ENGLISH, AMERICAN, GERMAN, KINDLE) == read(isbn=[GERMAN, KINDLE, ENGLISH, AMERICAN]).isbns


@pytest.mark.parametrize(
    "odd",
    [
        {"author_name": None, "first_publish_year": "1988", "cover_i": -1},
        {"author_name": [None, "", "Unknown"], "first_publish_year": [1988], "cover_i": True},
        {"author_name": {}, "first_publish_year": 99_999, "cover_i": "7", "editions": {"docs": [None]}},
        {"author_name": [[]], "first_publish_year": -3, "editions": {"docs": "x"}},
        {"first_publish_year": True, "editions": ["x"]},
    ],
)
def test_odd_facts_are_left_out(odd: dict[str, Any]) -> None:
    """People and importers of twenty years wrote them."""
    assert Work("Matilda", (), None, None, (ISBN(ENGLISH),)) == read(**odd)


def test_works_that_cannot_be_chosen_are_left_out() -> None:
    """Without a valid ISBN or a title; the others keep their order, and are twenty at most."""
    useless: list[Any] = [{"title": "No ISBN"}, {"title": " ", "isbn": [ENGLISH]}, {"isbn": [ENGLISH]}, None, "x", []]
    useful = [{"title": f"Book {number}", "isbn": [ENGLISH]} for number in range(30)]

    assert [f"Book {number}" for number in range(14)] == [
        work.title for work in read_works(search_result(*useless, *useful))
    ]


@settings(deadline=None)
@given(documents=st.lists(JSON, max_size=3))
def test_any_answer_is_read(documents: list[Any]) -> None:
    """Whatever is in it, works have a title and ISBNs, and can be sent as UTF-8."""
    works = read_works({"docs": documents})

    assert repr(works).encode()
    assert all(work.title and all(isbn == parse_isbn(isbn) for isbn in work.isbns) for work in works)


@pytest.mark.parametrize("answer", [None, {}, {"docs": None}, {"docs": {}}, {"error": "solr"}])
def test_an_answer_that_is_no_result_is_unusable(answer: dict[str, Any] | None) -> None:
    """It does not mean that nothing was found."""
    with pytest.raises(UnusableAnswer, match="not the result of a search"):
        read_works(answer)


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("  The   Handmaid's Tale ", "q", "the handmaid's tale"),
        ("Time: A History", "q", "time a history"),
        ("war AND (peace", "q", "war and peace"),
        ('"Catch-22"', "q", "catch 22"),
        ("It", "title", "it"),
        ("三体", "title", "三体"),
        ("978-0-14-032872-1", "q", ENGLISH),
        ("ISBN 0140328726", "q", ENGLISH),
    ],
)
def test_words_are_searched_for_as_words(text: str, name: str, words: str) -> None:
    """Nothing in them is an operator; an ISBN is one; titles of one or two characters can be searched for."""
    query = parse_qs(urlsplit(search_path(search_words(text))).query)

    assert [words] == query[name]
    assert "isbn" in query["fields"][0].split(",")


@pytest.mark.parametrize("text", ["", "  ", "?!", "***", "The"])
def test_nothing_is_asked_without_a_word(text: str) -> None:
    """Nor for the word that is in every title; a sentence says what to do."""
    with pytest.raises(InvalidSearch, match=r"[Aa]uthor"):
        search_words(text)
