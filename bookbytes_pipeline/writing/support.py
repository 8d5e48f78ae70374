"""Whether a summary stays with its chapter: names and numbers that the chapter does not contain are suspect."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from bookbytes_pipeline.writing.named_terms import named_terms, numbers_in
from bookbytes_pipeline.writing.terms import folded, plain_number, spelled_numbers, spelled_out, terms_of

_MIN_ROOT = 5
"""Letters: `American` is found where there is `America`, and `Tolmen` is not where there is `told`."""
_MAX_ENDING = 3
_COUNTED = re.compile(r"[\w.,-]*\w(?=(\s+[^\W\d_][\w-]*))")
_MIN_NOUN = 4
"""Letters of a stem; shorter ones are mostly prepositions: two of, three in."""
_ONE_WORD = 100
_SMALL = 2
"""Whoever sums up counts for himself: both, a pair, two sides."""


def unsupported_terms(summary: str, text: str, title: str, language: str) -> tuple[str, ...]:
    """The names and numbers of `summary` that stand neither in `text` nor in `title`, each once, numbers first.

    Only words that begin with a capital inside a sentence count as names, so languages without capitals give none.
    Numbers from three on count in words as in digits, on both sides.
    """
    source = folded(f"{title} {text}")
    words = set(re.findall(r"\w+", source))
    numbers = set(map(plain_number, numbers_in(source)))
    terms = frozenset(terms_of(source, language))
    spelled = spelled_numbers(language.partition("-")[0].lower())
    lacking = [
        term
        for term in named_terms(summary, language)
        if not (
            _is_number_of(term, numbers, source, language)
            if term[0].isdigit()
            else _stands_in(term, words) or set(terms_of(term, language)) <= terms
        )
    ]
    counted = [word for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)?", folded(summary)) if word in spelled]
    lacking += [word for word in counted if int(spelled[word]) > _SMALL and spelled[word] not in terms]
    return tuple(dict.fromkeys([*lacking, *_other_counts(summary, source, language)]))


def names_any(sentence: str, terms: Iterable[str]) -> bool:
    """Return whether one of `terms`, as `unsupported_terms` returns them, stands in `sentence` as a whole word."""
    said = " ".join(folded(sentence).split())
    return any(re.search(_whole(" ".join(folded(term).split())), said) for term in terms)


def _whole(term: str) -> str:
    plain = re.escape(term)
    return rf"(?<!\d)(?<!\d[.,]){plain}(?!\d|[.,]\d)" if term[-1:].isdigit() else rf"(?<!\w){plain}(?!\w)"


def _other_counts(summary: str, source: str, language: str) -> list[str]:
    """Return the counts of `summary` (`four sledges`) of things that the source has only in other numbers (`three`)."""
    known: dict[str, set[str]] = defaultdict(set)
    for number, noun, _ in _counts(source, language):
        known[noun].add(number)
    return [
        phrase
        for number, noun, phrase in _counts(summary, language)
        if noun in known
        and number not in known[noun]
        and int(number) > _SMALL
        and not _is_spelled(number, source, language)
    ]


def _counts(text: str, language: str) -> Iterator[tuple[str, str, str]]:
    """Yield what is counted in `text`: a number in digits, the stem of the thing, and both as they are written."""
    for word in _COUNTED.finditer(text):
        number, noun = terms_of(word[0], language), terms_of(word[1], language)
        if len(number) == 1 and number[0].isdecimal() and noun[0].isalpha() and len(noun[0]) >= _MIN_NOUN:
            yield number[0], noun[0], f"{word[0]} {word[1].strip()}"


def _is_spelled(number: str, source: str, language: str) -> bool:
    """Whether a number of several words stands in the source, which counts by its last word there."""
    return int(number) > _ONE_WORD and any(spelled in source for spelled in spelled_out(number, language))


def _is_number_of(number: str, numbers: set[str], source: str, language: str) -> bool:
    plain = plain_number(number)
    return plain in numbers or any(spelled in source for spelled in spelled_out(plain, language))


def _stands_in(name: str, words: set[str]) -> bool:
    parts = re.findall(r"\w+", re.sub(r"[\u2019']s$", "", folded(name)))
    return all(part in words or part.removesuffix("s") in words or _is_inflected(part, words) for part in parts)


def _is_inflected(part: str, words: set[str]) -> bool:
    root = part[:-_MAX_ENDING]
    longest = len(part) + _MAX_ENDING
    return len(root) >= _MIN_ROOT and any(word.startswith(root) and len(word) <= longest for word in words)
