"""Front and back matter, recognized by its declared type or by its title."""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from bookbytes_pipeline.domain.words import count_words

REASONS_BY_TYPE = {
    "cover": "cover",
    "titlepage": "title page",
    "halftitlepage": "half title",
    "halftitle": "half title",
    "fulltitle": "title page",
    "seriespage": "series page",
    "imprint": "imprint",
    "imprimatur": "imprint",
    "copyright-page": "copyright page",
    "credits": "credits",
    "credit": "credits",
    "other-credits": "credits",
    "contributors": "contributors",
    "colophon": "colophon",
    "dedication": "dedication",
    "epigraph": "epigraph",
    "toc": "contents",
    "pagelist": "contents",
    "landmarks": "contents",
    "loi": "list of illustrations",
    "lot": "list of tables",
    "loa": "list of audio",
    "lov": "list of videos",
    "index": "index",
    "bibliography": "bibliography",
    "endnotes": "endnotes",
    "rearnotes": "endnotes",
    "footnotes": "footnotes",
    "glossary": "glossary",
    "acknowledgments": "acknowledgements",
    "errata": "errata",
    "promotional-copy": "advertisement",
}
"""EPUB's structural vocabulary, and the DPUB-ARIA roles of the same names, against the reason given to people."""
APPARATUS = frozenset({"endnotes", "bibliography", "index", "glossary"})
"""Back matter that is made of lists."""
WITH_DIVISIONS = APPARATUS | {"excerpt"}
"""Back matter with divisions of its own: below "Notes", the contents may list every chapter again."""


_DIGITS = r"(?:\d+|[ivxlc]+|[一二三四五六七八九十百〇零]+)"
_RIGHTS = re.compile(
    r"©|\(c\) ?\d{4}|copyright \d{4}|all rights reserved|alle rechte vorbehalten|\bisbn[\s:-]*[\d-]{9}", re.IGNORECASE
)
_MAX_RIGHTS_PAGE_WORDS = 400
_LAST_SCRIPT = 0x20000
"""Beyond are Chinese characters only, and tags that no title has."""
_DOTLESS_I = "\u0131"
"""A Turkish title in capitals does not tell which of its two letters I it has."""


def reason_by_type(kinds: frozenset[str]) -> str | None:
    """Return why a section with these types is no chapter; None if they do not say so."""
    return next((reason for kind, reason in REASONS_BY_TYPE.items() if kind in kinds), None)


def reason_by_title(title: str) -> str | None:
    """Return why a section with this title is no chapter; None for others, such as an introduction."""
    words = plain(_unspaced(title))
    return next((reason for reason, known in _known_titles().items() if known.fullmatch(words)), None)


def is_rights_page(text: str) -> bool:
    """Return whether a page without a title is the one with the copyright on it."""
    return count_words(text) <= _MAX_RIGHTS_PAGE_WORDS and bool(_RIGHTS.search(text))


def is_part_title(title: str) -> bool:
    """Return whether the title is that of a part: "Part One", "Zweiter Teil", "Livre III: La mer"."""
    return bool(_part_title().fullmatch(plain(title)))


def is_chapter_title(title: str) -> bool:
    """Return whether the title calls itself a chapter's: "Chapter 3", "Kapitel 3", "3. Kapitel"."""
    return bool(_chapter_title().fullmatch(plain(title)))


def is_number(title: str) -> bool:
    """Return whether the title is only a number: "4", "IV", "Chapter Four"."""
    return bool(_bare_number().fullmatch(plain(title)))


def plain(title: str) -> str:
    """Return the words of a title without case, accents or punctuation, for comparing."""
    return " ".join(re.sub(r"[\W_]+", " ", _without_accents(title.casefold())).split())


@cache
def _title_word(kind: str) -> str:
    """Return one expression for what `title_words.txt` has under this heading."""
    return f"(?:{'|'.join(_expressions('title_words.txt')[kind])})".replace("{number}", _DIGITS)


@cache
def _part_title() -> re.Pattern[str]:
    part, number = _title_word("part"), f"(?:{_DIGITS}|{_title_word('number')})"
    return re.compile(rf"(the )?({part} {number}|{number} {part})\b.*|{part}|{_title_word('numbered part')}( .*)?")


@cache
def _chapter_title() -> re.Pattern[str]:
    chapter, number = _title_word("chapter"), f"(?:{_DIGITS}|{_title_word('number')})"
    return re.compile(rf"{chapter}\b.*|{number} {chapter}\b.*|{_title_word('numbered chapter')}.*")


@cache
def _bare_number() -> re.Pattern[str]:
    number = f"(?:{_DIGITS}|{_title_word('number')})"
    return re.compile(rf"({_title_word('chapter')} )?{number}|{_title_word('numbered chapter')}")


@cache
def _known_titles() -> dict[str, re.Pattern[str]]:
    """Return the reasons of `matter_titles.txt`, each with one expression for all of its lines."""
    return {reason: re.compile("|".join(lines)) for reason, lines in _expressions("matter_titles.txt").items()}


def _expressions(name: str) -> dict[str, list[str]]:
    """Return the lines of a file by their headings, without accents, as titles are compared."""
    found: dict[str, list[str]] = {}
    for line in filter(None, files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()):
        if line.startswith("[") and line.endswith("]"):
            found[line.strip("[]")] = collected = []
        elif not line.startswith("#"):
            collected.append(_without_accents(line.casefold()))
    return found


def _unspaced(title: str) -> str:
    """Return a title whose letters are set apart, such as "C O N T E N T S", as one word."""
    return "".join(title.split()) if all(len(part) == 1 for part in title.split()) else title


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFKD", text).translate(_marks())


@cache
def _marks() -> dict[int, str]:
    """Return what to put for each accent, vowel sign and other mark of letters: nothing."""
    marks = (code for code in range(_LAST_SCRIPT) if unicodedata.category(chr(code)).startswith("M"))
    return dict.fromkeys(marks, "") | {ord(_DOTLESS_I): "i"}
