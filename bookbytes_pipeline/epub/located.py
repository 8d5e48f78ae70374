"""Where the entries of the contents lie in the text, even where their links are wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bookbytes_pipeline.epub.blocks import PageText
from bookbytes_pipeline.epub.contents import Entry
from bookbytes_pipeline.epub.matter import plain
from bookbytes_pipeline.epub.numerals import number_of, without_number
from bookbytes_pipeline.epub.package import Page
from bookbytes_pipeline.epub.reading_order import ReadingOrder

NEAR_BLOCKS = 3
"""A heading among so many blocks from a place on is the heading there: a picture's caption may stand above it."""


@dataclass(frozen=True, slots=True)
class Located:
    """An entry and the index of its first block, None where it leads nowhere.

    `guessed` if its file is missing and it was matched by position; `lost` if its id is missing; `moved` if its title
    was found elsewhere than its link says.
    """

    entry: Entry
    start: int | None
    guessed: bool = False
    lost: bool = False
    moved: bool = False


def locate_entries(
    entries: Sequence[Entry], pages: Sequence[Page], texts: Sequence[PageText], order: ReadingOrder
) -> list[Located]:
    """Locate the entries by their links; those whose link cannot be right by a heading with their title."""
    named = _named_pages(entries, pages)
    found = _by_position(named, len(pages))
    linked = [
        _linked(entry, page, texts, order, guessed=known is None)
        for entry, page, known in zip(entries, found, named, strict=True)
    ]
    return list(_by_headings(linked, order))


def _linked(
    entry: Entry, page: int | None, texts: Sequence[PageText], order: ReadingOrder, *, guessed: bool
) -> Located:
    if page is None:
        return Located(entry, None)
    block = texts[page].block_of(entry.href.fragment) if entry.href else 0
    return Located(entry, order.index(page, block or 0), guessed, lost=block is None)


def _named_pages(entries: Sequence[Entry], pages: Sequence[Page]) -> list[int | None]:
    numbers = {name: number for number, page in enumerate(pages) for name in (page.stands_for, page.name)}
    return [numbers.get(entry.href.path) if entry.href else None for entry in entries]


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


def _by_headings(linked: Sequence[Located], order: ReadingOrder) -> Iterator[Located]:
    """Move entries to the heading with their title where their link is doubtful and the heading is not."""
    headings = _headings_by_key(order)
    shared = _sharing_a_place(linked)
    titles = {key for located in linked for key in _keys(located.entry.title)}
    reached = 0
    for index, located in enumerate(linked):
        start = located.start
        if start is not None and (located.lost or index in shared):
            start = _next_heading(headings, located.entry.title, reached, start)
        elif start is not None and not _is_headed(located, order, titles):
            start = _only_heading(headings, located.entry.title, start, order)
        if start is None:
            yield located
        else:
            yield replace(located, start=start, moved=start != located.start)
            reached = start + 1


def _sharing_a_place(linked: Sequence[Located]) -> set[int]:
    """Return the entries that lead to the same place as another one, unless one of them stands right above the other.

    A part and its first chapter may begin together.
    """
    places: dict[int, list[int]] = {}
    for index, located in enumerate(linked):
        if located.start is not None:
            places.setdefault(located.start, []).append(index)
    return {
        index
        for together in places.values()
        for index in together
        if len({linked[other].entry.level for other in together}) < len(together)
    }


def _next_heading(headings: Mapping[str, Sequence[int]], title: str, reached: int, start: int) -> int:
    """Return the first heading with this title that no entry before has reached; the given place if there is none."""
    places = [place for key in _keys(title) for place in headings.get(key, ()) if place >= max(reached, start)]
    return min(places, default=start)


def _only_heading(headings: Mapping[str, Sequence[int]], title: str, start: int, order: ReadingOrder) -> int:
    """Return the place of the only heading in the book with this title, if a page begins there; else the given place.

    "Notes" at the end of a chapter are not the notes of the book.
    """
    places = {place for key in _keys(title) for place in headings.get(key, ())}
    first = [place for place in places if not order.words(order.page_starts[order.page(place)], place)]
    return first[0] if len(places) == len(first) == 1 else start


def _is_headed(located: Located, order: ReadingOrder, titles: set[str]) -> bool:
    """Return whether a heading stands at the entry's place that may be the entry's: it is not that of another entry."""
    if located.start is None:
        return False
    end = min(located.start + NEAR_BLOCKS, order.page_end(order.page(located.start)))
    near = [block.text for block in order.blocks[located.start : end] if block.level and not block.note]
    keys = {key for text in near for key in _keys(text)}
    return bool(near) and (not keys & titles or bool(keys & _keys(located.entry.title)))


def _headings_by_key(order: ReadingOrder) -> dict[str, list[int]]:
    """Return where headings stand, by each of their keys; headings right above each other also as one."""
    found: dict[str, list[int]] = {}
    for index, block in enumerate(order.blocks):
        if block.level and not block.note and "toc" not in block.kinds:
            joined = " ".join(part.text for part in order.title_blocks(index)[:2])
            for key in _keys(block.text) | {plain(joined)}:
                found.setdefault(key, []).append(index)
    return found


def _keys(title: str) -> set[str]:
    """Return what a title is recognized by: its words, its words without a number, or its number alone."""
    number = number_of(title)
    keys = {plain(title), without_number(title)} | ({f"#{number}"} if number else set())
    return keys - {""}
