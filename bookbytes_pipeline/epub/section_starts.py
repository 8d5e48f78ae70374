"""Where the sections of a book start: the entries of its contents, located in its text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from bookbytes_pipeline.epub.contents import Entry
from bookbytes_pipeline.epub.matter import APPARATUS, is_chapter_title, is_part_title, plain, reason_by_title
from bookbytes_pipeline.epub.package import Page
from bookbytes_pipeline.epub.text import Block, PageText


@dataclass(frozen=True, slots=True)
class SectionStart:
    """A section starts at block `block` of page `page`.

    `holds` is true where deeper sections belong to it. `beneath` is the title of the apparatus that it is part of.
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
    that lead nowhere. `headings` is true if they are no contents but the book's headings.
    """

    starts: tuple[SectionStart, ...]
    guessed: tuple[str, ...] = ()
    dangling: tuple[str, ...] = ()
    headings: bool = False


def from_contents(entries: Sequence[Entry], pages: Sequence[Page], texts: Sequence[PageText]) -> SectionStarts:
    """Locate the entries of the contents in the text."""
    known = _named_pages(entries, pages)
    located = list(zip(entries, known, _by_position(known, len(pages)), strict=True))
    found = [(entry, number) for entry, _, number in located if number is not None]
    whole = list(_chapters_whole(found))
    above = _apparatus_above([entry for entry, _ in whole])
    starts = [
        _section_start(entry, number, texts[number], title) for (entry, number), title in zip(whole, above, strict=True)
    ]
    return SectionStarts(
        starts=tuple(_with_headings(_one_per_block(_holding(starts)), texts)),
        guessed=tuple(entry.title for entry, named, number in located if named is None and number is not None),
        dangling=tuple(entry.title for entry, _, number in located if number is None),
    )


def _named_pages(entries: Sequence[Entry], pages: Sequence[Page]) -> list[int | None]:
    numbers = {name: number for number, page in enumerate(pages) for name in (page.stands_for, page.name)}
    return [numbers.get(entry.href.path) for entry in entries]


def _by_position(known: Sequence[int | None], pages: int) -> list[int | None]:
    """Give entries without a page the unused pages between their neighbours' pages, if there are as many."""
    found = list(known)
    taken = set(found)
    for start, end in _gaps(known):
        before = max((number for number in known[:start] if number is not None), default=-1)
        after = min((number for number in known[end:] if number is not None), default=pages)
        left_over = [number for number in range(before + 1, after) if number not in taken]
        if len(left_over) == end - start:
            found[start:end] = left_over
    return found


def _gaps(found: Sequence[int | None]) -> Iterator[tuple[int, int]]:
    index = 0
    for missing, group in groupby(found, key=lambda number: number is None):
        length = len(list(group))
        if missing:
            yield index, index + length
        index += length


def _chapters_whole(found: Sequence[tuple[Entry, int]]) -> Iterator[tuple[Entry, int]]:
    """Yield the entries without those of a chapter's own sections, which belong to the chapter."""
    several_pages = len({number for _, number in found}) > 1
    chapter: tuple[Entry, int] | None = None
    for index, (entry, number) in enumerate(found):
        if chapter and entry.level > chapter[0].level:
            continue
        beneath = _beneath(found, index)
        chapter = (entry, number) if _is_whole(entry, number, beneath, several_pages=several_pages) else None
        yield entry, number


def _beneath(found: Sequence[tuple[Entry, int]], index: int) -> set[int]:
    pages = set()
    for entry, number in found[index + 1 :]:
        if entry.level <= found[index][0].level:
            break
        pages.add(number)
    return pages


def _is_whole(entry: Entry, number: int, beneath: set[int], *, several_pages: bool) -> bool:
    """Return whether this is a chapter with its sections: they share its file, a part's chapters have their own."""
    if not beneath or is_part_title(entry.title):
        return False
    return is_chapter_title(entry.title) or (several_pages and beneath == {number})


def _apparatus_above(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield for each entry the title of the notes, index or bibliography that it is listed beneath."""
    apparatus: Entry | None = None
    for entry in entries:
        if apparatus is None or entry.level <= apparatus.level:
            apparatus = entry if reason_by_title(entry.title) in APPARATUS else None
            yield ""
        else:
            yield apparatus.title


def _section_start(entry: Entry, number: int, text: PageText, beneath: str) -> SectionStart:
    return SectionStart(number, text.block_of(entry.href.fragment) or 0, entry.title, entry.level, beneath=beneath)


def _holding(starts: Sequence[SectionStart]) -> list[SectionStart]:
    held = [replace(start, holds=after.level > start.level) for start, after in pairwise(starts)]
    return [*held, *starts[-1:]]


def _one_per_block(starts: Iterable[SectionStart]) -> list[SectionStart]:
    """Sort in reading order; of several at one block, keep the deepest that is no front or back matter."""
    ordered = sorted(starts, key=lambda start: (start.page, start.block))
    by_block = groupby(ordered, key=lambda start: (start.page, start.block))
    return [
        max(together, key=lambda start: (not start.beneath and reason_by_title(start.title) is None, start.level))
        for _, together in by_block
    ]


def _with_headings(starts: Sequence[SectionStart], texts: Sequence[PageText]) -> Iterator[SectionStart]:
    """Move an anchor right below its own heading up to the heading, unless another section starts there."""
    taken = {(start.page, start.block) for start in starts}
    for start in starts:
        block = start.block
        blocks = texts[start.page].blocks
        while block and (start.page, block - 1) not in taken and _titles(blocks[block - 1], start):
            block -= 1
        yield replace(start, block=block)


def _titles(block: Block, start: SectionStart) -> bool:
    return bool(block.level) and plain(block.text) in plain(start.title)
