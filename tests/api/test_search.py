"""Finding chapters in the library over HTTP."""

import pytest

from bookbytes_api.books.excerpt import excerpt
from bookbytes_pipeline.domain.search_words import query_words
from tests.api.client import Api, User, code
from tests.api.factories import ISBN, SOUND, numbered_book, publish_book

LONG = f"{'Rivers begin as rain. ' * 12}A sundial is the oldest clock; Émile's. {'And so it goes on. ' * 12}"


def search(api: Api, user: User, **query: str | int) -> list[tuple[str, str | None]]:
    answer = api.ask("GET", "/api/v1/search", user, params=query)
    assert answer.status_code == 200, answer.text
    return [(chapter["title"], chapter["excerpt"]) for chapter in answer.json()["items"]]


def test_a_chapter_is_found_with_its_book(api: Api) -> None:
    """By its summary, with what is around the word, and where to hear it; that of the book, too."""
    ada = api.user()
    book = publish_book(api.settings, whole=SOUND)
    chapters = api.ask("GET", f"/api/v1/books/{book}", ada).json()

    answer = api.ask("GET", "/api/v1/search", ada, params={"q": "about spring"}).json()
    first = chapters["chapters"][0]
    assert SOUND == api.ask("GET", answer["items"][0].pop("listen_url")).content
    assert {
        "items": [
            {
                "id": first["id"],
                "chapter_number": 1,
                "title": "Springs",
                "excerpt": "About springs.",
                "audio_url": first["audio_url"],
                "book": {"id": str(book), "isbn": ISBN, "title": "On Rivers", "author": "Ada Ford"},
            }
        ],
        "total": 1,
        "page": 1,
        "size": 20,
    } == answer
    whole = api.ask("GET", "/api/v1/search", ada, params={"q": "minutes"}).json()["items"][0]
    assert (0, chapters["book_summary"]["audio_url"]) == (whole["chapter_number"], whole["audio_url"])


def test_titles_come_before_summaries_on_all_pages(api: Api) -> None:
    """A chapter without a summary has no excerpt and no audio."""
    ada = api.user()
    publish_book(api.settings, numbered_book(1), {"One": SOUND, "About": SOUND, "About that": None})
    publish_book(api.settings, numbered_book(2, title="Other", work_key="/works/OL2W"), {"Two": SOUND})
    expected = [("About", "About about."), ("About that", None), ("One", "About one."), ("Two", "About two.")]

    assert expected == search(api, ada, q="about")
    assert [expected[:3], expected[3:], []] == [search(api, ada, q="about", size=3, page=page) for page in (1, 2, 3)]
    answer = api.ask("GET", "/api/v1/search", ada, params={"q": "that"}).json()
    assert (1, None) == (answer["total"], answer["items"][0]["audio_url"])


def test_chapters_of_older_editions_are_found_on_request(api: Api) -> None:
    """As in the list of books."""
    ada = api.user()
    for number, year in enumerate(("1999", "2009")):
        edition = numbered_book(number, publish_date=year, work_key="/works/OL1W")
        publish_book(api.settings, edition, {f"Of {year}": SOUND})

    assert ["Of 2009"] == [title for title, _ in search(api, ada, q="about")]
    assert ["Of 1999", "Of 2009"] == [title for title, _ in search(api, ada, q="about", editions="all")]


def test_a_search_needs_a_token_and_words(api: Api) -> None:
    """A query of nothing but spaces or punctuation finds nothing."""
    ada = api.user()
    publish_book(api.settings)

    assert (401, "NOT_AUTHENTICATED") == code(api.client.get("/api/v1/search?q=springs"))
    assert 422 == api.ask("GET", "/api/v1/search", ada).status_code
    for query in ({"q": ""}, {"q": "x" * 101}, {"q": "a\0b"}):
        assert (422, "INVALID_Q") == code(api.ask("GET", "/api/v1/search", ada, params=query))
    assert (422, "INVALID_SIZE") == code(api.ask("GET", "/api/v1/search", ada, params={"q": "a", "size": 101}))
    assert [] == search(api, ada, q=" ") == search(api, ada, q="%") == search(api, ada, q="'\" OR *")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("clock", "A sundial is the oldest clock; Émile's. And so"),
        ("EMILE", "A sundial is the oldest clock; Émile's. And so"),
        ("zzz", "Rivers begin as rain. Rivers begin"),
    ],
)
def test_an_excerpt_is_around_the_first_match(query: str, shown: str) -> None:
    """Between words, at most 200 characters; the beginning where only the title matches."""
    text = excerpt(LONG, query_words(query))

    assert shown in text
    plain = text.strip("…")
    assert len(plain) <= 200
    assert f" {plain} " in f" {LONG} "


def test_an_excerpt_of_a_script_without_spaces_has_the_match() -> None:
    """It is cut anywhere."""
    text = excerpt(
        "昔々、あるところに。" * 30 + "城市化改变了时间的意义。" + "昔々、あるところに。" * 30, query_words("时间")
    )

    assert "改变了时间的意义" in text
    assert (202, "……") == (len(text), text[0] + text[-1])


def test_a_short_summary_is_its_own_excerpt() -> None:
    """Nothing is left out."""
    assert "Where do rivers begin?" == excerpt("Where do rivers begin?", query_words("begin"))
