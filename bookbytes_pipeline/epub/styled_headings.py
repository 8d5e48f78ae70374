"""Headings that a book sets as paragraphs: "CHAPTER ONE" alone on a line, centred, bold or by a class.

Word processors and PDF converters know no headings; without them such a book would be one chapter.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from bookbytes_pipeline.epub.blocks import Block, PageText
from bookbytes_pipeline.epub.matter import is_chapter_title, is_number, is_part_title, plain
from bookbytes_pipeline.epub.numerals import number_of
from bookbytes_pipeline.epub.reading_order import ReadingOrder

MAX_TITLE_WORDS = 12
MIN_NUMBERED = 2
MIN_UNNUMBERED = 3
"""So many lines that only look like titles may be titles; fewer are emphasis."""
MIN_WORDS_BELOW = 50
"""Lines with less text below them than this are an index or a table of contents."""
MIN_CHAPTER_WORDS = 300
"""Lines that only look like titles are titles if what is between them is typically as long as this."""
PART, CHAPTER, SUBTITLE = 1, 2, 3


def with_styled_headings(texts: Sequence[PageText]) -> tuple[PageText, ...]:
    """Return the pages with such paragraphs as headings, if the book's own headings do not name its chapters."""
    order = ReadingOrder.of(texts)
    levels = _numbered(order) or _unnumbered(order)
    blocks = [replace(block, level=levels.get(index, block.level)) for index, block in enumerate(order.blocks)]
    pages = ((start, order.page_end(page)) for page, start in enumerate(order.page_starts))
    return tuple(
        replace(text, blocks=tuple(blocks[start:end])) for text, (start, end) in zip(texts, pages, strict=True)
    )


def _numbered(order: ReadingOrder) -> Mapping[int, int]:
    """Return the levels of the paragraphs that are numbered titles of chapters and parts, and of their subtitles."""
    lines = [index for index, block in enumerate(order.blocks) if _is_numbered_line(block)]
    titles = _above_text(lines, order)
    numbers = [number for index in titles if (number := number_of(order.blocks[index].text))]
    counts_on = sum(before < after for before, after in pairwise(numbers))
    headed = sum(block.level > 0 and bool(number_of(block.text)) for block in order.blocks)
    if len(numbers) < MIN_NUMBERED or 2 * counts_on < len(numbers) - 1 or headed >= len(numbers):
        return {}
    levels = {index: PART if is_part_title(order.blocks[index].text) else CHAPTER for index in titles}
    return levels | {index + 1: SUBTITLE for index in titles if _is_subtitle(order, index + 1)}


def _unnumbered(order: ReadingOrder) -> Mapping[int, int]:
    """Return the levels of the paragraphs that look like titles, in a book without any heading."""
    if any(block.level for block in order.blocks):
        return {}
    counts = Counter(plain(block.text) for block in order.blocks)
    lines = [
        index
        for index, block in enumerate(order.blocks)
        if block.display and _is_line(block) and counts[plain(block.text)] == 1
    ]
    titles = _above_text(lines, order)
    lengths = [order.words(start, end) for start, end in pairwise([*titles, order.end])]
    if len(titles) < MIN_UNNUMBERED or median(lengths) < MIN_CHAPTER_WORDS:
        return {}
    return dict.fromkeys(titles, CHAPTER)


def _is_numbered_line(block: Block) -> bool:
    if not _is_line(block):
        return False
    return is_chapter_title(block.text) or is_part_title(block.text) or (block.display and is_number(block.text))


def _is_line(block: Block) -> bool:
    """Return whether the block can be a title: a short paragraph that is no sentence."""
    if block.level or block.note or block.words > MAX_TITLE_WORDS or "toc" in block.kinds:
        return False
    return bool(plain(block.text)) and (is_number(block.text) or not block.text.endswith((",", ";", ".")))


def _above_text(lines: Sequence[int], order: ReadingOrder) -> list[int]:
    """Return the lines with text of some length below them; a part's may stand right above a chapter's."""
    titles: list[int] = []
    for line, following in reversed(list(pairwise([*lines, order.end]))):
        above_title = is_part_title(order.blocks[line].text) and titles[-1:] == [following]
        if above_title or order.words(line + 1, following) >= MIN_WORDS_BELOW:
            titles.append(line)
    return titles[::-1]


def _is_subtitle(order: ReadingOrder, index: int) -> bool:
    """Return whether the paragraph below a number is the title it belongs to: it stands out, or is in capitals."""
    block = order.blocks[index]
    return is_number(order.blocks[index - 1].text) and _is_line(block) and (block.display or block.text.isupper())
