"""Where the sentences of a text begin and end."""

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

_PARAGRAPH = re.compile(r"\S(?:(?!\n\s*\n).)*", re.DOTALL)
_ORDINAL = re.compile(r"(?<!\d)\d{1,2}\.$")
DOTTED_ORDINALS = frozenset(
    {"cs", "da", "de", "et", "fi", "hr", "hu", "is", "lb", "lv", "nb", "nn", "no", "pl", "sk", "sl", "sr", "tr"}
)
"""Languages that write `17.` for the seventeenth; a year ends sentences there as well."""


def sentence_spans(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each sentence of `text`, without the white space around it.

    `language` is a BCP 47 tag. No sentence reaches over a blank line.
    """
    base = language.partition("-")[0].lower()
    for paragraph in _PARAGRAPH.finditer(text):
        start = paragraph.start()
        for found in get_sentence_boundaries(base, paragraph[0]):
            end = paragraph.start() + int(found["end_index"])
            sentence = text[start:end].strip()
            if base in DOTTED_ORDINALS and end < paragraph.end() and _ORDINAL.search(sentence):
                continue
            if sentence:
                first = start + len(text[start:end]) - len(text[start:end].lstrip())
                yield first, first + len(sentence)
            start = end


def sentences_of(text: str, language: str) -> list[str]:
    """Return the sentences of `text` in order."""
    return [text[start:end] for start, end in sentence_spans(text, language)]
