"""Chosen sentences as paragraphs to be heard: with breaks where the chapter had some, neither very short nor very long."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bookbytes_pipeline.providers.models.sentences import Sentence, words_of

_MIN_WORDS = 30
"""A shorter paragraph is joined with a neighbour, or most sentences of a summary would be followed by a pause."""

_MAX_WORDS = 90
"""Of a paragraph, unless it is one unit: more than half a minute of speech."""

_Units = Sequence[Sequence[Sentence]]


def in_paragraphs(units: Iterable[Sequence[Sentence]]) -> str:
    """Return the sentences of `units` as text. None of them is divided."""
    paragraphs = _joined(_as_in_source(units))
    return "\n\n".join(
        " ".join(sentence.text for unit in paragraph for sentence in unit) for paragraph in paragraphs
    )


def _as_in_source(units: Iterable[Sequence[Sentence]]) -> Iterator[_Units]:
    for _, paragraph in groupby(units, key=lambda unit: unit[0].paragraph):
        yield from _divided(list(paragraph))


def _divided(paragraph: _Units) -> Iterator[_Units]:
    """The parts of `paragraph`, about equally long: one if it is not too long."""
    part_words = _length(paragraph) / math.ceil(_length(paragraph) / _MAX_WORDS)
    part: list[Sequence[Sentence]] = []
    for unit in paragraph:
        if part and _length(part) + _length([unit]) / 2 > part_words:
            yield part
            part = []
        part.append(unit)
    yield part


def _joined(paragraphs: Iterable[_Units]) -> list[_Units]:
    joined: list[_Units] = []
    for paragraph in paragraphs:
        if joined and _belong_together(joined[-1], paragraph):
            joined[-1] = [*joined[-1], *paragraph]
        else:
            joined.append(paragraph)
    return joined


def _belong_together(paragraph: _Units, following: _Units) -> bool:
    lengths = _length(paragraph), _length(following)
    return min(lengths) < _MIN_WORDS and sum(lengths) <= _MAX_WORDS


def _length(units: _Units) -> int:
    return sum(len(words_of(sentence.text)) for unit in units for sentence in unit)
