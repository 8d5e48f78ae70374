"""What the headings of a book say about its chapters."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from bookbytes_pipeline.epub.blocks import Block, PageText
from bookbytes_pipeline.epub.matter import is_number, plain
from bookbytes_pipeline.epub.outline import Node
from bookbytes_pipeline.epub.package import Page
from bookbytes_pipeline.epub.reading_order import ReadingOrder

MIN_RUNNING_PAGES = 3
"""A heading on so many pages, and on half of those with headings, is the title of the book above its chapters."""
MAX_WORDS_ABOVE_HEADING = 150
"""More text above the first heading of a page is the end of the chapter before."""
_SENTENCE_ENDS = ".!?…:;\"'”’»)]。！？」』"  # noqa: RUF001 - punctuation of other scripts


def heading(blocks: Sequence[Block], running: Collection[str] = ()) -> str:
    """Return the first heading among the blocks; a bare number is joined with the subtitle right after it.

    `running` are headings, as `plain` words, that are the book's and not the chapter's. What follows a number is no
    subtitle if more headings of its level come later: it is a section then.
    """
    headings = [
        (index, block) for index, block in enumerate(blocks) if block.level and plain(block.text) not in running
    ]
    own = [(index, block) for index, block in headings if not block.note]
    if not own:
        return ""
    index, first = own[0]
    following = [block for other, block in own[1:2] if other == index + 1 and is_number(first.text)]
    subtitle = [block for block in following if sum(other.level == block.level for _, other in own[1:]) == 1]
    return ": ".join(block.text for block in (first, *subtitle))


def running_headings(texts: Sequence[PageText]) -> frozenset[str]:
    """Return the headings that stand on most pages, as `plain` words."""
    by_page = [{plain(block.text) for block in text.blocks if block.level and not block.note} for text in texts]
    headed = sum(map(bool, by_page))
    counts = Counter(words for page in by_page for words in page)
    return frozenset(
        words for words, count in counts.items() if count >= MIN_RUNNING_PAGES and 2 * count >= headed and words
    )


def heading_nodes(pages: Sequence[Page], order: ReadingOrder, running: Collection[str]) -> list[Node]:
    """Return a node for every heading and for every page with text that has none, in reading order.

    A heading that is the same as on the page before, such as the title of the book that a chapter is in, counts once.
    """
    linear = any(page.linear for page in pages)
    nodes: list[Node] = []
    last: dict[int, str] = {}
    for number, page in enumerate(pages):
        start, end = order.page_starts[number], order.page_end(number)
        if start < end and page.linear == linear:
            indices = [index for index in range(start, end) if _is_own(order.blocks[index], running)]
            nodes.extend(_page_nodes(order, start, indices, last))
            last |= {order.blocks[index].level: plain(order.blocks[index].text) for index in indices}
    top = min((node.level for node in nodes if node.title), default=0)
    return [replace(node, level=max(0, node.level - top)) for node in nodes]


def _page_nodes(order: ReadingOrder, start: int, indices: Sequence[int], last: Mapping[int, str]) -> Iterator[Node]:
    """Yield the nodes of the page from `start` on, with headings at `indices`; `last` are those of the pages before."""
    repeated = bool(indices) and last.get(order.blocks[indices[0]].level) == plain(order.blocks[indices[0]].text)
    own = indices[1:] if repeated else indices
    if not own and not repeated and not _continues(order, start):
        yield Node("", 0, start)
    for index in _without_subtitles(order, own):
        leads = index == own[0] and (not start or order.words(start, index) < MAX_WORDS_ABOVE_HEADING)
        yield Node(heading(order.title_blocks(index)), order.blocks[index].level, start if leads else index)


def _without_subtitles(order: ReadingOrder, indices: Sequence[int]) -> Iterator[int]:
    """Yield the headings but those right below another one that complete its number, or have its level."""
    known = set(indices)
    for index in indices:
        above = order.blocks[index - 1] if index - 1 in known else None
        if above is None or not (is_number(above.text) or above.level == order.blocks[index].level):
            yield index


def _is_own(block: Block, running: Collection[str]) -> bool:
    return bool(block.level) and not block.note and plain(block.text) not in running


def _continues(order: ReadingOrder, start: int) -> bool:
    """Return whether a page without a heading goes on in the middle of a sentence, in a text that has full stops."""
    before = order.blocks[order.page_starts[order.page(start - 1)] : start] if start else ()
    ended = [block.text[-1] in _SENTENCE_ENDS for block in before if not block.level]
    return any(ended) and not ended[-1] and order.blocks[start].text[0].islower()
