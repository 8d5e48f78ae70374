"""Open Library's search: how it is asked, and what it says about works. Reads its JSON; asks nobody."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from bookbytes_pipeline.domain.errors import InvalidISBN, InvalidSearch, UnusableAnswer
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.domain.work import Work
from bookbytes_pipeline.providers.metadata.open_library_authors import author_names
from bookbytes_pipeline.providers.metadata.open_library_records import Record, canonical_isbns, cover_url, items
from bookbytes_pipeline.providers.metadata.open_library_text import line, without_marc

MAX_WORKS = 20
MAX_ISBNS = 10
MAX_AUTHORS = 10
MAX_ISBNS_READ = 300
"""Of one work; a classic has thousands."""
MIN_QUERY_CHARS = 3
"""Shorter ones are refused with 422, but not as a title: there are books that are called It, We and 三体."""
TOO_COMMON = frozenset({"the"})
"""Also refused with 422."""

_FIELDS = (
    *("key", "title", "author_name", "first_publish_year", "cover_i", "isbn"),
    *("editions", "editions.title", "editions.cover_i", "editions.isbn"),
)
"""By default the answer has no ISBNs. `editions` is a list of one: the edition that fits the query best."""
_SYNTAX = re.compile(r'[+\-&|!(){}\[\]^"~*?:\\/<>=]')
"""What the search would read as operators: `Time: A History` is no question about the field `time`."""
_GROUP = re.compile(r"978(?:[0-57]|65|6[0-4]\d|8\d|9[0-4]|9[5-8]\d|99[0-8]\d|999\d\d)|979(?:8|1\d)")
_SAME_LANGUAGE = {"9781": "9780", "97910": "9782", "97911": "97889", "97912": "97888"}
"""Registration groups of the same language: English, French, Korean, Italian."""


def search_words(text: str) -> str:
    """What is asked for: an ISBN, or words in small letters without operators. Raises `InvalidSearch` without any."""
    try:
        return parse_isbn(text)
    except InvalidISBN:
        words = " ".join(_SYNTAX.sub(" ", text).lower().split())
    if not any(map(str.isalnum, words)):
        raise InvalidSearch("There is no word to search for. Give words of the title, and the author if you like.")
    if words in TOO_COMMON:
        raise InvalidSearch(f"{words!r} is in too many titles. Add another word, or the author.")
    return words


def search_path(words: str) -> str:
    """The address of the search for `words`, as `search_words` returns them."""
    name = "q" if len(words) >= MIN_QUERY_CHARS else "title"
    return "/search.json?" + urlencode({name: words, "fields": ",".join(_FIELDS), "limit": MAX_WORKS})


def read_works(answer: Record | None) -> tuple[Work, ...]:
    """The works of an answer that have a title and a valid ISBN, in its order, the best match first."""
    found = answer.get("docs") if answer is not None else None
    if not isinstance(found, list):
        raise UnusableAnswer("Open Library's answer is not the result of a search. Try again later.")
    works = (_work(document) for document in found[:MAX_WORKS] if isinstance(document, dict))
    return tuple(work for work in works if work.title and work.isbns)


def _work(document: Record) -> Work:
    edition = _edition(document)
    names = ({"name": name} for name in items(document.get("author_name"))[:MAX_AUTHORS])
    titles = (without_marc(line(record.get("title"))) for record in (edition, document))
    return Work(
        title=next(filter(None, titles), ""),
        authors=author_names(names),
        first_year=_year(document.get("first_publish_year")),
        cover_url=cover_url((edition.get("cover_i"), document.get("cover_i"))),
        isbns=_isbns(items(edition.get("isbn")), items(document.get("isbn"))),
    )


def _edition(document: Record) -> Record:
    """The edition that fits the query best, if the answer has one."""
    editions = document.get("editions")
    found = editions.get("docs") if isinstance(editions, dict) else None
    return next((edition for edition in items(found) if isinstance(edition, dict)), {})


def _isbns(of_edition: Sequence[Any], of_work: Sequence[Any]) -> tuple[ISBN, ...]:
    """Those of the best edition, then others of its language as far as ISBNs tell; without one, of the commonest."""
    own = canonical_isbns(of_edition[:MAX_ISBNS_READ])
    others = [isbn for isbn in canonical_isbns(of_work[:MAX_ISBNS_READ]) if isbn not in own]
    language = _most_common(map(_language_area, own or others))
    others.sort(key=lambda isbn: _language_area(isbn) != language)
    return tuple(chain(own, others))[:MAX_ISBNS]


def _language_area(isbn: ISBN) -> str:
    """The prefix and the registration group of an ISBN, which stands for a language or a country."""
    group = _GROUP.match(isbn)
    area = group[0] if group else isbn[:3]
    return _SAME_LANGUAGE.get(area, area)


def _most_common(areas: Iterable[str]) -> str | None:
    return next((area for area, _ in Counter(areas).most_common(1)), None)


def _year(year: Any) -> int | None:
    believable = isinstance(year, int) and not isinstance(year, bool) and 0 < year <= 2100  # noqa: PLR2004 - AD
    return year if believable else None
