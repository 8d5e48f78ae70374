"""Which parts of a passage say the most: TextRank's ratings, weighted by place, subject and length of each sentence.

Import it only where it is used: sumy brings numpy and nltk, a third of a second; two seconds the first time ever.
"""

import functools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

from sumy.models.dom import ObjectDocumentModel, Paragraph
from sumy.models.dom import Sentence as RatedSentence
from sumy.nlp.stemmers import Stemmer, null_stemmer
from sumy.summarizers.text_rank import TextRankSummarizer
from sumy.utils import get_stop_words

from bookbytes_pipeline.providers.models.material import Material
from bookbytes_pipeline.providers.models.sentences import Sentence, words_of

_MAX_SECTION_SENTENCES = 60
"""TextRank compares each with each: a long chapter at once would take seconds."""

_MIN_SECTIONS = 3
_COMFORTABLE_WORDS = range(12, 36)
"""A sentence that is neither abrupt nor hard to follow by ear. TextRank alone prefers the longest."""

_OPENING_WEIGHT = 1.3
"""The first sentence of a paragraph counts more: it names what the others call `it`."""

_OUTER_WEIGHT = 1.4
"""So do the first and the last paragraph, where authors say what a chapter is about and what follows from it."""

_SUBJECT_WEIGHT = 0.1
"""More for each word of the chapter's subject that a sentence has."""

_SUBJECT_WORDS = 5
_MAX_LENGTH_RATIO = 1.05
"""Of the words selected to the words asked for."""

_COMMON_EVERY = 5
"""A word in every fifth sentence counts as a stop word in languages that sumy has no list for."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence's length in words, the stems of its meaningful words, and its score by itself."""

    length: int
    stems: frozenset[str]
    score: float

    def score_after(self, selected: Iterable["_Candidate"]) -> float:
        """Return its score after the sentences `selected`: 0 if one of them has all the same words."""
        return self.score * (1 - max((self._similarity(other) for other in selected), default=0))

    def _similarity(self, other: "_Candidate") -> float:
        return len(self.stems & other.stems) / max(1, len(self.stems | other.stems))


class _WordTokenizer:
    """Splits sentences into words for sumy. Its own tokenizer needs data that is downloaded separately."""

    def to_words(self, sentence: str) -> list[str]:
        return words_of(sentence)


def select_sentences(material: Material, words: int, language: str) -> list[int]:
    """Return the numbers of the sentences of `material` that say the most in about `words` words, in order.

    They are selected section by section, each by its share, so that the selection covers the whole passage. What a
    section uses less or more than its share is added to or taken from that of the next.
    """
    candidates = _candidates(material, language)
    selected = {number: candidates[number] for unit in material.preferred for number in unit}
    share = words / _length(candidates.values())
    due, room = 0.0, _MAX_LENGTH_RATIO * words - _length(selected.values())
    sections = list(_sections(list(candidates)))
    for section in sections:
        due += share * _length(candidates[number] for number in section)
        due -= _length(selected[number] for number in section if number in selected)
        ending_here = [unit for unit in material.units if unit[-1] in section]
        due, room = _select(ending_here, candidates, selected, due, room, is_last=section is sections[-1])
    return sorted(selected)


