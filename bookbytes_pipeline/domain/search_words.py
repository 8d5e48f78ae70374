"""What of a text the search index holds, and what of a query is looked up in it: the same on every database.

A term is a letter for the field, one for its kind, and up to 24 characters without accents and case. Short terms (one
to three characters) are looked up whole, long ones by how they begin. So titles and authors, of which every end of a
word is a term, are found by any part of a word, and chapters by how a word begins.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bookbytes_pipeline.domain.words import UNSPACED

TITLE, TITLE_OR_AUTHOR, CHAPTER_TITLES, CHAPTERS = "t", "a", "c", "s"
"""Fields. `CHAPTERS` are the titles of chapters and their summaries, `CHAPTER_TITLES` only the former."""
MAX_QUERY_CHARS = 100
MAX_WORD_CHARS = 24
"""Longer words are found by this much of them: of a title without spaces every end would be a term."""
_SHORT = 3
_MAX_BYTES = 900_000
"""PostgreSQL's `tsvector` holds a megabyte. A book of 300 long chapters has a third of that."""
_ACCENTS = re.compile(r"[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1-\u05c5\u05c7\u0640\u064b-\u065f\u0670]+")
_DOTLESS_I = {0x131: "i"}
_PRIVATE = {code: 0xE000 + code for code in range(128) if not (chr(code).isalnum() or chr(code).isspace())}
"""ASCII punctuation in terms is written as private characters, so that nothing in them is syntax anywhere."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_INDIC = r"\u0900-\u0dff\u0f00-\u0fff"
_RUN = re.compile(rf"(?P<unspaced>[{UNSPACED}]+)|(?:[^\W_{UNSPACED}]|[{_INDIC}])+")
"""The vowel signs of India's scripts are no letters to Python."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query: `whole` is looked up in titles and authors, all `pieces` in chapters.

    There are no pieces of a word without letters and digits: it is in no chapter.
    """

    whole: str
    pieces: tuple[str, ...]


def fold(text: str) -> str:
    """Return `text` without case, without accents, and without the points of Hebrew and Arabic."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", plain.casefold().translate(_DOTLESS_I))


def query_words(query: str) -> list[Word]:
    """Return the words of a query's first hundred characters, each once."""
    words = (word[:MAX_WORD_CHARS] for word in fold(query[:MAX_QUERY_CHARS]).split())
    return [Word(word, tuple(_pieces(word))) for word in dict.fromkeys(words)]


def term(field: str, text: str) -> str:
    """Return the term of a word, or of a piece of one, in a field."""
    return field + _rest(text.translate(_PRIVATE))


def is_short(text: str) -> bool:
    """Return whether the term of `text` is looked up whole."""
    return len(text) <= _SHORT


def chapter_terms(title: str, summary: str) -> list[str]:
    """Return the terms of a chapter."""
    titles = _beginnings_of_words(title)
    everywhere = titles | _beginnings_of_words(summary)
    return [CHAPTER_TITLES + rest for rest in titles] + [CHAPTERS + rest for rest in everywhere]


def book_terms(title: str, author: str, chapters: Iterable[Iterable[str]]) -> list[str]:
    """Return the terms of a book whose chapters have these; of a monstrous book not all, but those of its title."""
    in_title = _parts_of_words(title)
    everywhere = in_title | _parts_of_words(author)
    terms = [TITLE + rest for rest in in_title] + [TITLE_OR_AUTHOR + rest for rest in everywhere]
    return _bounded([*terms, *set().union(*chapters)])


def places(text: str) -> Iterator[tuple[int, str]]:
    """Yield each place in `text` where a piece of a query may match, with the folded word that begins there."""
    for run in _RUN.finditer(text):
        for start in range(*run.span()) if run["unspaced"] else [run.start()]:
            yield start, fold(text[start : min(run.end(), start + MAX_WORD_CHARS)])


def is_beginning(piece: str, word: str) -> bool:
    """Return whether a piece of a query finds this word: by its beginning, one or two letters as a whole word."""
    if len(piece) < _SHORT and not _UNSPACED.match(piece):
        return word == piece
    return word.startswith(piece)


def _pieces(word: str) -> Iterator[str]:
    """Yield runs of letters and digits; of scripts without spaces, each pair of neighbours."""
    for run in _RUN.finditer(word):
        if run["unspaced"] and len(run[0]) > 1:
            yield from map("".join, pairwise(run[0]))
        else:
            yield run[0]


def _parts_of_words(text: str) -> set[str]:
    parts: set[str] = set()
    for word in fold(text).translate(_PRIVATE).split():
        for start in range(len(word)):
            end = word[start : start + MAX_WORD_CHARS]
            parts |= {f"w{end[0]}", f"w{end[:2]}", f"w{end[:_SHORT]}", _rest(end)}
    return parts


def _beginnings_of_words(text: str) -> set[str]:
    """Return whole words and their first three characters: one or two letters are looked up as a word."""
    found = {(run[0], run.lastgroup) for run in _RUN.finditer(fold(text))}
    beginnings = {_rest(run[:length]) for run, unspaced in found if not unspaced for length in (_SHORT, MAX_WORD_CHARS)}
    for run, unspaced in found:
        if unspaced:
            beginnings.update(_rest(piece) for piece in (*run, *map("".join, pairwise(run))))
    return beginnings


def _rest(text: str) -> str:
    """Return what follows the letter for the field."""
    return ("w" if len(text) <= _SHORT else "b") + text


def _bounded(terms: Sequence[str]) -> list[str]:
    if sum(map(len, terms)) * 4 <= _MAX_BYTES:  # of UTF-8
        return [*terms]
    sizes = accumulate(len(term.encode()) for term in terms)
    return [term for term, size in zip(terms, sizes, strict=True) if size <= _MAX_BYTES]
