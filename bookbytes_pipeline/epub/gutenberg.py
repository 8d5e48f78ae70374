"""The header and the licence that Project Gutenberg puts around a book."""

import re
from collections.abc import Sequence

from bookbytes_pipeline.epub.blocks import PageText

_START = re.compile(
    r"\*{2,3}\s?START OF (?:THE|THIS) PROJECT GUTENBERG|\*END\*\s?THE SMALL PRINT"
    r"|^The Project Gutenberg e?-?(?:book|text),? of\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"\*{2,3}\s?END OF (?:THE|THIS) PROJECT GUTENBERG|^(?:This is the )?End of (?:the |this )?Project Gutenberg"
    r"|^(?:THE )?FULL PROJECT GUTENBERG|\*{2,3}\s?START: FULL LICEN[CS]E",
    re.IGNORECASE,
)
_HEADER_BLOCKS = 60
"""The header is at the beginning of the book, or of the page that it is on."""


def without_gutenberg(texts: Sequence[PageText]) -> tuple[PageText, ...]:
    """Return the pages without header and licence, which no listener wants to hear in every book."""
    if not any("gutenberg" in block.text.lower() for text in (*texts[:3], *texts[-3:]) for block in text.blocks):
        return tuple(texts)
    start = _header_end(texts)
    end = next(
        (
            (page, index)
            for page, text in enumerate(texts)
            for index, block in enumerate(text.blocks)
            if _END.search(block.text)
        ),
        (len(texts), 0),
    )
    return tuple(_between(text, page, start, end) for page, text in enumerate(texts))


def _header_end(texts: Sequence[PageText]) -> tuple[int, int]:
    """Return the place after the last line of the header; the first place if there is none."""
    found = (0, 0)
    for page, text in enumerate(texts[:3]):
        for index, block in enumerate(text.blocks[:_HEADER_BLOCKS]):
            if _START.search(block.text) and not block.level:
                found = (page, index + 1)
    return found


def _between(text: PageText, page: int, start: tuple[int, int], end: tuple[int, int]) -> PageText:
    kept = [([index], block) for index, block in enumerate(text.blocks) if start <= (page, index) < end]
    return text if len(kept) == len(text.blocks) else text.regrouped(kept)
