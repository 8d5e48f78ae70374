"""Which level of a book's contents are its chapters: parts stand above them, sections below."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from bookbytes_pipeline.epub.matter import is_chapter_title, is_part_title, plain, reason_by_title
from bookbytes_pipeline.epub.numerals import leading_number, number_of
from bookbytes_pipeline.epub.reading_order import ReadingOrder

MAX_CHAPTERS = 300
"""More leaves than this are sections, if what is above them can be chapters."""
MIN_PARTS = 2
FEW_PARTS = 4
MIN_CHAPTER_WORDS = 300
"""Below a few parts, divisions of this length are chapters."""
SECTION_WORDS = 500
"""Divisions shorter than this, several to each of the same length of text, are sections."""
PLAUSIBLE_CHAPTER_WORDS = range(400, 15_000)
WHOLE_BOOK_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the contents, or a heading, that names a place in the text.

    `level` counts from 0; `start` is the index of its first block, None for a line that leads nowhere and only names
    the lines beneath it.
    """

    title: str
    level: int
    start: int | None


def implied_levels(nodes: Sequence[Node], order: ReadingOrder) -> list[Node]:
    """Return the nodes of flat contents in which numbers start again, with the chapters below each book or part."""
    heads = [index for index in range(len(nodes) - 1) if _starts_numbers_again(nodes, index, order)]
    if len(heads) < MIN_PARTS or any(node.level for node in nodes):
        return list(nodes)
    return [
        node if index < heads[0] or index in heads or _is_matter(node) else replace(node, level=1)
        for index, node in enumerate(nodes)
    ]


def chapters_whole(nodes: Sequence[Node], order: ReadingOrder) -> list[Node]:
    """Return the nodes without the sections of chapters; titles that recur in several parts begin with their part's."""
    outline = _Outline(nodes, order)
    kept = list(outline.kept())
    return [replace(nodes[index], title=title) for index, title in zip(kept, outline.titles(kept), strict=True)]


def _starts_numbers_again(nodes: Sequence[Node], index: int, order: ReadingOrder) -> bool:
    """Return whether this node names a book or part: it has hardly any text, and chapter 1 comes right after it."""
    node, following = nodes[index], nodes[index + 1]
    if number_of(node.title) or number_of(following.title) != 1 or _is_matter(node):
        return False
    if node.start is None or following.start is None:
        return node.start is None
    return node.start <= following.start and order.words(node.start, following.start) < MIN_CHAPTER_WORDS // 2


def _is_matter(node: Node) -> bool:
    return reason_by_title(node.title) is not None


