"""The offline stand-in for a language model: it writes nothing, it quotes a chapter's most important sentences."""

import asyncio
import os
from collections.abc import Callable, Collection, Sequence
from itertools import dropwhile

from bookbytes_pipeline.domain.errors import Refused
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.models.sentences import (
    MAX_QUOTABLE_WORDS,
    all_sentences,
    first_words,
    needs_context,
    openings,
    paragraphs_of,
    prose_sentences,
    words_of,
)

_PER_PARAGRAPH = 3
"""Sentences: enough for a thought, few enough for a pause to come soon."""


class ExtractiveModel:
    """Answers `chapter_summary` from the chapter's own text, free, offline and the same every time."""

    name = "extractive"
    model = "sumy-textrank"
    needs_text = True
    quotes = True

    async def write(self, request: WritingRequest) -> Answer:
        """The summary of `request.text`; raises `Refused` for any other request, and without text."""
        if request.name != "chapter_summary":
            raise Refused(
                "The extractive language model can only summarise a chapter that it is given; it knows no books. "
                "Attach the book's EPUB, or set OPENAI_API_KEY."
            )
        if not words_of(request.text):
            raise Refused(
                "The extractive language model needs the book's text; attach its EPUB, or set OPENAI_API_KEY."
            )
        summary = await asyncio.to_thread(extract, request.text, request.words, request.language)
        return Answer({"known": True, "summary": summary}, self.model, TokenUsage())


def extract(text: str, words: int, language: str) -> str:
    """Return about `words` words of `text` in its order, as paragraphs; all of it where it is no longer than that."""
    if len(words_of(text)) <= words:
        return "\n\n".join(paragraphs_of(text))
    select_sentences = _load_selection()
    base = language.partition("-")[0].lower()
    candidates = _candidates(text, words, base)
    chosen = select_sentences(candidates, openings(text, base), words, base) or [_shortest(candidates, words)]
    return _in_paragraphs(_with_clear_start(chosen, base))


def _load_selection() -> Callable[[Sequence[str], Collection[str], int, str], list[str]]:
    # numpy reads this when it is imported: it would start a thread for each core, which these small
    # matrices do not need.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from bookbytes_pipeline.providers.models.text_rank import select_sentences  # noqa: PLC0415 - slow to load, see there

    return select_sentences


def _candidates(text: str, words: int, language: str) -> list[str]:
    """Return the best kind of sentences that there are enough of: a play or a poem may have nothing but its lines."""
    prose = prose_sentences(text, language)
    independent = [sentence for sentence in prose if not needs_context(sentence, language)]
    if len(words_of(" ".join(independent))) >= words:
        return independent
    if len(words_of(" ".join(prose))) >= words / 2:
        return prose
    return all_sentences(text, language)


def _shortest(candidates: Sequence[str], words: int) -> str:
    """One sentence where none fits; cut if it is not really one, as in scripts that do not mark where they end."""
    return first_words(min(candidates, key=len), max(words, MAX_QUOTABLE_WORDS))


def _with_clear_start(chosen: list[str], language: str) -> list[str]:
    return list(dropwhile(lambda sentence: needs_context(sentence, language), chosen)) or chosen


def _in_paragraphs(sentences: Sequence[str]) -> str:
    groups = (sentences[start : start + _PER_PARAGRAPH] for start in range(0, len(sentences), _PER_PARAGRAPH))
    return "\n\n".join(" ".join(group) for group in groups)
