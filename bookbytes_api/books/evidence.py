"""The evidence of a summary in responses."""

from typing import Any
from uuid import UUID

import msgspec

from bookbytes_pipeline.domain.summary import Grounding
from bookbytes_pipeline.library.models import ChapterRow


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A passage of the chapter's text: `text[start:end] == quote`, at most 300 characters."""

    start: int
    end: int
    quote: str


class SentenceEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence of the summary with the one to three passages of the chapter that it seems to rest on, the best first.

    `support` (0 to 1) is how much of the sentence's wording is found again. It does not say that the sentence is true.
    """

    sentence: str
    support: float
    spans: list[Span]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """The sentences of a chapter's summary with their passages.

    There are none for a summary from memory, and for one that an older version made.
    """

    chapter_id: UUID
    grounding: Grounding
    sentences: list[SentenceEvidence]


def evidence_view(chapter: ChapterRow, sentences: list[dict[str, Any]]) -> Evidence:
    """Return the evidence of a chapter's summary."""
    shown = msgspec.convert(sentences, list[SentenceEvidence])
    return Evidence(chapter_id=chapter.id, grounding=Grounding(chapter.grounding), sentences=shown)
