"""The offline stand-in for a language model: it writes nothing, it quotes a chapter's most important sentences."""

import asyncio
import os
from collections.abc import Callable

from bookbytes_pipeline.domain.errors import Refused
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.models.material import Material, material_for
from bookbytes_pipeline.providers.models.paragraphs import in_paragraphs
from bookbytes_pipeline.providers.models.sentences import MAX_QUOTABLE_WORDS, first_words, paragraphs_of, words_of
from bookbytes_pipeline.providers.models.units import joined_units

_SUMMARIES = ("chapter_summary", "book_summary")


class ExtractiveModel:
    """Answers requests for summaries from the text that they bring, free, offline and the same every time."""

    name = "extractive"
    model = "sumy-textrank"
    needs_text = True
    quotes = True

    async def write(self, request: WritingRequest) -> Answer:
        """The summary of `request.text`; raises `Refused` for any other request, and without text."""
        if request.name not in _SUMMARIES:
            raise Refused(
                "The extractive language model can only summarise a text that it is given; it knows no books. "
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
    material = material_for(text, words, base)
    numbers = select_sentences(material, words, base)
    if not numbers:
        return _shortest(material, words)
    units = joined_units(numbers, material.units)
    return in_paragraphs([[material.sentences[number] for number in unit] for unit in units])


def _load_selection() -> Callable[[Material, int, str], list[int]]:
    # numpy reads this when it is imported: it would start a thread for each core, which these small
    # matrices do not need.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from bookbytes_pipeline.providers.models.text_rank import select_sentences  # noqa: PLC0415 - slow to load, see there

    return select_sentences


def _shortest(material: Material, words: int) -> str:
    """One sentence where none fits; cut if it is not really one, as in scripts that do not mark where they end."""
    texts = (" ".join(material.sentences[number].text for number in unit) for unit in material.units)
    return first_words(min(texts, key=len), max(words, MAX_QUOTABLE_WORDS))
