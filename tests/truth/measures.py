"""What is measured of evidence, on the labelled texts and summaries beside this file. See docs/reference/truth.md."""

import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from bookbytes_pipeline.domain.evidence import SentenceEvidence, Span
from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.providers.models.extractive import extract
from bookbytes_pipeline.sample.epub import sample_epub
from bookbytes_pipeline.writing.evidence import ChapterIndex, share_by_tenth
from bookbytes_pipeline.writing.support import unsupported_terms
from bookbytes_pipeline.writing.text_gate import MIN_SUPPORT

LABELLED = Path(__file__).parent / "labelled"
OFFLINE_WORDS = 250


@dataclass(frozen=True)
class Pair:
    """A sentence of a summary, and the sentences of its chapter that a careful reader accepts as its passage."""

    sentence: str
    spans: tuple[str, ...]


@dataclass(frozen=True)
class LabelledChapter:
    """A chapter with the sentences of its summary in their order."""

    name: str
    language: str
    text: str
    pairs: tuple[Pair, ...]

    @property
    def sentences(self) -> list[str]:
        """The sentences of the summary."""
        return [pair.sentence for pair in self.pairs]

    @property
    def index(self) -> ChapterIndex:
        """A new index of the chapter."""
        return ChapterIndex(self.text, self.language)


@dataclass(frozen=True)
class Recall:
    """Of how many sentences a labelled passage was ranked first, among the first three, or is shown."""

    first: int = 0
    three: int = 0
    shown: int = 0
    total: int = 0

    def __add__(self, other: "Recall") -> "Recall":
        return Recall(
            self.first + other.first, self.three + other.three, self.shown + other.shown, self.total + other.total
        )


def chapter_text(name: str) -> str:
    """Return the text of `whale`, `sample:2` or `canary/changed`."""
    if name.startswith("sample:"):
        return _sample()[int(name.removeprefix("sample:"))]
    folder = LABELLED if "/" in name else LABELLED / "chapters"
    return (folder / f"{name}.txt").read_text(encoding="utf-8").strip()


@cache
def labelled_chapters() -> tuple[LabelledChapter, ...]:
    """Return all chapters of the gold set."""
    pairs: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for row in json.loads((LABELLED / "gold.json").read_text(encoding="utf-8")):
        pairs[row["chapter"], row["language"]].append(Pair(row["sentence"], tuple(row["spans"])))
    return tuple(
        LabelledChapter(name, language, chapter_text(name), tuple(found)) for (name, language), found in pairs.items()
    )


def from_memory() -> str:
    """Return a summary of the canary by a model that knows the chapter as it was before it was changed."""
    return _paragraphs([row["sentence"] for row in canary("from_memory")])


def from_text() -> str:
    """Return a summary of the canary by a model that follows its text."""
    return _paragraphs([row["sentence"] for row in canary("from_text")])


def canary(name: str) -> list[dict[str, str]]:
    """Return the sentences of one of the two summaries of the canary, with their labels."""
    rows: list[dict[str, str]] = json.loads((LABELLED / "canary" / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def recall(chapter: LabelledChapter, order: Sequence[int] | None = None) -> Recall:
    """Return how well passages are found for the summary's sentences in an `order`, by default their own."""
    pairs = [chapter.pairs[number] for number in order or range(len(chapter.pairs))]
    sentences = [pair.sentence for pair in pairs]
    shown = {found.sentence: found for found in chapter.index.evidence(" ".join(sentences))}
    total = Recall()
    for pair, ranked in zip(pairs, chapter.index.rank(sentences), strict=True):
        places = [_place(chapter.text, quote) for quote in pair.spans]
        hits = [_overlaps(span, places) for span in ranked[:3]]
        evidence = shown.get(pair.sentence)
        seen = evidence is not None and any(_overlaps(span, places) for span in evidence.spans)
        total += Recall(hits[0], any(hits), seen, 1)
    return total


def shuffled(count: int) -> list[int]:
    """Return the same shuffled order of so many sentences every time."""
    return random.Random(count).sample(range(count), count)  # noqa: S311 - not a secret


def gold_evidence() -> Iterator[tuple[LabelledChapter, tuple[SentenceEvidence, ...]]]:
    """Yield the evidence of the labelled summaries."""
    for chapter in labelled_chapters():
        yield chapter, chapter.index.evidence(" ".join(chapter.sentences))


def offline_evidence() -> Iterator[tuple[str, str, tuple[SentenceEvidence, ...]]]:
    """Yield name, text and evidence of the offline summaries of all chapters."""
    names = [*(f"sample:{number}" for number in _sample()), "whale", "beagle", "muehle"]
    for name in names:
        text, language = chapter_text(name), "de" if name == "muehle" else "en"
        yield name, text, ChapterIndex(text, language).evidence(extract(text, OFFLINE_WORDS, language))


def invalid_spans(text: str, evidence: Sequence[SentenceEvidence]) -> list[Span]:
    """Return the spans whose quote is not what stands there."""
    return [span for found in evidence for span in found.spans if text[span.start : span.end] != span.quote]


def last_tenth(text: str, evidence: Sequence[SentenceEvidence]) -> float:
    """Return which share of the spans lies in the last tenth of the text."""
    return share_by_tenth(evidence, len(text))[-1]


def caught(name: str) -> dict[str, bool]:
    """Return for each sentence of a summary of the canary whether the gate would ask for it again."""
    sentences = [row["sentence"] for row in canary(name)]
    text = chapter_text("canary/changed")
    lacking = unsupported_terms(" ".join(sentences), text, "", "en")
    found = {found.sentence: found.support for found in ChapterIndex(text, "en").evidence(" ".join(sentences))}
    return {
        sentence: found.get(sentence, 1.0) < MIN_SUPPORT or any(term.lower() in sentence.lower() for term in lacking)
        for sentence in sentences
    }


def supports() -> tuple[list[float], list[float]]:
    """Return the support of right sentences, and that of sentences about another book in the same language."""
    right = [found.support for _, evidence in gold_evidence() for found in evidence]
    wrong = [
        found.support
        for chapter in labelled_chapters()
        for other in labelled_chapters()
        if _book(other) != _book(chapter) and other.language == chapter.language
        for found in chapter.index.evidence(" ".join(other.sentences))
    ]
    return right, wrong


def cpu_seconds(text: str, summary: str) -> float:
    """Return the CPU time of finding the passages of a summary."""
    begin = time.process_time()
    ChapterIndex(text, "en").evidence(summary)
    return time.process_time() - begin


@cache
def _sample() -> Mapping[int, str]:
    return {chapter.number: chapter.text for chapter in read_epub(BytesIO(sample_epub())).chapters}


def _book(chapter: LabelledChapter) -> str:
    return chapter.name.partition(":")[0]


def _paragraphs(sentences: Sequence[str]) -> str:
    return "\n\n".join(" ".join(sentences[start : start + 5]) for start in range(0, len(sentences), 5))


def _place(text: str, quote: str) -> tuple[int, int]:
    start = text.index(quote)
    return start, start + len(quote)


def _overlaps(span: Span, places: Sequence[tuple[int, int]]) -> bool:
    return any(span.start < end and span.end > start for start, end in places)
