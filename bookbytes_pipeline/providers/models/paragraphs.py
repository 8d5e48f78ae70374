"""Chosen sentences as paragraphs for the ear: with breaks where the chapter had some, neither short nor long."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from operator import itemgetter

from bookbytes_pipeline.providers.models.sentences import Sentence, words_of

_MIN_WORDS = 35
"""A shorter paragraph, or one of a single sentence, is joined with a neighbour, or there would be too many pauses."""

_MAX_WORDS = 100
"""Of a paragraph, unless it is one unit: forty seconds of speech."""

_Units = Sequence[Sequence[Sentence]]


def in_paragraphs(units: Iterable[Sequence[Sentence]]) -> str:
    """Return the sentences of `units` as text. None of them is divided."""
    paragraphs = _joined(_as_in_source(units))
    return "\n\n".join(" ".join(sentence.text for unit in paragraph for sentence in unit) for paragraph in paragraphs)


def _as_in_source(units: Iterable[Sequence[Sentence]]) -> Iterator[_Units]:
    for _, paragraph in groupby(units, key=lambda unit: unit[0].paragraph):
        yield from _divided(list(paragraph))


def _divided(paragraph: _Units) -> Iterator[_Units]:
    """The parts of `paragraph`, about equally long: one if it is not too long."""
    parts = math.ceil(_length(paragraph) / _MAX_WORDS)
    part_words = _length(paragraph) / parts
    ends = accumulate(_length([unit]) for unit in paragraph)
    middles = (end - _length([unit]) / 2 for end, unit in zip(ends, paragraph, strict=True))
    numbered = zip((int(middle / part_words) for middle in middles), paragraph, strict=True)
    for _, part in groupby(numbered, key=itemgetter(0)):
        yield [unit for _, unit in part]


def _joined(paragraphs: Iterable[_Units]) -> list[_Units]:
    """`paragraphs`, each that is short joined with the shorter of its neighbours, first those at the beginning."""
    joined = list(paragraphs)
    number = 0
    while number < len(joined):
        first = _first_of_pair(joined, number)
        if first is None:
            number += 1
        else:
            joined[first : first + 2] = [[*joined[first], *joined[first + 1]]]
            number = first
    return joined


def _first_of_pair(paragraphs: Sequence[_Units], number: int) -> int | None:
    """The first of the two paragraphs that are to be one because `number` is short; `None` if it stays as it is."""
    if not _is_short(paragraphs[number]):
        return None
    pairs = [first for first in (number, number - 1) if 0 <= first < len(paragraphs) - 1]
    lengths = {first: _length(paragraphs[first]) + _length(paragraphs[first + 1]) for first in pairs}
    shortest = min(pairs, key=lengths.__getitem__, default=None)
    return shortest if shortest is not None and lengths[shortest] <= _MAX_WORDS else None


def _is_short(paragraph: _Units) -> bool:
    return _length(paragraph) < _MIN_WORDS or sum(map(len, paragraph)) == 1


def _length(units: _Units) -> int:
    return sum(len(words_of(sentence.text)) for unit in units for sentence in unit)
