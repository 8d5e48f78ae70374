"""Who wrote a book, according to Open Library: three places that contradict each other, best first."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bookbytes_pipeline.providers.metadata.open_library_text import as_spoken, line

# Thousands of works hang on these, left by importers and by mergers half done.
NOBODY = frozenset({"unknown", "unknown author", "none", "null", "n/a", "author", "no author", "delete duplicate"})

_INITIAL = re.compile(r"[A-Za-z]\.?")
_BY = re.compile(r"^(?:by|por|par)\s+", re.IGNORECASE)
_ASIDE = re.compile(r"\s*\[[^\]]{0,200}\]")
_OTHER_HANDS = re.compile(r"\b(?:edit|translat|adapt|illustr|introd|pref|notes?\b|compil|retold)", re.IGNORECASE)
_CLOSING_STOP = re.compile(r"(?<=\w\w\w)\.$")  # not that of an initial or of Jr.


def author_names(records: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The names of these author records, once each, without those that name nobody."""
    names = (line(record.get("name")) or line(record.get("personal_name")) for record in records)
    return tuple(dict.fromkeys(as_spoken(name) for name in names if _is_somebody(name)))


def statement_authors(edition: Mapping[str, Any]) -> tuple[str, ...]:
    """The author as the title page prints it (`by_statement`), as one name; empty unless it is plainly an author.

    The last resort: it is free text, often about editors and translators, and sometimes misspelt.
    """
    statement = line(edition.get("by_statement")).partition(";")[0]
    name = _CLOSING_STOP.sub("", _BY.sub("", _ASIDE.sub("", statement).strip()).strip())
    plainly = name[:1].isupper() and not _OTHER_HANDS.search(name)
    return (name,) if plainly and _is_somebody(name) else ()


def _is_somebody(name: str) -> bool:
    has_letters = any(map(str.isalpha, name))
    return has_letters and name.strip("[].").casefold() not in NOBODY and not _INITIAL.fullmatch(name)
