"""The names and numbers in a text: what a summary has to take from its chapter as it stands there."""

import re

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<=[\w,;:\u2013\u2014] )[^\W\d_a-z][\w\u2019'-]+")
"""A capital inside a sentence, not at its start."""
_INITIAL = re.compile(r"(?:^|[.!?\u2026][\"\u201d\u2019)]?\s+)([^\W\d_a-z][\w-]+)(\u2019s|'s)?")
_CAPITALISES_NOUNS = frozenset({"de", "lb"})
_MIN_CAPITALS_THERE = 2


def numbers_in(text: str) -> list[str]:
    """Return the numbers of `text` that are written in digits, each once."""
    return list(dict.fromkeys(_NUMBER.findall(text)))


def names_in(text: str, language: str) -> list[str]:
    """Return the words of `text` that begin with a capital where none is due, each once.

    The first word of a sentence counts where it is a name elsewhere in `text`, or owns something (`Ahab's`). Where a
    language writes all nouns with a capital, only words with two capitals are known to be names.
    """
    inside = dict.fromkeys(name for name in _NAME.findall(text) if name[0].isupper())
    if language.partition("-")[0].lower() in _CAPITALISES_NOUNS:
        return [name for name in inside if sum(map(str.isupper, name)) >= _MIN_CAPITALS_THERE]
    first = [name for name, owns in _INITIAL.findall(text) if name[0].isupper() and (owns or name in inside)]
    return list(dict.fromkeys([*inside, *first]))


def named_terms(text: str, language: str) -> list[str]:
    """Return the names and numbers of `text`, which is in `language`."""
    return [*numbers_in(text), *names_in(text, language)]
