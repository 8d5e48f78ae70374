"""The offline stand-in for a language model: it writes nothing, it quotes a chapter's most telling sentences."""

import asyncio
import os
from collections.abc import Callable, Collection, Sequence
from itertools import dropwhile

from bookbytes_pipeline.domain.errors import Refused
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.models.sentences import (
    LONGEST,
    all_sentences,
    first_words,
    leans,
    openings,
    paragraphs_of,
    prose_sentences,
    words_of,
)

_PARAGRAPH = 3
"""Sentences: enough for a thought, few enough for a pause to come soon."""


class ExtractiveModel:
    """Answers `chapter_summary` from the chapter's own text, free, offline and the same every time."""

    name = "extractive"
    model = "sumy-textrank"
    needs_text = True

    async def write(self, request: WritingRequest) -> Answer:
        """The summary of `request.text`; raises `Refused` for any other task, and without text."""
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
    """About `words` words of `text` in its order, as paragraphs; all of it where it is no longer than that."""
    if len(words_of(text)) <= words:
        return "\n\n".join(paragraphs_of(text))
    select_sentences = _analysis()
    spoken = language.partition("-")[0].lower()
    candidates = _candidates(text, words, spoken)
    chosen = select_sentences(candidates, openings(text, spoken), words, spoken) or [_shortest(candidates, words)]
    return _in_paragraphs(_begun_well(chosen, spoken))


def _analysis() -> Callable[[Sequence[str], Collection[str], int, str], list[str]]:
    # numpy looks at this as it loads: it would start a thread for each core, of which these small matrices need none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from bookbytes_pipeline.providers.models.text_rank import select_sentences  # noqa: PLC0415 - slow to load, see there

    return select_sentences


def _candidates(text: str, words: int, language: str) -> list[str]:
    """The best kind of sentences there is enough of: a play or a poem may have nothing but its lines."""
    prose = prose_sentences(text, language)
    upright = [sentence for sentence in prose if not leans(sentence, language)]
    if len(words_of(" ".join(upright))) >= words:
        return upright
    if len(words_of(" ".join(prose))) >= words / 2:
        return prose
    return all_sentences(text, language)


def _shortest(candidates: Sequence[str], words: int) -> str:
    """One sentence where none fits; cut if it is not really one, as in scripts that do not mark where they end."""
    return first_words(min(candidates, key=len), max(words, LONGEST))


def _begun_well(chosen: list[str], language: str) -> list[str]:
    return list(dropwhile(lambda sentence: leans(sentence, language), chosen)) or chosen


def _in_paragraphs(sentences: Sequence[str]) -> str:
    groups = (sentences[start : start + _PARAGRAPH] for start in range(0, len(sentences), _PARAGRAPH))
    return "\n\n".join(" ".join(group) for group in groups)
