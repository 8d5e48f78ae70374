"""Front and back matter, recognized by its declared type or by its title in seven languages."""

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
"""Back matter with divisions of its own: below "Notes", the contents may list every chapter again."""

_NUMBER = (
    r"(\d+|[ivxlc]+|(the )?(first|second|third|fourth|fifth|sixth)"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|eins|zwei|drei|vier|funf|sechs|sieben|(erst|zweit|dritt|viert|funft)e[rs]?"
    r"|un|deux|trois|quatre|cinq|premiere?|deuxieme|seconde?|troisieme|quatrieme"
    r"|uno|dos|tres|cuatro|cinco|primer[oa]?|segund[oa]|tercer[oa]?|cuart[oa]"
    r"|due|tre|quattro|cinque|prim[oa]|second[oa]|terz[oa]|quart[oa]"
    r"|een|twee|drie|vijf|eerste|tweede|derde|vierde"
    r"|um|dois|duas|quatro|primeir[oa]|terceir[oa])"
)
_PART = r"(part|book|volume|vol|teil|buch|band|partie|livre|tome|parte|libro|livro|tomo|volumen|deel|boek)"
_PART_TITLE = re.compile(rf"(the )?({_PART} {_NUMBER}|{_NUMBER} {_PART})\b.*|{_PART}")
_CHAPTER = r"(chapter|kapitel|chapitre|capitulo|capitolo|hoofdstuk)"
_CHAPTER_TITLE = re.compile(rf"{_CHAPTER}\b.*|\d+ kapitel\b.*")
_BARE_NUMBER = re.compile(rf"({_CHAPTER} )?{_NUMBER}")
_RIGHTS = re.compile(
    r"©|\(c\) ?\d{4}|copyright \d{4}|all rights reserved|alle rechte vorbehalten|\bisbn[\s:-]*[\d-]{9}", re.IGNORECASE
)
_MAX_RIGHTS_PAGE_WORDS = 400


def reason_by_type(kinds: frozenset[str]) -> str | None:
    """Return why a section with these types is no chapter; None if they do not say so."""
    return next((reason for kind, reason in REASONS_BY_TYPE.items() if kind in kinds), None)


def reason_by_title(title: str) -> str | None:
    """Return why a section with this title is no chapter; None for others, such as an introduction."""
    words = plain(title)
    return next((reason for reason, known in _known_titles().items() if known.fullmatch(words)), None)


def is_rights_page(text: str) -> bool:
    """Return whether a page without a title is the one with the copyright on it."""
    return count_words(text) <= _MAX_RIGHTS_PAGE_WORDS and bool(_RIGHTS.search(text))


def is_part_title(title: str) -> bool:
    """Return whether the title is that of a part: "Part One", "Zweiter Teil", "Livre III: La mer"."""
    return bool(_PART_TITLE.fullmatch(plain(title)))


def is_chapter_title(title: str) -> bool:
    """Return whether the title calls itself a chapter's: "Chapter 3", "Kapitel 3", "3. Kapitel"."""
    return bool(_CHAPTER_TITLE.fullmatch(plain(title)))


def is_number(title: str) -> bool:
    """Return whether the title is only a number: "4", "IV", "Chapter Four"."""
    return bool(_BARE_NUMBER.fullmatch(plain(title)))


def plain(title: str) -> str:
    """Return the words of a title without case, accents or punctuation, for comparing."""
    bare = title.casefold()
    if not bare.isascii():
        bare = "".join(letter for letter in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


@cache
def _known_titles() -> dict[str, re.Pattern[str]]:
    """Return the reasons of `matter_titles.txt`, each with one expression for all of its lines."""
    patterns: dict[str, list[str]] = {}
    text = files(__package__).joinpath("matter_titles.txt").read_text(encoding="utf-8")
    for line in filter(None, text.splitlines()):
        if line.startswith("["):
            patterns[line.strip("[]")] = collected = []
        elif not line.startswith("#"):
            collected.append(line)
    return {reason: re.compile("|".join(lines)) for reason, lines in patterns.items()}
