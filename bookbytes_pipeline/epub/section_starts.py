"""Where the sections of a book start: its contents and its headings, weighed against each other."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from bookbytes_pipeline.epub.blocks import Block, PageText
from bookbytes_pipeline.epub.contents import Entry
from bookbytes_pipeline.epub.headings import heading, heading_nodes, running_headings
from bookbytes_pipeline.epub.located import locate_entries
from bookbytes_pipeline.epub.matter import WITH_DIVISIONS, is_chapter_title, is_number, plain, reason_by_title
from bookbytes_pipeline.epub.numerals import number_of
from bookbytes_pipeline.epub.outline import Node, chapters_whole, implied_levels
from bookbytes_pipeline.epub.package import Page
from bookbytes_pipeline.epub.reading_order import ReadingOrder

MIN_HEADED_PAGES = 3
"""With so many headed chapters, a single entry cannot be the whole contents."""
MAX_HEADING_BLOCKS = 4
"""Book, number, title and subtitle stand above a chapter."""
MIN_UNLISTED_WORDS = 150
"""A headed page with less text than this is no chapter that the contents forgot."""


@dataclass(frozen=True, slots=True)
class SectionStart:
    """A section starts at block `block` of page `page`.

    `holds` is true where deeper sections belong to it. `beneath` is the title of the back matter that it is part of.
    """

    page: int
    block: int
    title: str
    level: int = 0
    holds: bool = False
    beneath: str = ""


@dataclass(frozen=True, slots=True)
class SectionStarts:
    """All starts in reading order, one per block.

    `guessed` are titles of the contents whose file is missing and that were matched by position, `dangling` those
    that lead nowhere, `moved` those found by a heading elsewhere than their link says. `unlisted` are the titles of
    chapters that only their headings name. `headings` is true if the starts are the book's headings and not its
    contents, of which `listed` is the number of entries.
    """

    starts: tuple[SectionStart, ...]
    guessed: tuple[str, ...] = ()
    dangling: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    headings: bool = False
    listed: int = 0

    @property
    def undivided(self) -> bool:
        """Whether nothing divides the text: it is one file without contents and headings."""
        return self.headings and [start.title for start in self.starts] == [""]


def find_section_starts(entries: Sequence[Entry], pages: Sequence[Page], texts: Sequence[PageText]) -> SectionStarts:
    """Return the starts that the contents name, with the headed chapters that they leave out.

    Where the contents leave out more than they name, as those of a few places or a mere link to the start do, the
    headings decide.
    """
    order, running = ReadingOrder.of(texts), running_headings(texts)
    located = locate_entries(entries, pages, texts, order)
    nodes = [Node(part.entry.title, part.entry.level, part.start) for part in located]
    listed = _starts(_titled(nodes, order, running), order)
    headed = _starts(heading_nodes(pages, order, running), order)
    unlisted = _unlisted(listed, headed, order)
    believed = _is_believed(listed, headed, unlisted)
    starts = _supplemented(listed, unlisted) if believed else _by_headings(listed, headed, order)
    return SectionStarts(
        starts=tuple(_with_headings(starts, texts)),
        guessed=tuple(part.entry.title for part in located if part.guessed),
        dangling=tuple(part.entry.title for part in located if part.start is None and part.entry.href),
        moved=tuple(part.entry.title for part in located if part.moved) if believed else (),
        unlisted=tuple(start.title for start in unlisted) if believed else (),
        headings=not believed,
        listed=len(listed),
    )


def _is_believed(
    listed: Sequence[SectionStart], headed: Sequence[SectionStart], unlisted: Sequence[SectionStart]
) -> bool:
    """Return whether the contents name at least as many chapters as they leave out."""
    named = sum(reason_by_title(start.title) is None for start in listed)
    start_only = len(listed) == 1 and sum(bool(start.title) for start in headed) >= MIN_HEADED_PAGES
    return bool(listed) and not start_only and len(unlisted) <= named


def _starts(nodes: Sequence[Node], order: ReadingOrder) -> list[SectionStart]:
    """Return where the chapters among the nodes start, in reading order, one per block."""
    whole = chapters_whole(implied_levels(nodes, order), order)
    starts = [
        SectionStart(*order.position(node.start), node.title, node.level, beneath=above)
        for node, above in zip(whole, _apparatus_above(whole), strict=True)
        if node.start is not None
    ]
    return _one_per_block(_holding(starts))


def _titled(nodes: Sequence[Node], order: ReadingOrder, running: Collection[str]) -> list[Node]:
    """Complete the titles that are only a number, or nothing, by the heading at their place."""
    starts = sorted({node.start for node in nodes if node.start is not None})
    ends = dict(pairwise([*starts, order.end]))
    return [
        replace(node, title=_complete(node.title, order.blocks[node.start : ends[node.start]], running))
        if node.start is not None and (not node.title or is_number(node.title))
        else node
        for node in nodes
    ]


def _complete(title: str, blocks: Sequence[Block], running: Collection[str]) -> str:
    """Return a listed number with the heading on the page: "1: The Storm" for "1" above "The Storm"."""
    own = next((index for index, block in enumerate(blocks[:MAX_HEADING_BLOCKS]) if _has_number(block, title)), 0)
    on_page = heading(blocks[own:], running)
    if not title or not on_page:
        return title or on_page
    if is_number(on_page):
        return title
    return on_page if plain(on_page).startswith(plain(title)) else f"{title}: {on_page}"


def _has_number(block: Block, title: str) -> bool:
    return bool(block.level and title) and is_number(block.text) and number_of(block.text) == number_of(title)


def _apparatus_above(nodes: Iterable[Node]) -> Iterator[str]:
    """Yield for each node the title of the notes, index or excerpt that it is listed beneath."""
    apparatus: Node | None = None
    for node in nodes:
        if apparatus is None or node.level <= apparatus.level:
            apparatus = node if reason_by_title(node.title) in WITH_DIVISIONS else None
            yield ""
        else:
            yield apparatus.title


def _holding(starts: Sequence[SectionStart]) -> list[SectionStart]:
    held = [replace(start, holds=after.level > start.level) for start, after in pairwise(starts)]
    return [*held, *starts[-1:]]


def _one_per_block(starts: Iterable[SectionStart]) -> list[SectionStart]:
    """Sort in reading order; of several at one block, keep the deepest that is no front or back matter."""
    ordered = sorted(starts, key=_place)
    return [
        max(together, key=lambda start: (not start.beneath and reason_by_title(start.title) is None, start.level))
        for _, together in groupby(ordered, key=_place)
    ]


def _unlisted(
    listed: Sequence[SectionStart], headed: Sequence[SectionStart], order: ReadingOrder
) -> list[SectionStart]:
    """Return the headed chapters of some length that the contents leave out.

    Headings deeper than those of the listed chapters are their sections, unless only these call themselves chapters;
    the divisions of notes and indexes are no chapters.
    """
    places = [order.index(*_place(start)) for start in listed]
    deepest = max((block.level for place in places for block in order.title_blocks(place)[:1]), default=6)
    parts_only = not any(is_chapter_title(start.title) for start in listed)
    ends = [*(order.index(*_place(start)) for start in headed[1:]), order.end][: len(headed)]
    return [
        start
        for start, end in zip(headed, ends, strict=True)
        if start.title
        and order.words(index := order.index(*_place(start)), end) >= MIN_UNLISTED_WORDS
        and (_level(order, index) <= deepest or (parts_only and is_chapter_title(start.title)))
        and not _is_listed(index, places, order)
        and not _is_within_apparatus(index, listed, places)
    ]


def _level(order: ReadingOrder, index: int) -> int:
    end = order.page_end(order.page(index))
    return next((block.level for block in order.blocks[index:end] if block.level and not block.note), 6)


def _is_listed(index: int, places: Sequence[int], order: ReadingOrder) -> bool:
    """Return whether a listed section starts here, with nothing but headings between."""
    after = bisect_left(places, index)
    return any(not order.words(min(index, place), max(index, place)) for place in places[max(0, after - 1) : after + 1])


def _is_within_apparatus(index: int, listed: Sequence[SectionStart], places: Sequence[int]) -> bool:
    before = listed[: bisect_right(places, index)]
    return bool(before) and (bool(before[-1].beneath) or reason_by_title(before[-1].title) in WITH_DIVISIONS)


def _supplemented(listed: Sequence[SectionStart], unlisted: Sequence[SectionStart]) -> list[SectionStart]:
    """Return all starts; a chapter that is not listed has the level of the listed one before it."""
    found: list[SectionStart] = []
    added = set(map(_place, unlisted))
    for start in sorted([*listed, *unlisted], key=_place):
        found.append(replace(start, level=found[-1].level) if _place(start) in added and found else start)
    return _holding(found)


def _by_headings(
    listed: Sequence[SectionStart], headed: Sequence[SectionStart], order: ReadingOrder
) -> list[SectionStart]:
    """Return the headed starts with the fuller of both titles, and those pages that only the contents name."""
    places = [order.index(*_place(start)) for start in headed]
    by_place = {_place(start): start for start in listed}
    alone = [
        start for start in listed if not start.block and not _is_listed(order.index(*_place(start)), places, order)
    ]
    fuller = [replace(start, title=_fuller(start, by_place.get(_place(start)))) for start in headed]
    return sorted([*fuller, *alone], key=_place)


def _fuller(headed: SectionStart, listed: SectionStart | None) -> str:
    """Return the title in the contents if it is that of the heading with more words, or if there is no heading."""
    return listed.title if listed and plain(headed.title) in plain(listed.title) else headed.title


def _with_headings(starts: Sequence[SectionStart], texts: Sequence[PageText]) -> Iterator[SectionStart]:
    """Move an anchor right below its own heading up to the heading, unless another section starts there."""
    taken = set(map(_place, starts))
    for start in starts:
        block = start.block
        blocks = texts[start.page].blocks
        while block and (start.page, block - 1) not in taken and _titles(blocks[block - 1], start):
            block -= 1
        yield replace(start, block=block)


def _titles(block: Block, start: SectionStart) -> bool:
    return bool(block.level) and plain(block.text) in plain(start.title)


def _place(start: SectionStart) -> tuple[int, int]:
    return start.page, start.block
