"""From a chapter to a summary that may be kept, by way of a language model."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bookbytes_pipeline.domain.book import Book, Chapter
from bookbytes_pipeline.domain.errors import TooLong
from bookbytes_pipeline.domain.pace import summary_words
from bookbytes_pipeline.domain.summary import BookSummaries, Summary
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.execution.checked_answers import Spending, ask
from bookbytes_pipeline.providers.response_cache import CachingModel
from bookbytes_pipeline.writing.book_summary import (
    book_as_chapter,
    book_summary_request,
    chapter_summaries_text,
    grounding_of,
)
from bookbytes_pipeline.writing.chapter_parts import estimated_tokens, parts_of_text, tokens_needed
from bookbytes_pipeline.writing.chapter_summary import (
    MIN_PART_WORDS,
    part_request,
    parts_request,
    read_summary,
    summary_request,
)
from bookbytes_pipeline.writing.evidence import ChapterIndex
from bookbytes_pipeline.writing.judging import Judge, Judged

MIN_PART_CHARS = 1500
"""About a page: who reads less at once understands no chapter."""
PARTS_LENGTH = 1.5
"""The summaries of the parts together, compared with the summary made of them."""


@dataclass
class SummaryWriter:
    """Writes the summaries of one book with one language model.

    `full_length` is the length in words of the summary of a long chapter. `max_tokens` is how much the model reads at
    once as far as is known: what a server says about it for one chapter is remembered for the others.
    `on_note` is told in a sentence what was done to a summary.
    """

    model: CachingModel
    book: Book
    language: str
    full_length: int
    max_tokens: int
    on_note: Callable[[str], None]

    async def write(self, chapter: Chapter, text: str) -> tuple[Summary, Spending]:
        """Return the chapter's summary, from its `text` if there is any, with its evidence, and what it cost.

        What fails the text gate is asked for once more; what then fails is named in the `review_reasons`. Raises
        `PoorSummary` where there is nothing worth hearing, and whatever the model raises.
        """
        request = summary_request(self.book, chapter, text, self.language, self.full_length)
        return await self._write(chapter, request, text)

    async def write_book(self, summaries: BookSummaries) -> tuple[Summary, Spending]:
        """Return the summary of the whole book, made of those of its chapters; see `write`.

        It has no evidence: its passages would be in summaries, and not in the book.
        """
        text = chapter_summaries_text(summaries.summaries)
        request = book_summary_request(self.book, text, self.language, self.full_length)
        summary, spent = await self._write(book_as_chapter(self.book, self.language), request, text)
        return replace(summary, grounding=grounding_of(summaries), evidence=()), spent

    async def _write(self, chapter: Chapter, request: WritingRequest, text: str) -> tuple[Summary, Spending]:
        spent = Spending()
        judge = self._judge(request, ChapterIndex(text, self.language) if text else None)
        best = await self._answered(chapter, judge, spent)
        if not best.faults:
            return best.summary, spent
        summary, notes = judge.keep(best)
        for note in notes:
            self.on_note(f"Chapter {chapter.number} ({chapter.title}): {note}")
        return summary, spent

    async def _answered(self, chapter: Chapter, judge: Judge, spent: Spending) -> Judged:
        """Return the answer about the judge's text, read at once or, where it is too long for that, in parts."""
        if judge.index is None or tokens_needed(judge.request) <= self.max_tokens:
            try:
                return await self._ask(chapter, judge, spent)
            except TooLong as error:
                if judge.index is None:
                    raise
                self._learn(judge.request, error)
        return await self._from_parts(chapter, judge, judge.index, spent)

    async def _ask(self, chapter: Chapter, judge: Judge, spent: Spending) -> Judged:
        text = judge.index.text if judge.index else ""
        return await ask(self.model, judge, partial(read_summary, chapter, text), spent)

    def _learn(self, request: WritingRequest, error: TooLong) -> None:
        """Remember how much the server reads at once: what it said, else half of what was too much."""
        needed = tokens_needed(request)
        said = error.max_tokens if error.max_tokens and error.max_tokens < needed else needed // 2
        if said < self.max_tokens:
            self.max_tokens = said
            self.on_note(f"{error} Long chapters are summarised in parts.")

    async def _from_parts(self, chapter: Chapter, judge: Judge, index: ChapterIndex, spent: Spending) -> Judged:
        requests = self._part_requests(chapter, judge.request, index.text)
        written = await asyncio.gather(*(self._part(chapter, request, spent) for request in requests))
        summaries = "\n\n".join(text for text in written if text)
        if not summaries:
            return Judged(read_summary(chapter, index.text, {"known": False, "summary": ""}))
        return await self._merged(chapter, judge, index, summaries, spent)

    async def _merged(
        self, chapter: Chapter, judge: Judge, index: ChapterIndex, summaries: str, spent: Spending
    ) -> Judged:
        """Return one summary made of those of the parts, which are themselves read in parts if they are too long.

        Where that leads nowhere the server is asked all the same: what a request needs is estimated with room to spare.
        """
        request = parts_request(self.book, chapter, summaries, self.language, judge.request.words)
        can_be_divided = 2 * MIN_PART_CHARS <= len(summaries) < len(index.text)
        if tokens_needed(request) <= self.max_tokens or not can_be_divided:
            try:
                return await self._ask(chapter, self._judge(request, index), spent)
            except TooLong as error:
                if not can_be_divided:
                    raise
                self._learn(request, error)
        shorter = ChapterIndex(summaries, self.language)
        return judge.judge((await self._from_parts(chapter, self._judge(request, shorter), shorter, spent)).summary)

    def _part_requests(self, chapter: Chapter, request: WritingRequest, text: str) -> list[WritingRequest]:
        """Return what to ask about each part of `text`, so that the model can read it.

        Raises `TooLong` where the parts would be scraps.
        """
        least = part_request(self.book, chapter, "", self.language, part=1, parts=2, words=1)
        room = max(1, self.max_tokens - tokens_needed(least))
        parts = max(2, math.ceil(estimated_tokens(text) / room))
        while len(text) / parts >= MIN_PART_CHARS:
            requests = self._divided(chapter, text, parts, request.words)
            if all(tokens_needed(each) <= self.max_tokens for each in requests):
                return requests
            parts += 1
        raise TooLong(
            f"The language model {self.model.model} reads about {self.max_tokens} tokens at once, which is too "
            "little for a chapter. Give its server a larger context, or choose another model (OPENAI_MODEL)."
        )

    def _divided(self, chapter: Chapter, text: str, parts: int, words: int) -> list[WritingRequest]:
        texts = parts_of_text(text, parts, self.language)
        each = max(MIN_PART_WORDS, math.ceil(PARTS_LENGTH * words / len(texts)))
        lengths = [summary_words(count_words(part), each) for part in texts]
        return [
            part_request(self.book, chapter, part, self.language, part=number, parts=len(texts), words=length)
            for number, (part, length) in enumerate(zip(texts, lengths, strict=True), start=1)
        ]

    async def _part(self, chapter: Chapter, request: WritingRequest, spent: Spending) -> str:
        """Return the summary of one part of a chapter; empty where the model says that there is nothing in it."""
        judge = self._judge(request, ChapterIndex(request.text, self.language))
        return (await self._answered(chapter, judge, spent)).summary.text

    def _judge(self, request: WritingRequest, index: ChapterIndex | None) -> Judge:
        return Judge(self.book, request, index, quotes=self.model.quotes)
