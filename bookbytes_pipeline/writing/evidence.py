"""Evidence: the passages of a chapter that each sentence of its summary rests on, found after it was written.

A sentence's passages are retrieved from the chapter by BM25 over its sentences, in which names and numbers weigh more
and neighbouring sentences help each other, and by the order of the summary. It works with every language model, costs
no call, and gives the same result every time. It shows where to look; it does not prove that the sentence is true.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bookbytes_pipeline.domain.evidence import MAX_QUOTE_CHARS, MAX_SPANS, SentenceEvidence, Span
from bookbytes_pipeline.domain.sentences import sentence_spans, sentences_of
from bookbytes_pipeline.writing.alignment import align
from bookbytes_pipeline.writing.named_terms import named_terms
from bookbytes_pipeline.writing.terms import terms_of

_K1, _B = 1.2, 0.6
"""BM25: how soon a repeated word stops counting, and how much a long passage is held back."""
_NEIGHBOUR = 0.3
"""The share of a neighbour's score that counts: it names what a sentence calls `it`."""
_NAME_WEIGHT = 2.0
"""Of names and numbers, which are seldom paraphrased."""
_MIN_GAIN = 0.12
"""A further passage is shown if it has so much of the sentence's words that the better ones lack."""
_MIN_PROBABILITY = 0.1
"""A further passage is also shown if it may well be the one."""
_CANDIDATES = 6
_FEW = 2
"""A word of so few letters says little where it is missing from the chapter."""


@dataclass(frozen=True, slots=True)
class _Passage:
    start: int
    end: int
    terms: Counter[str]


