"""What voices read badly, and how it is said: one small table per language, `forms/<language>.txt`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from bookbytes_pipeline.writing.chapter_names import chapter_word

_HEADING = re.compile(r"\[(\w+)\]")
_BETWEEN = " = "
_LISTS = ("counted", "kings", "queens")
_ALONE = {"&": r"(?<=\s)&(?=\s)", "−": r"(?<![^\s(])−(?=\d)"}  # noqa: RUF001 - the minus of print
"""Signs that are words only in one place: not those of AT&T and 1914−18."""  # noqa: RUF001


@dataclass(frozen=True)
class SpokenForms:
    """The table of one language. `counted` are words before a number, such as "chapter", without case.

    `kings` and `queens` are the names of rulers and popes, without case: their numbers are said as ordinals.
    """

    abbreviations: Mapping[str, str] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)
    formulas: Mapping[str, str] = field(default_factory=dict)
    counted: frozenset[str] = frozenset()
    kings: frozenset[str] = frozenset()
    queens: frozenset[str] = frozenset()


def base_of(language: str) -> str:
    """Return the language of a BCP 47 tag: "pt" for "pt-BR"."""
    return language.lower().partition("-")[0]


def forms_of(language: str) -> SpokenForms:
    """Return the table of a language (a BCP 47 tag); where there is none, one with its word for "chapter"."""
    return _table(base_of(language))


def in_words(text: str, language: str) -> str:
    """Return `text` with the abbreviations and signs of the table in words; all else stays as it is."""
    abbreviations, signs = _patterns(base_of(language))
    forms = forms_of(language)
    if abbreviations:
        text = abbreviations.sub(lambda found: _written_out(found[0], forms.abbreviations), text)
    return signs.sub(lambda found: spaced(found, forms.signs[found[0].strip()]), text) if signs else text


def spaced(found: re.Match[str], word: str) -> str:
    """Return `word` for what was found, with a space where there was one or where it would touch another word."""
    before = found.string[found.start() - 1 : found.start()] if found.start() else ""
    after = found.string[found.end() : found.end() + 1]
    left = " " if found[0][0].isspace() or before.isalnum() else ""
    right = " " if after and (found[0][-1].isspace() or after.isalnum()) else ""
    return f"{left}{word}{right}"


@cache
def _table(language: str) -> SpokenForms:
    file = files(__package__) / "forms" / f"{language}.txt"
    if not (language.isalpha() and file.is_file()):
        word = chapter_word(language)
        return SpokenForms(counted=frozenset({word} if word else ()))
    pairs, lists = _sections(file.read_text("utf-8"))
    return SpokenForms(pairs["abbreviations"], pairs["signs"], pairs["formulas"], *(lists[name] for name in _LISTS))


def _sections(table: str) -> tuple[dict[str, dict[str, str]], dict[str, frozenset[str]]]:
    """Return the pairs and the lists of words in a table by their headings."""
    lines: dict[str, list[str]] = {}
    heading = ""
    for line in map(str.strip, table.splitlines()):
        if found := _HEADING.fullmatch(line):
            heading = found[1]
        elif line and not line.startswith("# "):
            lines.setdefault(heading, []).append(line)
    pairs = {
        name: {key: said for key, _, said in (line.partition(_BETWEEN) for line in kept)}
        for name, kept in lines.items()
        if name not in _LISTS
    }
    words = {name: frozenset(", ".join(lines[name]).casefold().split(", ")) for name in _LISTS}
    return pairs, words


@cache
def _patterns(language: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    forms = _table(language)
    if not forms.abbreviations:
        return None, None
    keys = sorted(forms.abbreviations, key=len, reverse=True)
    signs = (_ALONE.get(sign) or re.escape(sign) for sign in sorted(forms.signs, key=len, reverse=True))
    return (
        re.compile(rf"(?<![\w.])(?:{'|'.join(map(_as_printed, keys))})"),
        re.compile(rf"\s?(?:{'|'.join(signs)})(?!(?<=[CF])\w)\s?"),
    )


def _as_printed(key: str) -> str:
    """Return the pattern of an abbreviation: with or without spaces, and with a capital where a sentence begins.

    Not at the end of a paragraph: there its full stop is that of the sentence too.
    """
    first = f"[{key[0]}{key[0].upper()}]" if key.islower() else re.escape(key[0])
    rest = re.escape(key[1:]).replace(r"\ ", r"\s?").replace("'", "['’]")  # noqa: RUF001 - an apostrophe in print
    return f"{first}{rest}" + (r"(?=[\s,:;)]*[^\s,:;)])" if key.endswith(".") else r"(?!\w)")


def _written_out(found: str, abbreviations: Mapping[str, str]) -> str:
    by_letters = {key.replace(" ", ""): said for key, said in abbreviations.items()}
    letters = "".join(found.split())
    if letters in by_letters:
        return by_letters[letters]
    said = by_letters[letters[0].lower() + letters[1:]]
    return said[0].upper() + said[1:]
