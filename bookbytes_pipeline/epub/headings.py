"""Where the chapters of a book begin that has no contents: its headings."""

from collections.abc import Sequence

from bookbytes_pipeline.epub.marks import Mark, Marks
from bookbytes_pipeline.epub.matter import is_number
from bookbytes_pipeline.epub.package import Page
from bookbytes_pipeline.epub.text import Block, PageText


def from_headings(pages: Sequence[Page], texts: Sequence[PageText]) -> Marks:
    """Every page that has text, cut again at its headings where it holds several chapters."""
    linear = any(page.linear for page in pages)
    written = [number for number, text in enumerate(texts) if text.blocks and pages[number].linear == linear]
    marks = (mark for number in written for mark in _headed(number, texts[number].blocks, alone=len(written) == 1))
    return Marks(tuple(marks), headings=True)


def heading(blocks: Sequence[Block]) -> str:
    """The first heading among the blocks; a bare number takes the heading right after it along."""
    place = next((place for place, block in enumerate(blocks) if block.level and not block.note), None)
    if place is None:
        return ""
    first, following = blocks[place], blocks[place + 1 : place + 2]
    parts = [first, *(block for block in following if block.level and is_number(first.text))]
    return ": ".join(block.text for block in parts)


def _headed(number: int, blocks: Sequence[Block], *, alone: bool) -> list[Mark]:
    """One mark for a page, or one for each of its highest headings if there are several."""
    starts = _top_headings(blocks)
    chapters = _top_headings(blocks, below=blocks[0].level) if alone and starts == [0] else []
    if len(chapters) > 1:
        return [Mark(number, 0, blocks[0].text, holds=True), *_marked(number, chapters, blocks, level=1)]
    return _marked(number, [0, *starts[1:]], blocks, level=0)


def _marked(number: int, starts: Sequence[int], blocks: Sequence[Block], *, level: int) -> list[Mark]:
    return [
        Mark(number, start, heading(blocks[start:end]), level)
        for start, end in zip(starts, [*starts[1:], len(blocks)], strict=True)
    ]


def _top_headings(blocks: Sequence[Block], below: int = 0) -> list[int]:
    """The places of the highest headings beneath level `below`, without those that follow another at once."""
    top = min((block.level for block in blocks if block.level > below), default=0)
    places = [place for place, block in enumerate(blocks) if top and block.level == top]
    return [place for place in places if not place or blocks[place - 1].level != top]
