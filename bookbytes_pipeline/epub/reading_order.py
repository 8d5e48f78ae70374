"""All blocks of a book in one sequence, with the words between any two of them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from bookbytes_pipeline.epub.blocks import Block, PageText


@dataclass(frozen=True, slots=True)
class ReadingOrder:
    """The blocks of all pages. `page_starts` gives for each page the index of its first block."""

    blocks: tuple[Block, ...]
    page_starts: tuple[int, ...]
    _words_before: tuple[int, ...]

    @classmethod
    def of(cls, texts: Sequence[PageText]) -> "ReadingOrder":
        """Return the reading order of the pages with these texts."""
        blocks = tuple(block for text in texts for block in text.blocks)
        prose = (0 if block.level or block.note else block.words for block in blocks)
        sizes = (len(text.blocks) for text in texts)
        return cls(blocks, tuple(accumulate(sizes, initial=0))[:-1], tuple(accumulate(prose, initial=0)))

    @property
    def end(self) -> int:
        """The index after the last block."""
        return len(self.blocks)

    def index(self, page: int, block: int) -> int:
        """Return the index of a page's block."""
        return self.page_starts[page] + block

    def page(self, index: int) -> int:
        """Return the page of the block at `index`: the last one that starts there, because others are empty."""
        return bisect_right(self.page_starts, index) - 1

    def position(self, index: int) -> tuple[int, int]:
        """Return the page of the block at `index`, and its number on the page."""
        page = self.page(index)
        return page, index - self.page_starts[page]

    def page_end(self, page: int) -> int:
        """Return the index after a page's last block."""
        return self.page_starts[page + 1] if page + 1 < len(self.page_starts) else self.end

    def words(self, start: int, end: int) -> int:
        """Return the words of prose, without headings and notes, from `start` up to but without `end`."""
        return self._words_before[end] - self._words_before[start]

    def title_blocks(self, index: int) -> tuple[Block, ...]:
        """Return the headings that stand together from `index` on, on its page."""
        end = index
        while end < self.page_end(self.page(index)) and self.blocks[end].level and not self.blocks[end].note:
            end += 1
        return self.blocks[index:end]
