"""Where the sections of a book without contents start: at its headings."""

from collections.abc import Sequence

from bookbytes_pipeline.epub.matter import is_number
from bookbytes_pipeline.epub.package import Page
from bookbytes_pipeline.epub.section_starts import SectionStart, SectionStarts
from bookbytes_pipeline.epub.text import Block, PageText


def from_headings(pages: Sequence[Page], texts: Sequence[PageText]) -> SectionStarts:
    """Start a section at every page with text, and at its headings where it holds several chapters."""
    linear = any(page.linear for page in pages)
    written = [number for number, text in enumerate(texts) if text.blocks and pages[number].linear == linear]
    alone = len(written) == 1
    starts = (start for number in written for start in _page_starts(number, texts[number].blocks, alone=alone))
    return SectionStarts(tuple(starts), headings=True)


def heading(blocks: Sequence[Block]) -> str:
    """Return the first heading among the blocks; a bare number is joined with the heading right after it."""
    index = next((index for index, block in enumerate(blocks) if block.level and not block.note), None)
    if index is None:
        return ""
    first, following = blocks[index], blocks[index + 1 : index + 2]
    parts = [first, *(block for block in following if block.level and is_number(first.text))]
    return ": ".join(block.text for block in parts)


def _page_starts(number: int, blocks: Sequence[Block], *, alone: bool) -> list[SectionStart]:
    """Return one start for a page, or one for each of its highest headings if there are several."""
    starts = _top_headings(blocks)
    chapters = _top_headings(blocks, below=blocks[0].level) if alone and starts == [0] else []
    if len(chapters) > 1:
        return [SectionStart(number, 0, blocks[0].text, holds=True), *_starts_at(number, chapters, blocks, level=1)]
    return _starts_at(number, [0, *starts[1:]], blocks, level=0)


def _starts_at(number: int, starts: Sequence[int], blocks: Sequence[Block], *, level: int) -> list[SectionStart]:
    return [
        SectionStart(number, start, heading(blocks[start:end]), level)
        for start, end in zip(starts, [*starts[1:], len(blocks)], strict=True)
    ]


def _top_headings(blocks: Sequence[Block], below: int = 0) -> list[int]:
    """Return the indices of the highest headings below level `below`, without those right after another one."""
    top = min((block.level for block in blocks if block.level > below), default=0)
    indices = [index for index, block in enumerate(blocks) if top and block.level == top]
    return [index for index in indices if not index or blocks[index - 1].level != top]
