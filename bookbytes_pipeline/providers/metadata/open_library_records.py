"""What an Open Library edition, its work and its authors say about one book. Reads their JSON; asks nobody.

Any part of a record may be missing, empty or of another type than the rest: people and importers of twenty years
wrote them. A fact that cannot be read is left out; only a book without a title is no book.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import langcodes

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.errors import BookNotFound, InvalidISBN
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.providers.metadata.open_library_authors import author_names, statement_authors
from bookbytes_pipeline.providers.metadata.open_library_contents import contents
from bookbytes_pipeline.providers.metadata.open_library_text import description, line, without_marc

Record = Mapping[str, Any]

SOURCE = "open_library"
COVERS = "https://covers.openlibrary.org/b/id"
MAX_PAGES = 100_000
MAX_ISBNS = 50
NO_LANGUAGE = frozenset({"und", "mul", "zxx"})  # MARC for undetermined, several, no words at all

_KEY = re.compile(r"/(?:books|works|authors)/OL[0-9]{1,12}[MWA]")


def read_book(isbn: ISBN, edition: Record, work: Record, authors: Sequence[Record]) -> Book:
    """The book that `isbn` (13 digits) names, from its edition, its work and its author records.

    `work` and `authors` may be empty. Raises `BookNotFound` if neither edition nor work has a title.
    """
    return Book(
        isbn=isbn,
        title=_title(isbn, edition, work),
        source=SOURCE,
        subtitle=without_marc(line(edition.get("subtitle"))) or None,
        authors=author_names(authors) or statement_authors(edition),
        language=_language(edition),
        edition=line(edition.get("edition_name")) or None,
        publisher=_first_line(edition.get("publishers")),
        pages=_pages(edition.get("number_of_pages")),
        publish_date=line(edition.get("publish_date")) or None,
        cover_url=cover_url(cover for record in (edition, work) for cover in items(record.get("covers"))),
        description=description(edition.get("description")) or description(work.get("description")),
        work_key=key_of(work, "/works/") or work_key(edition),
        edition_key=key_of(edition, "/books/"),
        isbns=tuple(other for other in isbns(edition) if other != isbn)[:MAX_ISBNS],
        contents=contents(edition.get("table_of_contents")),
    )


def isbns(edition: Record) -> tuple[ISBN, ...]:
    """Every ISBN of the record as 13 digits, once each; what fails its check digit is left out."""
    return canonical_isbns([*items(edition.get("isbn_13")), *items(edition.get("isbn_10"))])


def canonical_isbns(written: Iterable[Any]) -> tuple[ISBN, ...]:
    """The ISBNs among these values as 13 digits, once each, in their order."""
    return tuple(dict.fromkeys(isbn for isbn in map(_isbn, written) if isbn))


def work_key(edition: Record) -> str | None:
    """The key of the edition's work (`/works/OL1W`)."""
    return next((key for row in items(edition.get("works")) if (key := key_of(row, "/works/"))), None)


def author_keys(record: Record) -> tuple[str, ...]:
    """The keys of the authors that a work or an edition names, in its order."""
    rows = (row.get("author", row) if isinstance(row, Mapping) else row for row in items(record.get("authors")))
    return tuple(dict.fromkeys(key for row in rows if (key := key_of(row, "/authors/"))))


def kind_of(record: Record) -> str:
    """The type of a record, such as `/type/edition`, `/type/redirect` or `/type/delete`; empty if it has none."""
    kind = record.get("type")
    key = kind.get("key") if isinstance(kind, Mapping) else kind
    return key if isinstance(key, str) else ""


def key_of(row: Any, folder: str) -> str | None:
    """The key of a record or of a reference to one, if it is of that kind: it becomes part of an address."""
    key = row.get("key") if isinstance(row, Mapping) else row
    well_formed = isinstance(key, str) and key.startswith(folder) and _KEY.fullmatch(key)
    return str(key) if well_formed else None


def cover_url(covers: Iterable[Any]) -> str | None:
    """The address of the first of these covers; -1 stands where one was taken away, in the middle of a list too."""
    real = (cover for cover in covers if isinstance(cover, int) and not isinstance(cover, bool) and cover > 0)
    return next((f"{COVERS}/{cover}-L.jpg" for cover in real), None)


def items(value: Any) -> Sequence[Any]:
    """A list as it is; a lone text as a list of one, as importers send it; anything else as nothing."""
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _title(isbn: ISBN, edition: Record, work: Record) -> str:
    prefix, title = line(edition.get("title_prefix")), without_marc(line(edition.get("title")))
    joint = "" if prefix.endswith(("'", "\u2019")) or not prefix else " "
    if whole := f"{prefix}{joint}{title}" if title else without_marc(line(work.get("title"))):
        return whole
    # Asking again would not repair the record; the book's own file knows the title.
    raise BookNotFound(f"ISBN {isbn} was not found at Open Library with a title. Attach the book's EPUB instead.")


def _isbn(written: Any) -> ISBN | None:
    try:
        return parse_isbn(written) if isinstance(written, str) else None
    except InvalidISBN:
        return None


def _language(edition: Record) -> str | None:
    return next(_languages(items(edition.get("languages"))), None)


def _languages(rows: Iterable[Any]) -> Iterator[str]:
    for row in rows:
        key = row.get("key") if isinstance(row, Mapping) else row
        code = key.rpartition("/")[2] if isinstance(key, str) else ""
        if code not in NO_LANGUAGE and langcodes.tag_is_valid(code):
            yield langcodes.standardize_tag(code)


def _pages(pages: Any) -> int | None:
    number = int(pages) if isinstance(pages, str) and re.fullmatch(r"[0-9]{1,6}", pages) else pages
    believable = isinstance(number, int) and not isinstance(number, bool) and 0 < number <= MAX_PAGES
    return number if believable else None


def _first_line(values: Any) -> str | None:
    return next(filter(None, map(line, items(values))), None)
