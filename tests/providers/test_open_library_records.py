"""Reading Open Library's records, without network access."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookbytes_pipeline.domain.book import Book, ContentsRow
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.domain.isbn import isbn_10
from bookbytes_pipeline.providers.metadata.open_library_contents import contents
from bookbytes_pipeline.providers.metadata.open_library_records import author_keys, read_book

ISBN = "9780140328721"
FIELDS = (
    *("title", "title_prefix", "subtitle", "by_statement", "name", "authors", "author", "works", "key", "type"),
    *("languages", "publishers", "number_of_pages", "covers", "isbn_10", "isbn_13", "description", "value"),
    *("table_of_contents", "level", "label", "pagenum", "edition_name", "publish_date"),
)
WORDS = st.one_of(
    st.text(st.characters(), max_size=20),
    st.sampled_from(["/works/OL1W", "/authors/OL1A", "/languages/fre", "0140328726", "978-0-14-032872-1", "by Ann"]),
    st.sampled_from(["{'title': 'x'}", "{'title': '\\d'}", "{" * 500, "2", "1" * 30, "&#0;<b>", "[a](b)[1]: c"]),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=20,
)
RECORDS = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=12)


def read(work: dict[str, Any] | None = None, names: tuple[str, ...] = (), **edition: Any) -> Book:
    """Return the book of this edition, its work and authors of these names."""
    return read_book(ISBN, {"title": "Matilda", **edition}, work or {}, [{"name": name} for name in names])


@settings(deadline=None)
@given(edition=RECORDS, work=RECORDS, author=RECORDS)
def test_any_record_gives_a_storable_book_or_our_error(
    edition: dict[str, Any], work: dict[str, Any], author: dict[str, Any]
) -> None:
    """Whatever Open Library sends, the result can be stored as UTF-8 in PostgreSQL, or is one of our errors."""
    try:
        book = read_book(ISBN, edition, work, [author])
    except BookBytesError:
        return
    stored = repr(book).encode()

    assert b"\\x00" not in stored
    assert b"\\ud" not in stored


@pytest.mark.parametrize(
    ("prefix", "title", "expected"),
    [
        ("The ", "idiot", "The idiot"),
        ("The", "idiot", "The idiot"),
        ("L'", "étranger", "L'étranger"),
        (None, "1984", "1984"),
    ],
)
def test_the_title_prefix_is_put_before_the_title(prefix: str | None, title: str, expected: str) -> None:
    """`title_prefix` is put before the title, with a space unless it ends in an apostrophe."""
    assert expected == read(title_prefix=prefix, title=title).title


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Walden [electronic resource] :", "Walden"),
        ("The sea [microform] /", "The sea"),
        ("Walden /", "Walden"),
        ("Pride &amp; prejudice ;", "Pride & prejudice"),
        ("Either/Or", "Either/Or"),
        ("Face/", "Face/"),
        ("[microform]", "[microform]"),
        ("The [true] story", "The [true] story"),
    ],
)
def test_titles_are_without_what_library_cards_add(title: str, expected: str) -> None:
    """The medium and the punctuation between fields are no part of a title; brackets and slashes in it are."""
    assert expected == read(title=title).title
    assert expected == read(title=None, work={"title": title}).title


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Twain, Mark, 1835-1910", "Mark Twain"),
        ("Twain, Mark, 1835-1910.", "Mark Twain"),
        ("Atwood, Margaret, 1939-", "Margaret Atwood"),
        ("Mark Twain", "Mark Twain"),
        ("Smith, Elder & Co.", "Smith, Elder & Co."),
    ],
)
def test_names_of_library_cards_are_turned_round(name: str, expected: str) -> None:
    """Only where years say that it is a person's: firms have commas too."""
    assert read(names=(name,)).authors == (expected,)


def test_text_is_normalised_and_printable() -> None:
    """Decomposed letters, stray whitespace, NUL and lone surrogates are not in the book."""
    book = read(title=" Kabita\u0304\t I\x00 \ud800\r\n")

    assert book.title == "Kabitā I"


def test_the_two_halves_of_a_ligature_become_one() -> None:
    """A ligature entered as two half marks is stored as the whole combining character U+0361."""
    book = read(title="Serii\ufe20a\ufe21")

    assert book.title == "Serii\u0361a"


def test_capitals_are_unchanged() -> None:
    """A title in capitals may be an acronym: there is no guessing."""
    assert read(title="HTML FOR ALL").title == "HTML FOR ALL"


@pytest.mark.parametrize(
    ("key", "tag"),
    [("eng", "en"), ("fre", "fr"), ("ger", "de"), ("chi", "zh"), ("scr", "hr"), ("guj", "gu")]
    + [(nothing, None) for nothing in ("und", "mul", "zxx", "xxx", "", "not a code")],
)
def test_languages_become_tags(key: str, tag: str | None) -> None:
    """MARC's three letters become a BCP 47 tag; no language, several, or an unknown one become None."""
    assert tag == read(languages=[{"key": f"/languages/{key}"}]).language


def test_the_first_readable_language_counts() -> None:
    """An undetermined language does not hide the next one."""
    assert read(languages=[{"key": "/languages/und"}, "fre"]).language == "fr"


@pytest.mark.parametrize(
    ("number", "pages"),
    [(96, 96), ("96", 96), (0, None), (-1, None), (True, None), (10**12, None), ("96 p.", None)],
)
def test_pages_are_a_plausible_number(number: object, pages: int | None) -> None:
    """The page count is a positive number that a database can store, or None."""
    assert pages == read(number_of_pages=number).pages


