"""What must not be published as good, found without the product's own gate: none of its code is used here."""

import re
from collections import Counter
from collections.abc import Iterator

import py3langid
from num2words import num2words

MIN_SHARE, ROOM_WORDS = 0.4, 15
"""What the documentation promises of a summary's length."""
PREFIX_CHARS = 5
"""Egyptian stands in a chapter about Egypt."""
SAID_AGAIN = 3

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_ENDS = re.compile(r"[.!?…][\"'”’)]*\s*$")
_NAME = re.compile(r"(?<=[^\s.!?:“\"(‘'])\s+([A-Z][a-z]+)")
_NUMBER = re.compile(r"\d[\d,]*")


def faults(summary: str, source: str, asked: int, titles: str) -> list[str]:
    """What is wrong with a summary of `source` that should have `asked` words; `titles` may be named but are nothing.

    An empty list means that a person who hears it hears English about this chapter. It may still be a poor summary.
    """
    return [*_form(summary, asked, titles), *_unknown(summary, f"{source} {titles}")]


def words(text: str) -> list[str]:
    """The words of a text."""
    return _WORD.findall(text)


def _form(summary: str, asked: int, titles: str) -> Iterator[str]:
    said = words(summary)
    if len(said) < MIN_SHARE * asked - ROOM_WORDS:
        yield f"{len(said)} words instead of {asked}"
    if said and py3langid.classify(summary)[0] != "en":
        yield "not English"
    if not _ENDS.search(summary):
        yield f"no end: {summary[-40:]!r}"
    if {word.casefold() for word in said} <= {word.casefold() for word in words(titles)}:
        yield f"only titles: {summary!r}"
    sentences = Counter(" ".join(words(sentence)).casefold() for sentence in re.split(r"[.!?]\s", f"{summary} "))
    yield from (f"{count} times: {sentence!r}" for sentence, count in sentences.items() if count >= SAID_AGAIN)


def _unknown(summary: str, source: str) -> Iterator[str]:
    known = {word.casefold() for word in words(source)}
    beginnings = {word[:PREFIX_CHARS] for word in known}
    plain = source.casefold().replace("-", " ")
    for name in set(_NAME.findall(summary)):
        if name.casefold() not in known and name.casefold()[:PREFIX_CHARS] not in beginnings:
            yield f"name: {name}"
    for number in {found.replace(",", "") for found in _NUMBER.findall(summary)}:
        spelled = num2words(int(number)).replace("-", " ")
        if number not in source.replace(",", "") and not re.search(rf"\b{re.escape(spelled)}\b", plain):
            yield f"number: {number}"
