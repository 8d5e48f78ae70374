"""Where the chapters of a book begin: the lines of its contents as places in its text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from bookbytes_pipeline.epub.contents import Entry
from bookbytes_pipeline.epub.matter import APPARATUS, is_chapter_title, is_part_title, plain, reason_by_title
from bookbytes_pipeline.epub.package import Page
from bookbytes_pipeline.epub.text import Block, PageText


@dataclass(frozen=True, slots=True)
class Mark:
    """Something begins at block `block` of page `page`.

    `holds` is true where deeper marks belong to it. `beneath` is the title of the apparatus it is a division of.
    """

    page: int
    block: int
    title: str
    level: int = 0
    holds: bool = False
    beneath: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks in reading order, one a place.

    `guessed` are titles of the contents whose file is missing and that were matched by position, `dangling` those
    that lead nowhere. `headings` is true if they are no contents but the book's headings.
    """

    marks: tuple[Mark, ...]
    guessed: tuple[str, ...] = ()
    dangling: tuple[str, ...] = ()
    headings: bool = False


def from_contents(entries: Sequence[Entry], pages: Sequence[Page], texts: Sequence[PageText]) -> Marks:
    """The lines of the contents, placed."""
    known = _named_pages(entries, pages)
    placed = list(zip(entries, known, _by_position(known, len(pages)), strict=True))
    found = [(entry, number) for entry, _, number in placed if number is not None]
    whole = list(_chapters_whole(found))
    above = _apparatus_above([entry for entry, _ in whole])
    marks = [_mark(entry, number, texts[number], title) for (entry, number), title in zip(whole, above, strict=True)]
    return Marks(
        marks=tuple(_with_headings(_one_a_place(_holding(marks)), texts)),
        guessed=tuple(entry.title for entry, named, number in placed if named is None and number is not None),
        dangling=tuple(entry.title for entry, _, number in placed if number is None),
    )


def _named_pages(entries: Sequence[Entry], pages: Sequence[Page]) -> list[int | None]:
    numbers = {name: number for number, page in enumerate(pages) for name in (page.stands_for, page.name)}
    return [numbers.get(entry.place.path) for entry in entries]


def _by_position(known: Sequence[int | None], pages: int) -> list[int | None]:
    """Where entries have no page, the ones left over between their neighbours' pages, if there are as many."""
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
    place = 0
    for missing, group in groupby(found, key=lambda number: number is None):
        length = len(list(group))
        if missing:
            yield place, place + length
        place += length


def _chapters_whole(found: Sequence[tuple[Entry, int]]) -> Iterator[tuple[Entry, int]]:
    """The entries without the sections of chapters: they are listed beneath it, and belong to it."""
    several_pages = len({number for _, number in found}) > 1
    chapter: tuple[Entry, int] | None = None
    for place, (entry, number) in enumerate(found):
        if chapter and entry.level > chapter[0].level:
            continue
        beneath = _beneath(found, place)
        chapter = (entry, number) if _is_whole(entry, number, beneath, several_pages=several_pages) else None
        yield entry, number


def _beneath(found: Sequence[tuple[Entry, int]], place: int) -> set[int]:
    pages = set()
    for entry, number in found[place + 1 :]:
        if entry.level <= found[place][0].level:
            break
        pages.add(number)
    return pages


def _is_whole(entry: Entry, number: int, beneath: set[int], *, several_pages: bool) -> bool:
    """A part keeps its chapters in files of their own; sections share the file of their chapter."""
    if not beneath or is_part_title(entry.title):
        return False
    return is_chapter_title(entry.title) or (several_pages and beneath == {number})


def _apparatus_above(entries: Iterable[Entry]) -> Iterator[str]:
    """For each entry the title of the notes, index or bibliography it is listed beneath."""
    apparatus: Entry | None = None
    for entry in entries:
        if apparatus is None or entry.level <= apparatus.level:
            apparatus = entry if reason_by_title(entry.title) in APPARATUS else None
            yield ""
        else:
            yield apparatus.title


def _mark(entry: Entry, number: int, text: PageText, beneath: str) -> Mark:
    return Mark(number, text.place_of(entry.place.fragment) or 0, entry.title, entry.level, beneath=beneath)


def _holding(marks: Sequence[Mark]) -> list[Mark]:
    held = [replace(mark, holds=after.level > mark.level) for mark, after in pairwise(marks)]
    return [*held, *marks[-1:]]


def _one_a_place(marks: Iterable[Mark]) -> list[Mark]:
    """In reading order; where several begin together, the deepest that is no front or back matter speaks."""
    ordered = sorted(marks, key=lambda mark: (mark.page, mark.block))
    places = groupby(ordered, key=lambda mark: (mark.page, mark.block))
    return [
        max(together, key=lambda mark: (not mark.beneath and reason_by_title(mark.title) is None, mark.level))
        for _, together in places
    ]


def _with_headings(marks: Sequence[Mark], texts: Sequence[PageText]) -> Iterator[Mark]:
    """An anchor right under its own heading begins at the heading, unless that is another's place."""
    taken = {(mark.page, mark.block) for mark in marks}
    for mark in marks:
        block = mark.block
        blocks = texts[mark.page].blocks
        while block and (mark.page, block - 1) not in taken and _titles(blocks[block - 1], mark):
            block -= 1
        yield replace(mark, block=block)


def _titles(block: Block, mark: Mark) -> bool:
    return bool(block.level) and plain(block.text) in plain(mark.title)