def _sections(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    wanted = max(_MIN_SECTIONS, math.ceil(len(numbers) / _MAX_SECTION_SENTENCES))
    count = min(wanted, len(numbers))
    edges = (number * len(numbers) // count for number in range(count + 1))
    return (numbers[start:end] for start, end in pairwise(edges))


def _length(candidates: Iterable[_Candidate]) -> int:
    return sum(candidate.length for candidate in candidates)


def _select(
    units: Sequence[range],
    candidates: Mapping[int, _Candidate],
    selected: dict[int, _Candidate],
    due: float,
    room: float,
    *,
    is_last: bool,
) -> tuple[float, float]:
    """Add the best of `units` to `selected`, one after the other, as long as at least half of the next is due.

    Return what is still due, and for how many more words there is room. A unit is what is not `selected` yet of it.
    In the last section, where nothing can be made up for later, a shorter one follows where the best is too long.
    """
    while True:
        rest = [[number for number in unit if number not in selected] for unit in units]
        parts = [(numbers, [candidates[number] for number in numbers]) for numbers in rest if numbers]
        limit = min(room, 2 * due) if is_last else room
        fitting = [(numbers, part) for numbers, part in parts if _length(part) <= limit]
        numbers, best = max(fitting, key=lambda option: _score_after(option[1], selected.values()), default=((), ()))
        if not best or due < _length(best) / 2:
            return due, room
        due, room = due - _length(best), room - _length(best)
        selected |= zip(numbers, best, strict=True)


def _score_after(part: Sequence[_Candidate], selected: Iterable[_Candidate]) -> float:
    """The mean score of the sentences of `part`, each as often as it has words."""
    return sum(candidate.length * candidate.score_after(selected) for candidate in part) / _length(part)


def _candidates(material: Material, language: str) -> dict[int, _Candidate]:
    """Return the sentences that are part of a unit, by their numbers, in order."""
    sentences, numbers = material.sentences, sorted(set(chain.from_iterable(material.units)))
    summarizer = _summarizer([sentences[number].text for number in numbers], language)
    stems = {number: _stems(sentences[number].text, summarizer) for number in numbers}
    subject = _subject(stems.values())
    ratings = chain.from_iterable(
        _ratings([sentences[n].text for n in part], summarizer) for part in _sections(numbers)
    )
    places = _place_weights(sentences, numbers)
    candidates = {}
    for number, rating in zip(numbers, ratings, strict=True):
        length = len(words_of(sentences[number].text))
        weight = places[number] * (1 + _SUBJECT_WEIGHT * len(stems[number] & subject))
        candidates[number] = _Candidate(length, stems[number], rating * weight * _ease(length))
    return candidates


def _stems(sentence: str, summarizer: Any) -> frozenset[str]:
    meaningful = (word for word in words_of(sentence) if word.lower() not in summarizer.stop_words)
    return frozenset(map(summarizer.stem_word, meaningful))


def _subject(stems: Iterable[AbstractSet[str]]) -> frozenset[str]:
    """The words that most sentences share; of equally frequent ones those that come first in the alphabet."""
    counts = Counter(chain.from_iterable(stems))
    by_frequency = sorted(counts, key=lambda stem: (-counts[stem], stem))
    return frozenset(by_frequency[:_SUBJECT_WORDS])


def _place_weights(sentences: Sequence[Sentence], numbers: Sequence[int]) -> dict[int, float]:
    """How much each sentence counts for where it stands: at the start of a paragraph, in the first or the last one."""
    outer = {sentences[numbers[0]].paragraph, sentences[numbers[-1]].paragraph}
    return {
        number: (_OUTER_WEIGHT if sentences[number].paragraph in outer else 1)
        * (_OPENING_WEIGHT if _opens_paragraph(number, sentences) else 1)
        for number in numbers
    }


def _opens_paragraph(number: int, sentences: Sequence[Sentence]) -> bool:
    return number == 0 or sentences[number].paragraph != sentences[number - 1].paragraph


def _ratings(section: Sequence[str], summarizer: Any) -> Iterator[float]:
    document = ObjectDocumentModel([Paragraph([RatedSentence(sentence, _WordTokenizer()) for sentence in section])])
    ratings = summarizer.rate_sentences(document)
    return (float(ratings[sentence]) for sentence in document.sentences)


def _ease(length: int) -> float:
    """How easily a sentence of `length` words is followed by ear: 1 is best."""
    if length < _COMFORTABLE_WORDS.start:
        return length / _COMFORTABLE_WORDS.start
    return min(1, _COMFORTABLE_WORDS[-1] / length) ** 2


def _summarizer(sentences: Sequence[str], language: str) -> Any:
    summarizer = TextRankSummarizer(functools.cache(_stemmer(language)))
    summarizer.stop_words = _stop_words(sentences, language)
    return summarizer


def _stemmer(language: str) -> Callable[[str], str]:
    try:
        stemmer: Callable[[str], str] = Stemmer(language)
    except LookupError:
        return null_stemmer  # type: ignore[no-any-return]
    return stemmer


def _stop_words(sentences: Sequence[str], language: str) -> frozenset[str]:
    try:
        return frozenset(get_stop_words(language))
    except LookupError:
        return _commonest(sentences)


def _commonest(sentences: Sequence[str]) -> frozenset[str]:
    counts = Counter(word for sentence in sentences for word in {word.lower() for word in words_of(sentence)})
    return frozenset(word for word, count in counts.items() if count * _COMMON_EVERY > len(sentences))
