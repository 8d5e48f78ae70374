"""The text of a book, cut where something begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bookbytes_pipeline.epub.contents import Landmark
from bookbytes_pipeline.epub.headings import heading
from bookbytes_pipeline.epub.marks import Mark
from bookbytes_pipeline.epub.matter import APPARATUS, is_rights_page, reason_by_title, reason_by_type
from bookbytes_pipeline.epub.package import Page
from bookbytes_pipeline.epub.text import Block, PageText

REGIONS = frozenset({"frontmatter", "bodymatter", "backmatter"})
CHAPTERS = frozenset(
    {
        *("bodymatter", "chapter", "introduction", "preface", "foreword", "prologue", "preamble"),
        *("epilogue", "afterword", "conclusion", "appendix"),
    }
)
"""Types that are chapters whatever their title."""
LARGEST_FRONT = 0.3
"""A `bodymatter` landmark behind more than this share of the words is a reader's starting point gone wrong."""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands between two places where something begins.

    `listed` is true for a line of the contents, at `level`; `holds` where chapters stand beneath it. `kinds` are the
    types declared for all of it. `beneath` is the title of the notes, index or bibliography it is a division of.
    `extra` marks a page beside the reading order that no contents name.
    """

    title: str
    blocks: tuple[Block, ...]
    kinds: frozenset[str] = frozenset()
    level: int = 0
    listed: bool = False
    holds: bool = False
    beneath: str = ""
    extra: bool = False

    @property
    def words(self) -> int:
        """All words, of headings and notes too."""
        return sum(block.words for block in self.blocks)

    @property
    def matter(self) -> str | None:
        """Why this is front or back matter by its type or title; None if neither says so."""
        by_title = None if self.kinds & CHAPTERS else reason_by_title(self.title) or reason_by_title(self.beneath)
        return reason_by_type(self.kinds) or by_title or (self._rights() if not self.listed else None)

    def _rights(self) -> str | None:
        text = " ".join(block.text for block in self.blocks)
        return "copyright page" if not self.title and is_rights_page(text) else None


def cut(
    marks: Sequence[Mark], pages: Sequence[Page], texts: Sequence[PageText], landmarks: Sequence[Landmark]
) -> tuple[Section, ...]:
    """The whole text in reading order, in sections; nothing is left out."""
    marked = {number: list(group) for number, group in groupby(marks, key=lambda mark: mark.page)}
    declared = _Declared.of(landmarks, pages, texts)
    heads: list[Section] = []
    bodies: list[list[Block]] = []
    for number, page in enumerate(pages):
        for start, piece in _pieces(marked.get(number, []), texts[number].blocks, page):
            section = replace(piece, kinds=declared.kinds(piece, (number, start)))
            if heads and _continues(heads[-1], section):
                bodies[-1].extend(section.blocks)
            else:
                heads.append(section)
                bodies.append(list(section.blocks))
    return tuple(replace(head, blocks=tuple(body)) for head, body in zip(heads, bodies, strict=True))


def _pieces(marks: Sequence[Mark], blocks: Sequence[Block], page: Page) -> Iterator[tuple[int, Section]]:
    """The sections of one page, each with the number of its first block."""
    first = marks[0].block if marks else len(blocks)
    if marks and all(block.level for block in blocks[:first]):
        first = 0  # A heading above the first anchor is that chapter's.
    if first:
        yield 0, _unlisted(blocks[:first], page)
    starts = [first, *(mark.block for mark in marks[1:])]
    for mark, start, end in zip(marks, starts, [*starts[1:], len(blocks)], strict=False):
        part = tuple(blocks[start:end])
        title = mark.title or heading(part)
        yield start, Section(title, part, _common_kinds(part), mark.level, True, mark.holds, mark.beneath)


def _unlisted(blocks: Sequence[Block], page: Page) -> Section:
    return Section(heading(blocks), tuple(blocks), _common_kinds(blocks), extra=not page.linear)


def _common_kinds(blocks: Sequence[Block]) -> frozenset[str]:
    """What holds for every block: an epigraph at the head of a chapter does not make it one."""
    kinds = [block.kinds for block in blocks if not block.note] or [block.kinds for block in blocks]
    return frozenset.intersection(*kinds) if kinds else frozenset()


def _continues(before: Section, piece: Section) -> bool:
    """Whether an unlisted piece belongs to the chapter before it, or to the notes or index before it."""
    if piece.listed or piece.extra or piece.matter or not before.listed:
        return False
    if before.matter:
        return before.matter in APPARATUS
    regions = piece.kinds & REGIONS
    return not regions or regions == before.kinds & REGIONS


Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the landmarks say: types of single places, and where body and back matter begin."""

    places: dict[Position, frozenset[str]]
    body: Position | None
    back: Position | None

    @classmethod
    def of(cls, landmarks: Sequence[Landmark], pages: Sequence[Page], texts: Sequence[PageText]) -> "_Declared":
        numbers = {name: number for number, page in enumerate(pages) for name in (page.stands_for, page.name)}
        places: dict[Position, frozenset[str]] = {}
        for landmark in landmarks:
            number = numbers.get(landmark.place.path)
            block = 0 if number is None else texts[number].place_of(landmark.place.fragment)
            if number is not None and block is not None:
                places[number, block] = places.get((number, block), frozenset()) | landmark.types
        body = min((place for place, kinds in places.items() if "bodymatter" in kinds), default=None)
        back = min((place for place, kinds in places.items() if "backmatter" in kinds), default=None)
        return cls(places, body if body and _is_plausible(body, texts) else None, back)

    def kinds(self, piece: Section, position: Position) -> frozenset[str]:
        """The types of a piece of text at `position`: its own, else what the landmarks make of it."""
        kinds = piece.kinds | (self.places.get(position, frozenset()) - REGIONS)
        if kinds & REGIONS:
            return kinds
        if self.body and position < self.body:
            return kinds | {"frontmatter"}
        return kinds | {"backmatter"} if self.back and position >= self.back else kinds


def _is_plausible(body: Position, texts: Sequence[PageText]) -> bool:
    words = [sum(block.words for block in text.blocks) for text in texts]
    return sum(words[: body[0]]) <= LARGEST_FRONT * sum(words)
