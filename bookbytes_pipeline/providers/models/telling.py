"""Which sentences of a passage tell the most, by latent semantic analysis (LSA) of their words.

To be imported only where it is used: sumy brings numpy and nltk, half a second to two seconds of processor time.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.nlp.stemmers import Stemmer, null_stemmer
from sumy.summarizers.lsa import LsaSummarizer
from sumy.utils import get_stop_words

from bookbytes_pipeline.providers.models.sentences import words_of

_SECTION = 100
"""Sentences. The analysis costs their number times the number of their words: a long chapter at once takes seconds."""


class _Words:
    """Finds words the way sumy asks for them. Its own tokenizer needs data that is downloaded separately."""

    def to_words(self, sentence: str) -> list[str]:
        return words_of(sentence)


def most_telling(sentences: Sequence[str], words: int, language: str) -> list[str]:
    """About `words` words of `sentences`, in their order.

    They are chosen section by section, each giving its share, so that the choice spreads over the whole passage. What
    a section leaves of its share, or takes too much, is settled by the next.
    """
    summarizer = _summarizer(language)
    share = words / _length(sentences)
    chosen: list[str] = []
    due = 0.0
    for start in range(0, len(sentences), _SECTION):
        section = sentences[start : start + _SECTION]
        due += share * _length(section)
        best = _within(due, _best_first(section, summarizer))
        due -= _length(best)
        chosen += [sentence for sentence in section if sentence in best]
    return chosen


def _length(sentences: Sequence[str]) -> int:
    return sum(len(words_of(sentence)) for sentence in sentences)


def _within(due: float, ranked: Sequence[str]) -> list[str]:
    """The first of `ranked`, as long as at least half of the next one is due."""
    best: list[str] = []
    for sentence in ranked:
        length = len(words_of(sentence))
        if due < length / 2:
            break
        best.append(sentence)
        due -= length
    return best


def _best_first(section: Sequence[str], summarizer: Any) -> list[str]:
    document = ObjectDocumentModel([Paragraph([Sentence(sentence, _Words()) for sentence in section])])
    if _vocabulary(document, summarizer) < len(section):
        return list(section)  # LSA has nothing to tell so many sentences of so few words apart by
    ranked: list[Any] = []

    def keep(rated: list[Any]) -> list[Any]:
        ranked.extend(rated)
        return rated

    summarizer(document, keep)
    # The words reach the analysis in the order of a set, which changes from process to process and with it the last
    # digits of a rating: rounded, the same text always has the same summary.
    return [section[info.order] for info in sorted(ranked, key=lambda info: (-round(info.rating, 6), info.order))]


def _vocabulary(document: Any, summarizer: Any) -> int:
    meaningful = (word for word in document.words if word.lower() not in summarizer.stop_words)
    return len({summarizer.stem_word(word) for word in meaningful})


def _summarizer(language: str) -> Any:
    summarizer = LsaSummarizer(functools.cache(_stemmer(language)))
    summarizer.stop_words = _stop_words(language)
    return summarizer


def _stemmer(language: str) -> Callable[[str], str]:
    try:
        stemmer: Callable[[str], str] = Stemmer(language)
    except LookupError:
        return null_stemmer  # type: ignore[no-any-return]
    return stemmer


def _stop_words(language: str) -> frozenset[str]:
    try:
        return frozenset(get_stop_words(language))
    except LookupError:
        return frozenset()
