"""Which sentences of a passage say the most: TextRank's ratings, weighted by how easily a sentence is followed by ear.

Import it only where it is used: sumy brings numpy and nltk, a third of a second; two seconds the first time ever.
"""

import functools
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.nlp.stemmers import Stemmer, null_stemmer
from sumy.summarizers.text_rank import TextRankSummarizer
from sumy.utils import get_stop_words

from bookbytes_pipeline.providers.models.sentences import words_of

_MAX_SECTION_SENTENCES = 60
"""TextRank compares each with each: a long chapter at once would take seconds."""

_MIN_SECTIONS = 3
_COMFORTABLE_WORDS = range(12, 36)
"""A sentence that is neither abrupt nor hard to follow by ear. TextRank alone prefers the longest."""

_OPENING_WEIGHT = 1.3
"""The first sentence of a paragraph counts more: it names what the others call `it`."""

_MAX_LENGTH_RATIO = 1.05
"""Of the words selected to the words asked for."""

_COMMON_EVERY = 5
"""A word in every fifth sentence counts as a stop word in languages that sumy has no list for."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence with its length in words, the the stems of its meaningful words, and its score by itself."""

    text: str
    length: int
    stems: frozenset[str]
    score: float

    def score_after(self, selected: Sequence["_Candidate"]) -> float:
        """Return its score after the sentences `selected`: 0 if one of them has all the same words."""
        return self.score * (1 - max((self._similarity(other) for other in selected), default=0))

    def _similarity(self, other: "_Candidate") -> float:
        return len(self.stems & other.stems) / max(1, len(self.stems | other.stems))


class _WordTokenizer:
    """Splits sentences into words for sumy. Its own tokenizer needs data that is downloaded separately."""

    def to_words(self, sentence: str) -> list[str]:
        return words_of(sentence)


def select_sentences(sentences: Sequence[str], openings: Collection[str], words: int, language: str) -> list[str]:
    """Return about `words` words of `sentences`, in their order; `openings` are those that begin a paragraph.

    They are selected section by section, each by its share, so that the selection covers the whole passage. What a
    section uses less or more than its share is added to or taken from that of the next.
    """
    summarizer = _summarizer(sentences, language)
    share = words / sum(len(words_of(sentence)) for sentence in sentences)
    selected: list[_Candidate] = []
    due, room = 0.0, _MAX_LENGTH_RATIO * words
    for section in _sections(sentences):
        candidates = _rated(section, openings, summarizer)
        due += share * _length(candidates)
        best = _best(candidates, selected, due, room)
        due, room = due - _length(best), room - _length(best)
        selected += sorted(best, key=candidates.index)
    return [candidate.text for candidate in selected]


def _sections(sentences: Sequence[str]) -> Iterator[Sequence[str]]:
    wanted = max(_MIN_SECTIONS, math.ceil(len(sentences) / _MAX_SECTION_SENTENCES))
    count = min(wanted, len(sentences))
    edges = (number * len(sentences) // count for number in range(count + 1))
    return (sentences[start:end] for start, end in pairwise(edges))


def _length(candidates: Sequence[_Candidate]) -> int:
    return sum(candidate.length for candidate in candidates)


def _best(
    candidates: Sequence[_Candidate], selected: Sequence[_Candidate], due: float, room: float
) -> list[_Candidate]:
    """Return the best of `candidates` one after the other, as long as at least half of the next is due."""
    best: list[_Candidate] = []
    while fitting := [candidate for candidate in candidates if candidate not in best and candidate.length <= room]:
        chosen = max(fitting, key=lambda candidate: candidate.score_after([*selected, *best]))
        if due < chosen.length / 2:
            break
        best.append(chosen)
        due, room = due - chosen.length, room - chosen.length
    return best


def _rated(section: Sequence[str], openings: Collection[str], summarizer: Any) -> list[_Candidate]:
    document = ObjectDocumentModel([Paragraph([Sentence(sentence, _WordTokenizer()) for sentence in section])])
    ratings = summarizer.rate_sentences(document)
    return [
        _candidate(text, float(ratings[sentence]) * (_OPENING_WEIGHT if text in openings else 1), summarizer)
        for text, sentence in zip(section, document.sentences, strict=True)
    ]


def _candidate(text: str, rating: float, summarizer: Any) -> _Candidate:
    words = words_of(text)
    meaningful = (word for word in words if word.lower() not in summarizer.stop_words)
    return _Candidate(text, len(words), frozenset(map(summarizer.stem_word, meaningful)), rating * _ease(len(words)))


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