class ChapterIndex:
    """A chapter's text, indexed so that passages can be looked up in it."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self._language = language
        self._passages = [
            _Passage(start, end, Counter(terms_of(text[start:end], language)))
            for sentence in sentence_spans(text, language)
            for start, end in _cut(text, *sentence)
        ]
        self._postings: dict[str, list[int]] = defaultdict(list)
        for number, passage in enumerate(self._passages):
            for term in passage.terms:
                self._postings[term].append(number)
        totals = [passage.terms.total() for passage in self._passages]
        mean = max(1.0, sum(totals) / max(1, len(totals)))
        self._lengths = [_K1 * (1 - _B + _B * total / mean) for total in totals]

    def evidence(self, summary: str) -> tuple[SentenceEvidence, ...]:
        """Return each sentence of `summary` with its passages, in order; none where the chapter has no sentences."""
        sentences = sentences_of(summary, self._language)
        if not self._passages or not sentences:
            return ()
        weights = self._weights_of(sentences)
        return tuple(map(self._of_sentence, sentences, weights, align(list(map(self._resemblance, weights)))))

    def rank(self, sentences: Sequence[str]) -> list[list[Span]]:
        """Return for each of a summary's sentences all passages of the chapter, the most probable first."""
        probable = align(list(map(self._resemblance, self._weights_of(sentences))))
        return [[self._span(number) for number in _best_first(row)] for row in probable]

    def _span(self, number: int) -> Span:
        passage = self._passages[number]
        return Span(passage.start, passage.end, self.text[passage.start : passage.end])

    def _weights_of(self, sentences: Sequence[str]) -> list[dict[str, float]]:
        names = set(terms_of(" ".join(named_terms(" ".join(sentences), self._language)), self._language))
        return [self._weights(sentence, names) for sentence in sentences]

    def _of_sentence(self, sentence: str, weights: dict[str, float], probable: Sequence[float]) -> SentenceEvidence:
        if quoted := self._quoted(sentence):
            return SentenceEvidence(sentence, quoted, 1.0)
        chosen = self._chosen(probable, weights)
        shown = {term for number in chosen for term in self._passages[number].terms}
        found = sum(weight * ((term in shown) + (term in self._postings)) for term, weight in weights.items()) / 2
        return SentenceEvidence(
            sentence, tuple(map(self._span, chosen)), round(found / (sum(weights.values()) or 1), 3)
        )

    def _quoted(self, sentence: str) -> tuple[Span, ...]:
        """Return where the chapter has `sentence` itself, however its lines are broken."""
        found = re.search(r"\s+".join(map(re.escape, sentence.split())), self.text)
        if found is None:
            return ()
        return tuple(Span(start, end, self.text[start:end]) for start, end in _cut(self.text, *found.span()))[
            :MAX_SPANS
        ]

    def _weights(self, sentence: str, names: Collection[str]) -> dict[str, float]:
        """Return the terms of `sentence` with their weights: the rarer in the chapter, the heavier."""
        return {
            term: self._rarity(term) * (_NAME_WEIGHT if term in names or term.isdigit() else 1)
            for term in terms_of(sentence, self._language)
            if term in self._postings or len(term) > _FEW
        }

    def _rarity(self, term: str) -> float:
        having = len(self._postings.get(term, ())) or 1
        return math.log(1 + (len(self._passages) - having + 0.5) / (having + 0.5))

    def _resemblance(self, weights: dict[str, float]) -> list[float]:
        """Return how much each passage resembles a sentence with these terms, its neighbours helping."""
        scores = [0.0] * len(self._passages)
        for term, weight in weights.items():
            for number in self._postings.get(term, ()):
                often = self._passages[number].terms[term]
                scores[number] += weight * often * (_K1 + 1) / (often + self._lengths[number])
        return [
            score + _NEIGHBOUR * max(before, after)
            for score, before, after in zip(scores, [0.0, *scores[:-1]], [*scores[1:], 0.0], strict=True)
        ]

    def _chosen(self, probable: Sequence[float], weights: dict[str, float]) -> list[int]:
        """Return the most probable passage, and at most two more that are probable too or have what it lacks."""
        ranked = _best_first(probable)
        chosen, missing = ranked[:1], {term: weight for term, weight in weights.items() if term in self._postings}
        enough = _MIN_GAIN * (sum(weights.values()) or 1)
        for number in ranked[1:_CANDIDATES]:
            for term in self._passages[chosen[-1]].terms:
                missing.pop(term, None)
            gain = sum(missing.get(term, 0.0) for term in self._passages[number].terms)
            if len(chosen) < MAX_SPANS and (probable[number] >= _MIN_PROBABILITY or gain >= enough):
                chosen.append(number)
        return self._with_names(chosen, missing)

    def _with_names(self, chosen: list[int], missing: dict[str, float]) -> list[int]:
        """Return the passages with one that has a name or number which they lack, if there is room."""
        heavy = [term for term, weight in missing.items() if weight >= _NAME_WEIGHT * self._rarity(term)]
        lacking = [term for term in heavy if not any(term in self._passages[number].terms for number in chosen)]
        if not lacking or len(chosen) == MAX_SPANS:
            return chosen
        return [*chosen, self._postings[lacking[0]][0]]


def _best_first(probable: Sequence[float]) -> list[int]:
    return sorted(range(len(probable)), key=lambda number: -probable[number])


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a passage in pieces short enough to be quoted, cut at white space where there is some."""
    while end - start > MAX_QUOTE_CHARS:
        space = max(text.rfind(" ", start, start + MAX_QUOTE_CHARS), text.rfind("\n", start, start + MAX_QUOTE_CHARS))
        cut = space if space > start else start + MAX_QUOTE_CHARS
        yield start, cut
        start = cut + (text[cut].isspace())
    yield start, end


def share_by_tenth(evidence: Iterable[SentenceEvidence], length: int) -> tuple[float, ...]:
    """Return which share of the spans lies in each tenth of a chapter of `length` characters; all 0 without spans."""
    tenths = Counter(min(9, 10 * span.start // max(1, length)) for found in evidence for span in found.spans)
    total = tenths.total() or 1
    return tuple(tenths[number] / total for number in range(10))
