"""The words of a text in the form in which two texts are compared: folded, stemmed, numbers as digits."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from bookbytes_pipeline.domain.words import UNSPACED

_RUN = re.compile(rf"[{UNSPACED}]+|\d+(?:[.,]\d+)*|[^\W\d_{UNSPACED}]+(?:['\u2019\u02bc-][^\W\d_{UNSPACED}]+)*")
_IS_UNSPACED = re.compile(rf"[{UNSPACED}]")
_POSSESSIVE = re.compile(r"['\u2019\u02bc]s?$")
_GROUPED = re.compile(r"[.,](?=\d{3}\b)")
_MAX_SPELLED_DIGITS = 9
_SPELLING_LANGUAGES = frozenset(
    {"cs", "da", "de", "en", "es", "fi", "fr", "hu", "it", "ja", "nl", "no", "pl", "pt", "ro", "ru", "sv", "tr", "uk"}
)
"""Those in which num2words counts to a thousand million without an error; in some it never returns."""
_SPELLED_NUMBERS = (*range(2, 100), 100, 1000, 1_000_000)
"""Not one, which is an article in many languages."""
_REMEMBERED_RUNS = 20_000
"""The words of a book: each is compared many times."""


def terms_of(text: str, language: str) -> list[str]:
    """Return the terms of `text` in order: stems in the `language` (a BCP 47 tag), numbers as digits.

    Where a script has no spaces, each pair of neighbouring characters is a term.
    """
    base = language.partition("-")[0].lower()
    return [term for run in _RUN.findall(folded(text)) for term in _terms(run, base)]


def folded(text: str) -> str:
    """Return `text` so that two ways of writing the same letters are one."""
    return unicodedata.normalize("NFKC", text).casefold()


def plain_number(number: str) -> str:
    """Return a number without the marks between its thousands."""
    return _GROUPED.sub("", number)


@cache
def spelled_numbers(language: str) -> Mapping[str, str]:
    """Return the digits of the numbers that `language` has one word for, `twenty-five` among them."""
    words = ((_in_words(number, language), number) for number in _SPELLED_NUMBERS)
    return {spelled: str(number) for spelled, number in words if spelled}


def spelled_out(number: str, language: str) -> list[str]:
    """Return how a whole number is written in words, with and without hyphens and `and`; nothing where unknown."""
    if not number.isdecimal() or len(number) > _MAX_SPELLED_DIGITS:
        return []
    words = _in_words(int(number), language.partition("-")[0].lower())
    return (
        list(dict.fromkeys([words, words.replace("-", " "), words.replace(" and ", " ").replace(",", "")]))
        if words
        else []
    )


def _in_words(number: int, language: str) -> str:
    """Return a number in words; empty in languages that num2words does not know, or cannot count in as far."""
    from num2words import num2words  # noqa: PLC0415 - a tenth of a second, only where texts are compared

    if language not in _SPELLING_LANGUAGES:
        return ""
    return folded(num2words(number, lang=language))


@lru_cache(_REMEMBERED_RUNS)
def _terms(run: str, language: str) -> tuple[str, ...]:
    if run[0].isdigit():
        return (plain_number(run),)
    if _IS_UNSPACED.match(run):
        return tuple(run[start : start + 2] for start in range(max(1, len(run) - 1)))
    numbers = spelled_numbers(language)
    if run in numbers:
        return (numbers[run],)
    stem, words = _stemmer(language), (_POSSESSIVE.sub("", part) for part in run.split("-"))
    return tuple(numbers.get(word) or stem(word) for word in words)


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    """Return the stemmer of a language, which leaves words as they are where there is none for it."""
    from Stemmer import Stemmer  # noqa: PLC0415 - only where texts are compared

    try:
        stem: Callable[[str], str] = Stemmer(language).stemWord
    except KeyError:
        return str
    return stem
