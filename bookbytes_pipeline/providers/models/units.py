"""Which sentences of a passage can be quoted, each with those that it leans on and those that it announces."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bookbytes_pipeline.providers.models.references import announces_list, is_about_the_book, sentences_needed
from bookbytes_pipeline.providers.models.sentences import Sentence, is_question

_MAX_SENTENCES = 3
"""Of a unit: a longer one would be a passage of the chapter, not a part of its summary."""


@dataclass(frozen=True, slots=True)
class _Links:
    """How many of the sentences before it in its paragraph a sentence leans on, and whether it calls for the next."""

    needed: int
    asks: bool
    lists: bool


def quotable_units(sentences: Sequence[Sentence], language: str) -> list[range]:
    """Return the shortest runs of `sentences` that make sense without the others, as numbers, in order and each once.

    None of them goes beyond a paragraph.
    """
    units: list[range] = []
    start = 0
    for _, group in groupby(sentences, key=lambda sentence: sentence.paragraph):
        paragraph = list(group)
        units += (range(start + unit.start, start + unit.stop) for unit in quotable_runs(paragraph, language))
        start += len(paragraph)
    return units


def quotable_runs(sentences: Sequence[Sentence], language: str) -> list[range]:
    """Return the same without regard to paragraphs: in some books each sentence is one."""
    return list(dict.fromkeys(_units_of(sentences, language)))


def joined_units(numbers: Sequence[int], units: Sequence[range]) -> list[list[int]]:
    """Return `numbers` in groups: those that one of the `units` holds together stay together."""
    chosen = set(numbers)
    following = {number for unit in units if chosen.issuperset(unit) for number in unit[1:]}
    groups: list[list[int]] = []
    for number in numbers:
        if number in following:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def _units_of(sentences: Sequence[Sentence], language: str) -> Iterator[range]:
    texts = [sentence.text for sentence in sentences]
    links = [
        _links(text, texts[max(0, number - _MAX_SENTENCES) : number], language) for number, text in enumerate(texts)
    ]
    readable = [sentence.reads and not is_about_the_book(sentence.text, language) for sentence in sentences]
    for number, sentence in enumerate(sentences):
        unit = _complete(number, links) if sentence.tells else None
        if unit and len(unit) <= _MAX_SENTENCES and all(readable[unit.start : unit.stop]):
            yield unit


def _links(text: str, before: Sequence[str], language: str) -> _Links:
    return _Links(sentences_needed(text, before, language), is_question(text), announces_list(text, language))


def _complete(number: int, links: Sequence[_Links]) -> range | None:
    """Sentence `number` with those it leans on and those it calls for; `None` if its paragraph does not have them."""
    start = _start(number, links)
    stop = _stop(number, links, has_list=any(link.lists for link in links[max(0, start) : number + 1]))
    return range(start, stop) if start >= 0 and stop <= len(links) else None


def _start(last: int, links: Sequence[_Links]) -> int:
    """Where the sentences begin that sentence `last` leans on; it is not followed further than a unit may reach."""
    start = number = last
    while number >= max(0, start, last - _MAX_SENTENCES):
        start = min(start, number - links[number].needed)
        number -= 1
    return start


def _stop(number: int, links: Sequence[_Links], *, has_list: bool) -> int:
    """Where the sentences end that sentence `number` calls for: a list goes on as long as its items lean on it."""
    stop = number + 1 + (links[number].asks or links[number].lists)
    while has_list and stop < len(links) and links[stop].needed:
        stop += 1
    return stop
