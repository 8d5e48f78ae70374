"""Which prompts, model and voice made something: a short hash that changes when any of them does."""

import json

from bookbytes_pipeline.domain.corrections import with_correction
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.pace import WORDS_PER_MINUTE
from bookbytes_pipeline.writing import chapter_list, chapter_summary
from bookbytes_pipeline.writing.prompts import prompt

_SUMMARY_PROMPTS = ("chapter_summary_from_text", "chapter_summary_from_memory")


def chapter_list_fingerprint(provider: str, model: str) -> str:
    """What a remembered chapter list depends on besides the book."""
    return _short(provider, model, *prompt("chapter_list"), json.dumps(chapter_list.SCHEMA))


def summaries_fingerprint(provider: str, model: str, minutes: float = 3) -> str:
    """What summaries depend on besides the book and what people chose for it; `minutes` is the usual length."""
    prompts = [part for name in _SUMMARY_PROMPTS for part in prompt(name)]
    return _short(provider, model, *prompts, json.dumps(chapter_summary.SCHEMA), round(minutes * WORDS_PER_MINUTE))


def audio_fingerprint(narrator: str, voice: str, encoding: str) -> str:
    """What clips depend on besides the summaries."""
    return _short(narrator, voice, encoding)


def book_fingerprint(summaries: str, audio: str, listing: str | None = None, correction: str = "") -> str:
    """What a published book depends on besides the book itself.

    `listing` is given where a model remembered its chapters, `correction` where people corrected them.
    """
    return with_correction("-".join(part for part in (summaries, audio, listing) if part), correction)


def _short(*parts: str | int) -> str:
    return digest(*parts)[:12]
