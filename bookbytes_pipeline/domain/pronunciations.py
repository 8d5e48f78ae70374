"""How words are to be spoken that voices get wrong, as somebody wrote them down: the file in `PRONUNCIATIONS`."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bookbytes_pipeline.domain.words import UNSPACED

MAX_BYTES, MAX_LINES = 100_000, 5_000
_SECTION = re.compile(r"\[\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3})\s*\]")
_KEPT = "\t\u200c\u200d"
"""Not printable, but needed: Persian and Indian spelling uses the (non-)joiners."""
_SPACED = re.compile(rf"[^\W{UNSPACED}]")


@dataclass(frozen=True)
class Pronunciation:
    """`word` is spoken as `spoken` in `language`, a BCP 47 tag in small letters; in all languages if that is empty."""

    language: str
    word: str
    spoken: str


@dataclass(frozen=True)
class Pronunciations:
    """All of them, in the order of the file."""

    entries: tuple[Pronunciation, ...] = ()

    def apply(self, text: str, language: str) -> str:
        """Return `text` with whole words replaced, the longest first. A word with a capital matches only as it is."""
        if not self.entries:
            return text
        exact, folded = _words_of(self, language.lower())
        inside = _key(text).lower()  # a pattern of thousands of words takes a second for a summary
        words = sorted((word for word in (*exact, *folded) if word.lower() in inside), key=len, reverse=True)
        if not words:
            return text
        pattern = re.compile("|".join(_whole(word, any_case=word in folded) for word in words))
        return pattern.sub(lambda found: _spoken(found[0], exact, folded), text)


def parse_pronunciations(content: bytes, file: str) -> Pronunciations:
    """Return what a file says; raises `ValueError` with a sentence that names the file and the first wrong line."""
    if len(content) > MAX_BYTES:
        raise ValueError(f"{file} has more than {MAX_BYTES:,} bytes")
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not UTF-8") from None
    if len(lines) > MAX_LINES:
        raise ValueError(f"{file} has {len(lines):,} lines; at most {MAX_LINES:,} are read")
    return Pronunciations(tuple(_entries(lines, file)))


def _entries(lines: list[str], file: str) -> Iterator[Pronunciation]:
    language = ""
    for number, line in enumerate(map(_plain, lines), start=1):
        if not line or line.startswith("#"):
            continue
        if section := _SECTION.fullmatch(line):
            language = section[1].lower()
            continue
        word, equals, spoken = map(str.strip, line.partition("="))
        if wrong := _what_is_wrong(line, word, equals, spoken):
            raise ValueError(f"line {number} of {file} has {wrong}")
        yield Pronunciation(language, word, spoken)


def _what_is_wrong(line: str, word: str, equals: str, spoken: str) -> str:
    if not equals:
        return f"no language in brackets such as [de]: {line[:40]!r}" if line.startswith("[") else "no '='"
    if not word:
        return "no word before '='"
    return "" if spoken else "nothing after '='"


def _plain(line: str) -> str:
    """Return the line as texts are when they are compared with it: composed, with single spaces, nothing invisible."""
    composed = unicodedata.normalize("NFC", line)
    return " ".join("".join(char for char in composed if char in _KEPT or char.isprintable()).split())


@lru_cache(maxsize=16)
def _words_of(pronunciations: Pronunciations, language: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the words of a language become: those with a capital, and the others. What is narrower wins."""
    exact: dict[str, str] = {}
    folded: dict[str, str] = {}
    for entry in sorted(pronunciations.entries, key=lambda entry: len(entry.language)):
        if entry.language in {"", language} or language.startswith(f"{entry.language}-"):
            word = _key(entry.word)
            (folded if word == word.lower() else exact)[word] = entry.spoken
    return exact, folded


def _whole(word: str, *, any_case: bool) -> str:
    """Return the pattern of a word. Its edges are those of letters; Chinese and Japanese have none to look for."""
    letters = re.escape(word).replace("'", "['’]").replace(r"\ ", r"\s")  # noqa: RUF001 - an apostrophe in print
    left = r"(?<!\w)" if _SPACED.match(word[0]) else ""
    right = r"(?!\w)" if _SPACED.match(word[-1]) else ""
    return f"{left}(?i:{letters}){right}" if any_case else f"{left}{letters}{right}"


def _spoken(found: str, exact: dict[str, str], folded: dict[str, str]) -> str:
    word = _key(found)
    return exact[word] if word in exact else folded.get(word.lower(), found)


def _key(word: str) -> str:
    return " ".join(word.split()).replace("’", "'")  # noqa: RUF001 - an apostrophe in print