class _Outline:
    """A table of contents as a tree."""

    def __init__(self, nodes: Sequence[Node], order: ReadingOrder) -> None:
        self._nodes = nodes
        self._order = order
        self._parents = _parents(nodes)
        self._children: list[list[int]] = [[] for _ in nodes]
        for index, parent in enumerate(self._parents):
            if parent is not None:
                self._children[parent].append(index)
        self._lengths = self._total_lengths()
        self._of_sections: dict[int, bool] = {}

    def kept(self) -> Iterator[int]:
        """Yield the nodes in their order, without those inside a chapter."""
        chapter: int | None = None
        for index, node in enumerate(self._nodes):
            if chapter is not None and node.level > self._nodes[chapter].level:
                continue
            chapter = index if self._is_chapter_with_sections(index) else None
            yield index

    def titles(self, kept: Sequence[int]) -> list[str]:
        """Return titles that tell the chapters apart: one that recurs elsewhere is named with the part it is in."""
        titles = {index: self._nodes[index].title for index in kept}
        above = {index: self._parents[index] for index in kept}
        parts = set(above.values())
        while True:
            counts = Counter(plain(title) for title in titles.values())
            unclear = [index for index in kept if counts[plain(titles[index])] > 1 and index not in parts]
            if not self._differ_above(unclear, above, titles):
                return list(titles.values())
            for index in unclear:
                part = above[index]
                if part is not None:
                    titles[index] = ": ".join(filter(None, (self._nodes[part].title, titles[index])))
                    above[index] = self._parents[part]

    def _differ_above(self, unclear: Sequence[int], above: dict[int, int | None], titles: dict[int, str]) -> bool:
        """Return whether the names of the parts tell any of these titles apart."""
        parts: dict[str, set[int]] = {}
        for index in unclear:
            part = above[index]
            if part is not None:
                parts.setdefault(plain(titles[index]), set()).add(part)
        return any(len(which) > 1 for which in parts.values())

    def _is_chapter_with_sections(self, index: int) -> bool:
        title = self._nodes[index].title
        beneath = [child for child in self._children[index] if self._nodes[child].start is not None]
        if not beneath or self._nodes[index].start is None or is_part_title(title):
            return False
        if is_chapter_title(title):
            return True
        level = self._nodes[index].level
        if level not in self._of_sections:
            self._of_sections[level] = self._are_sections_below(level)
        return self._of_sections[level]

    def _are_sections_below(self, level: int) -> bool:
        """Return whether what stands below this level are sections of chapters, and not the chapters of parts."""
        above = [
            index
            for index, node in enumerate(self._nodes)
            if node.level == level and self._children[index] and not is_part_title(node.title)
        ]
        below = [child for index in above for child in self._children[index] if self._nodes[child].start is not None]
        numbered = self._numbers_decide(above, below)
        return self._lengths_decide(above, below) if numbered is None else numbered

    def _numbers_decide(self, above: Sequence[int], below: Sequence[int]) -> bool | None:
        """Numbers show which level is counted; None if neither or both are."""
        if 2 * sum(is_chapter_title(self._nodes[index].title) for index in below) > len(below):
            return False
        numbers_above = self._numbers(above)
        numbers_below = self._numbers(below)
        runs_on = all(number < following for number, following in pairwise(numbers_below))
        if 2 * len(numbers_below) > len(below) and len(above) > 1 and (runs_on or len(above) <= FEW_PARTS):
            return False
        if len(above) > 1 and 2 * len(numbers_above) > len(above) and 2 * len(numbers_below) <= len(below):
            return True
        return None

    def _numbers(self, indices: Sequence[int]) -> list[int]:
        return [number for index in indices if (number := leading_number(self._nodes[index].title))]

    def _lengths_decide(self, above: Sequence[int], below: Sequence[int]) -> bool:
        """Take the level with lengths of chapters; in doubt, divisions with a file of their own are chapters."""
        length_above = median(self._lengths[index] for index in above)
        length_below = median(self._lengths[index] for index in below)
        if len(below) == len(above) == 1 and self._share_their_files(above):
            return True
        if len(above) == 1 and self._lengths[above[0]] >= WHOLE_BOOK_SHARE * self._order.words(0, self._order.end):
            return False
        if len(self._nodes) > MAX_CHAPTERS and len(above) > FEW_PARTS:
            return True
        few = self._peers(above) <= FEW_PARTS and len(below) > len(above)
        if (few or length_above >= PLAUSIBLE_CHAPTER_WORDS.stop) and length_below >= MIN_CHAPTER_WORDS:
            return False
        if len(below) >= 3 * len(above) and length_below < SECTION_WORDS and length_above in PLAUSIBLE_CHAPTER_WORDS:
            return True
        return self._share_their_files(above)

    def _share_their_files(self, above: Sequence[int]) -> bool:
        """Return whether most of what stands below is in the file of what stands above it.

        In a book of one file it is sections if most of what stands beside has none.
        """
        pages = [None if node.start is None else self._order.page(node.start) for node in self._nodes]
        if len(set(pages) - {None}) <= 1:
            return self._peers(above) >= 2 * len(above) or len(self._children[above[0]]) == 1
        shared = [index for index in above if {pages[child] for child in self._children[index]} <= {pages[index], None}]
        return 2 * len(shared) > len(above)

    def _peers(self, above: Sequence[int]) -> int:
        """Return how many divisions of the text have the level of these, with and without any below them."""
        level = self._nodes[above[0]].level
        return sum(node.level == level and node.start is not None and not _is_matter(node) for node in self._nodes)

    def _total_lengths(self) -> list[int]:
        """Return the words of each node with all that stands below it."""
        starts = sorted({node.start for node in self._nodes if node.start is not None})
        ends = dict(pairwise([*starts, self._order.end]))
        lengths = [0] * len(self._nodes)
        counted: set[int] = set()
        for index in reversed(range(len(self._nodes))):
            start, parent = self._nodes[index].start, self._parents[index]
            if start is not None and start not in counted:
                counted.add(start)
                lengths[index] += self._order.words(start, ends[start])
            if parent is not None:
                lengths[parent] += lengths[index]
        return lengths


def _parents(nodes: Sequence[Node]) -> list[int | None]:
    parents: list[int | None] = []
    open_nodes: list[int] = []
    for index, node in enumerate(nodes):
        while open_nodes and nodes[open_nodes[-1]].level >= node.level:
            open_nodes.pop()
        parents.append(open_nodes[-1] if open_nodes else None)
        open_nodes.append(index)
    return parents
