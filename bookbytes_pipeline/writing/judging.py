"""Whether a summary is good: its evidence, the text gate, and what may be kept of one that is not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.summary import Summary
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.evidence import ChapterIndex
from bookbytes_pipeline.writing.self_talk import without_self_talk
from bookbytes_pipeline.writing.support import unsupported_terms
from bookbytes_pipeline.writing.text_gate import MIN_SHARE, MIN_SUPPORT, Draft, Fault, faults_in, without_words

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
        """The summary with its evidence and its faults; one that is not known has neither."""
        if not summary.known:
            return Judged(summary)
        if self.index:
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

        Sentences without a passage are left out where the rest still holds; what else is wrong is named in the
        summary's `review_reasons`.
        """
        shortened = self._without_unsupported(best.summary)
        if shortened is not None and len(shortened.faults) < len(best.faults):
            kept = {found.sentence for found in shortened.summary.evidence}
            left_out = [found.sentence for found in best.summary.evidence if found.sentence not in kept]
            notes = [f"left out, because the chapter has no passage for it: {sentence}" for sentence in left_out]
        else:
            shortened, notes = best, []
        plain = without_self_talk(shortened.summary.text)
        summary = self.judge(replace(shortened.summary, text=plain)).summary
        return replace(summary, review_reasons=tuple(fault.sentence for fault in shortened.faults)), notes

    def _without_unsupported(self, summary: Summary) -> Judged | None:
        """The summary without the sentences that have no passage; None where there are none, or too many."""
        doubtful = [
            found.sentence
            for found in summary.evidence
            if found.support < MIN_SUPPORT
            or any(term.casefold() in found.sentence.casefold() for term in summary.unsupported)
        ]
        if not doubtful or len(doubtful) > MAX_LEFT_OUT_SHARE * len(summary.evidence):
            return None
        text = summary.text
        for sentence in doubtful:
            text = text.replace(sentence, "", 1)
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


def better(first: Judged, second: Judged) -> Judged:
    """The one with fewer faults; the second where both have as many."""
    return min(second, first, key=lambda judged: (not judged.is_hearable, len(judged.faults)))
