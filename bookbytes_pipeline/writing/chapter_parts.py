"""A chapter that is too long to be read at once, in parts that are not."""

import math
import re
from collections.abc import Iterator

from bookbytes_pipeline.domain.sentences import sentence_spans
from bookbytes_pipeline.domain.words import UNSPACED
from bookbytes_pipeline.domain.writing_request import WritingRequest

_CHARS_PER_TOKEN = 3
"""English has four or five; a language that the model saw less of has fewer."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_TOKENS_PER_WORD = 3
"""Of the answer, in languages with long words."""
_ANSWER_MARGIN_TOKENS = 500
"""What else stands in an answer: the form, and a model's second thoughts."""
_MARGIN_TOKENS = 200
"""What a server adds: the template of the conversation, the schema."""
_BLANK_LINES = re.compile(r"\n\s*\n")


def estimated_tokens(text: str) -> int:
    """Return how many tokens `text` takes, rather too many than too few."""
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    return math.ceil((len(text) - unspaced) / _CHARS_PER_TOKEN) + unspaced


def tokens_needed(request: WritingRequest) -> int:
    """Return how many tokens a request and its answer take together."""
    asked = estimated_tokens(request.instructions) + estimated_tokens(request.prompt)
    return asked + answer_tokens(request.words) + _MARGIN_TOKENS


def answer_tokens(words: int) -> int:
    """Return how many tokens an answer of so many words takes, rather too many than too few."""
    return _TOKENS_PER_WORD * words + _ANSWER_MARGIN_TOKENS


def parts_of_text(text: str, parts: int, language: str) -> list[str]:
    """Return `text` in about `parts` parts of about the same length, cut at the ends of paragraphs.

    A paragraph that is longer than a part is cut at the end of a sentence, and a sentence that is longer anywhere.
    """
    size = math.ceil(len(text) / parts)
    cut: list[str] = []
    for piece in _pieces(text, size, language):
        if cut and len(cut[-1]) + len(piece) / 2 <= size:
            cut[-1] += piece
        else:
            cut.append(piece)
    return [part.strip() for part in cut if part.strip()]


def _pieces(text: str, size: int, language: str) -> Iterator[str]:
    """Yield `text` in pieces that may be joined again: paragraphs, or what is left of longer ones."""
    ends = [found.end() for found in _BLANK_LINES.finditer(text)]
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        if end - start <= size:
            yield text[start:end]
        else:
            yield from _sentences(text[start:end], size, language)


def _sentences(paragraph: str, size: int, language: str) -> Iterator[str]:
    starts = [start for start, _ in sentence_spans(paragraph, language)][1:]
    for start, end in zip([0, *starts], [*starts, len(paragraph)], strict=True):
        yield from (paragraph[cut : min(cut + size, end)] for cut in range(start, end, size))
