"""Whether an attached file is the book that a catalogue has under its ISBN."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from bookbytes_pipeline.domain.book import Book, BookText
from bookbytes_pipeline.domain.isbn import ISBN

EPUB_SOURCE = "epub"
"""The `source` of a `Book` that the file itself described: it says nothing against the file."""
CLOSE = 0.75
"""Of 1: titles this alike, their words in order of the alphabet, differ by spelling only."""
_MAX_CHARS = 300
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W_]+")
_ARTICLES = (
    *("a", "an", "the", "le", "la", "les", "un", "une", "el", "los", "las", "der", "die", "das", "ein", "eine"),
    *("il", "lo", "gli", "het", "een", "o", "os", "as"),
)


def wrong_book(book: Book, text: BookText) -> str | None:
    """Return a sentence that names both if `text` seems to be another book than `book`; None if it may be the same.

    An ISBN that both have settles it. Else it is another book if neither its title nor any author resembles; names in
    other scripts, and what one of them leaves out, say nothing.
    """
    if book.source == EPUB_SOURCE or {book.isbn, *book.isbns} & set(text.isbns):
        return None
    if _same_title(book, text.title) or _same_author(book.authors, text.authors):
        return None
    file, catalogued = _named(text.title, text.authors), _named(book.title, book.authors)
    return f"The file says {file}; {book.isbn} is {catalogued}. Check that it is the right book."


def other_isbn(isbn: ISBN, text: BookText) -> str | None:
    """Return a sentence if the file names other ISBNs and not this one; it may be another edition, or another book."""
    if not text.isbns or isbn in text.isbns:
        return None
    return f"The file says it is {', '.join(text.isbns)}; kept as the text of {isbn}."


def _same_title(book: Book, title: str) -> bool:
    """A subtitle, a series in brackets and an article may be missing on either side; words may change places."""
    catalogued = _words(f"{book.title} {book.subtitle or ''}"), _words(book.title)
    of_file = _words(title), _words(re.split(r"[:;/]", title, maxsplit=1)[0])
    return any(_alike(one, other) for one in catalogued for other in of_file)


def _same_author(some: Iterable[str], others: Iterable[str]) -> bool:
    """A name in common is enough: given names are shortened, left out, or stand behind the surname."""
    ours, theirs = ({word for name in names for word in _words(name) if len(word) > 1} for names in (some, others))
    return bool(ours & theirs) or _in_other_scripts(ours, theirs)


def _alike(some: list[str], others: list[str]) -> bool:
    ours, theirs = set(some), set(others)
    if not ours or not theirs or _in_other_scripts(ours, theirs):
        return True
    if ours <= theirs or theirs <= ours:
        return True
    return SequenceMatcher(None, " ".join(sorted(some)), " ".join(sorted(others)), autojunk=False).ratio() >= CLOSE


def _words(text: str) -> list[str]:
    """Return the words in small letters without accents, without what is in brackets and articles if others remain."""
    plain = unicodedata.normalize("NFKD", _ASIDE.sub(" ", text[:_MAX_CHARS]).casefold().replace("&", " and "))
    words = _WORD.findall("".join(character for character in plain if not unicodedata.combining(character)))
    return [word for word in words if word not in _ARTICLES] or words


def _in_other_scripts(some: Iterable[str], others: Iterable[str]) -> bool:
    ours, theirs = _scripts(some), _scripts(others)
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _scripts(words: Iterable[str]) -> set[str]:
    """Return the scripts of the letters, by the first word of their names in Unicode; digits have none."""
    return {unicodedata.name(letter, "?").split()[0] for word in words for letter in word if letter.isalpha()}


def _named(title: str, authors: Iterable[str]) -> str:
    by = ", ".join(authors)
    return f"“{title[:_MAX_CHARS]}”" + (f" by {by[:_MAX_CHARS]}" if by else "")