def test_pagination_is_not_a_page_count() -> None:
    """`pagination` is free text and is not used."""
    assert read(pagination="87 p.").pages is None


def test_removed_covers_are_skipped() -> None:
    """-1 is a removed cover; the next one is used, and the work's if the edition has none."""
    own, of_the_work = read(covers=[-1, None, True, 42]), read(covers=[-1], work={"covers": [7]})

    assert own.cover_url == "https://covers.openlibrary.org/b/id/42-L.jpg"
    assert of_the_work.cover_url == "https://covers.openlibrary.org/b/id/7-L.jpg"


def test_other_isbns_are_kept_as_thirteen_digits() -> None:
    """Other ISBNs of the record are listed once each; the book's own and those with a wrong check digit are not."""
    book = read(
        isbn_13=["978-0-14-032872-1", "9780452010581"], isbn_10=["0140328726", "0452010586", "0140328727", None]
    )

    assert book.isbns == ("9780452010581",)


def test_other_isbns_are_limited() -> None:
    """At most fifty other ISBNs are kept."""
    book = read(isbn_10=[isbn_10(f"978{number:09}0") for number in range(1, 100)])

    assert len(book.isbns) == 50


def test_placeholder_authors_are_dropped() -> None:
    """Placeholders, single letters and duplicates are not authors."""
    book = read(names=("Unknown", "None", "Author", "D", "M.", "Delete duplicate", "", "?", "Plato", "Plato"))

    assert book.authors == ("Plato",)


@pytest.mark.parametrize(
    ("statement", "authors"),
    [
        ("by J. R. H. Tolkien ; illustrated by Alan Lee.", ("J. R. H. Tolkien",)),
        ("by Dr. Seuss [pseud.]", ("Dr. Seuss",)),
        ("Lawrence Lessig.", ("Lawrence Lessig",)),
        ("por Manuel Salvador Gautier.", ("Manuel Salvador Gautier",)),
        ("edited by Alex Ayres.", ()),
        ("With a pref. by Harry T. Moore.", ()),
        ("[red. Irena Burkot].", ()),
        (None, ()),
    ],
)
def test_the_title_page_is_the_last_source_of_authors(statement: str | None, authors: tuple[str, ...]) -> None:
    """Without author records the title page is quoted, if it clearly names an author."""
    assert authors == read(by_statement=statement).authors


def test_author_rows_may_be_incomplete() -> None:
    """Rows without an author, with only a key, or of another kind do not hide the others."""
    rows = [{"type": "/type/author_role"}, {"author": {"key": "/authors/OL1A"}}, {"key": "/authors/OL2A"}, None, {}]

    keys = author_keys(
        {"authors": [*rows, {"author": "/authors/OL3A"}, {"key": "/works/OL4W"}, {"key": "/authors/../5"}]}
    )

    assert keys == ("/authors/OL1A", "/authors/OL2A", "/authors/OL3A")


def test_a_description_has_no_links_and_keeps_its_paragraphs() -> None:
    """Markdown links are reduced to their words, footnotes and carriage returns are removed."""
    text = 'From the [website][1]:\r\n"A [good](http://x.example) book."\r\n\r\nMore. ([Source][1].)\r\n\r\n  [1]: http://x.example'

    book = read(description={"type": "/type/text", "value": text})

    assert book.description == 'From the website: "A good book."\n\nMore.'


def test_a_description_is_limited() -> None:
    """A description ends after 4,000 characters, between two words."""
    description = read(work={"description": "word " * 5_000}).description or ""

    assert len(description) <= 4_000
    assert description.endswith("word…")


def test_rows_of_every_format_are_read() -> None:
    """A contents row may be a string, an old text object, a modern one, one with nulls, or a printed dictionary."""
    rows = [
        "A string",
        {"type": "/type/text", "value": "An old text"},
        {"level": 1, "label": "Chapter 1", "title": "A row", "pagenum": "3", "type": {"key": "/type/toc_item"}},
        {"level": "2", "label": None, "title": "A string level"},
        {"title": "{'level': 3, 'label': '', 'pagenum': '', 'title': u'Ilke\\xe4 tapaus'}"},
        {"level": 10**9, "title": "A deep one"},
        {"title": "A <i>tagged</i> &amp; escaped row"},
    ]

    expected = (
        ContentsRow("A string"),
        ContentsRow("An old text"),
        ContentsRow("A row", "Chapter 1", 1),
        ContentsRow("A string level", "", 2),
        ContentsRow("Ilkeä tapaus", "", 3),
        ContentsRow("A deep one", "", 20),
        ContentsRow("A tagged & escaped row"),
    )
    assert expected == contents(rows)


def test_empty_rows_are_dropped() -> None:
    """Empty, numeric and untitled rows are not part of the contents."""
    assert (
        contents(["", None, 7, {}, {"type": "/type/toc_item", "class": "section"}, {"title": None, "pagenum": "5"}])
        == ()
    )


def test_a_printed_dictionary_is_read_once() -> None:
    """A dictionary printed into a dictionary, or code that is not a dictionary, remains text."""
    nested = """{'title': "{'title': 'x'}"}"""

    assert contents([nested, "{__import__('os')}"]) == (ContentsRow(nested), ContentsRow("{__import__('os')}"))


def test_contents_are_limited() -> None:
    """At most a thousand rows are read."""
    assert len(contents(["row"] * 5_000)) == 1_000
