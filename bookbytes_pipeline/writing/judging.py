"""Whether a summary is good: its evidence, the text gate, and what may be kept of one that is not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.language import language_instead_of
from bookbytes_pipeline.domain.sentences import sentence_spans
from bookbytes_pipeline.domain.summary import Summary
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.evidence import ChapterIndex
from bookbytes_pipeline.writing.self_talk import without_self_talk
from bookbytes_pipeline.writing.support import names_any, unsupported_terms
from bookbytes_pipeline.writing.text_gate import (
    MIN_SHARE,
    Draft,
    Fault,
    faults_in,
    lacks_passage,
    without_words,
)

MAX_LEFT_OUT_SHARE = 0.34
"""Of the sentences of a summary: where more have no passage, the rest does not hold."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A summary with what is wrong with it."""

    summary: Summary
    faults: tuple[Fault, ...] = ()

    @property
    def is_hearable(self) -> bool:
        """Whether there is anything in it worth hearing."""
        return self.summary.known and not any(fault.fatal for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges answers to `request` about one text of `book`, indexed in `index`; None is a summary from memory.

    A model that `quotes` writes nothing of its own that could be wrong.
    """

    book: Book
    request: WritingRequest
    index: ChapterIndex | None
    quotes: bool = False

    def judge(self, summary: Summary) -> Judged:
        """The summary with its evidence and its faults; one that is not known has neither.

        There is no evidence where a chapter is in another language than the book: its words are not the summary's.
        """
        if not summary.known:
            return Judged(summary)
        if self.index and not language_instead_of(self._language, self.index.text):
            summary = replace(
                summary,
                unsupported=unsupported_terms(summary.text, self.index.text, self._titles(summary), self._language),
                evidence=self.index.evidence(summary.text),
            )
        draft = self._draft(summary)
        if self.quotes:
            nothing = without_words(draft)
            return Judged(summary, (Fault(without_words.__name__, nothing, fatal=True),) if nothing else ())
        return Judged(summary, faults_in(draft))

    def keep(self, best: Judged) -> tuple[Summary, Sequence[str]]:
        """What is kept of the better of two answers, and sentences about what was left out of it.

        Sentences without a passage are left out where the rest still holds, and so are an announcement and a word
        count. What else was wrong is named in the summary's `review_reasons`.
        """
        doubtful, notes = _doubtful_sentences(best.summary), []
        shortened = self._without(doubtful, best.summary)
        if shortened is not None and shortened.is_hearable and len(shortened.faults) < len(best.faults):
            sentences = [best.summary.evidence[number].sentence for number in doubtful]
            notes = [f"left out, because the chapter has no passage for it: {sentence}" for sentence in sentences]
            best = shortened
        plain = self.judge(replace(best.summary, text=without_self_talk(best.summary.text)))
        summary = plain.summary if plain.is_hearable else best.summary
        return replace(summary, review_reasons=tuple(fault.sentence for fault in best.faults)), notes

    def _without(self, doubtful: Sequence[int], summary: Summary) -> Judged | None:
        """The summary without these of its sentences; None where there are none, or too many."""
        if not doubtful or len(doubtful) > MAX_LEFT_OUT_SHARE * len(summary.evidence):
            return None
        text, spans = summary.text, list(sentence_spans(summary.text, self._language))
        for number in reversed(doubtful):
            start, end = spans[number]
            text = text[:start] + text[end:]
        paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
        rest = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
        return self.judge(replace(summary, text=rest)) if count_words(rest) >= MIN_SHARE * self.request.words else None

    def _draft(self, summary: Summary) -> Draft:
        return Draft(
            text=summary.text,
            words=self.request.words,
            language=self._language,
            titles=(self.book.title, self.book.author, summary.title),
            instructions=self.request.instructions,
            source=self.index.text if self.index else "",
            evidence=summary.evidence,
            unsupported=summary.unsupported,
        )

    def _titles(self, summary: Summary) -> str:
        return f"{self.book.title} {self.book.author} {summary.title}"

    @property
    def _language(self) -> str:
        return self.request.language


def _doubtful_sentences(summary: Summary) -> list[int]:
    """Which sentences have no passage, or names or numbers that the chapter lacks."""
    return [
        number
        for number, found in enumerate(summary.evidence)
        if lacks_passage(found) or names_any(found.sentence, summary.unsupported)
    ]


def better(first: Judged, second: Judged) -> Judged:
    """The one with fewer faults; the second where both have as many."""
    return min(second, first, key=lambda judged: (not judged.is_hearable, len(judged.faults)))
