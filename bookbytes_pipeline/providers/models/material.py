"""What a summary of a text may quote: sentences that make sense where they will stand, if there are enough of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from bookbytes_pipeline.providers.models.sentences import Sentence, line_sentences, prose_sentences, words_of
from bookbytes_pipeline.providers.models.units import quotable_runs, quotable_units


@dataclass(frozen=True, slots=True)
class Material:
    """Sentences of a text in order, and the units that may be quoted, as numbers; the `preferred` ones all are."""

    sentences: Sequence[Sentence]
    units: Sequence[range]
    preferred: Sequence[range] = ()


def material_for(text: str, words: int, language: str) -> Material:
    """Return the best material of `text` that there is enough of for a summary of so many `words`.

    A play or a poem may have nothing but its lines.
    """
    prose = prose_sentences(text, language)
    units = quotable_units(prose, language)
    if _length(prose, units) >= words:
        return Material(prose, units)
    units = list(dict.fromkeys([*units, *quotable_runs(prose, language)]))
    if _length(prose, units) >= words:
        return Material(prose, units)
    singles = [range(number, number + 1) for number, sentence in enumerate(prose) if sentence.tells]
    if _length(prose, [*units, *singles]) >= words / 2:
        return Material(prose, list(dict.fromkeys([*units, *singles])), preferred=units)
    lines = line_sentences(text, language)
    return Material(lines, [range(number, number + 1) for number in range(len(lines))])


def _length(sentences: Sequence[Sentence], units: Iterable[range]) -> int:
    numbers = set(chain.from_iterable(units))
    return sum(len(words_of(sentences[number].text)) for number in numbers)
