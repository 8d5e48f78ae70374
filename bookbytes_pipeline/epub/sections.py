"""The text of a book, cut into sections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bookbytes_pipeline.epub.contents import Landmark
from bookbytes_pipeline.epub.headings import heading
from bookbytes_pipeline.epub.matter import APPARATUS, is_rights_page, reason_by_title, reason_by_type
from bookbytes_pipeline.epub.package import Page
from bookbytes_pipeline.epub.section_starts import SectionStart
from bookbytes_pipeline.epub.text import Block, PageText

REGIONS = frozenset({"frontmatter", "bodymatter", "backmatter"})
CHAPTERS = frozenset(
    {
        *("bodymatter", "chapter", "introduction", "preface", "foreword", "prologue", "preamble"),
        *("epilogue", "afterword", "conclusion", "appendix"),
    }
)
"""Types that are chapters whatever their title."""
MAX_FRONT_MATTER_SHARE = 0.3
"""A `bodymatter` landmark behind more than this share of the words is a reader's starting point gone wrong."""


@dataclass(frozen=True, slots=True)
class Section:
    """The text from one start to the next.

    `listed` is true for an entry of the contents, at `level`; `holds` where chapters are listed below it. `kinds` are
    the types declared for all of it. `beneath` is the title of the notes, index or bibliography that it is part of.
    `extra` is true for a page outside the reading order that is not in the contents.
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
    starts: Sequence[SectionStart], pages: Sequence[Page], texts: Sequence[PageText], landmarks: Sequence[Landmark]
) -> tuple[Section, ...]:
    """Cut the whole text, in reading order, into sections; nothing is left out."""
    marked = {number: list(group) for number, group in groupby(starts, key=lambda start: start.page)}
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


def _pieces(starts: Sequence[SectionStart], blocks: Sequence[Block], page: Page) -> Iterator[tuple[int, Section]]:
    """Yield the sections of one page, each with the index of its first block."""
    first = starts[0].block if starts else len(blocks)
    if starts and all(block.level for block in blocks[:first]):
        first = 0  # A heading above the first anchor is that chapter's.
    if first:
        yield 0, _unlisted(blocks[:first], page)
    indices = [first, *(start.block for start in starts[1:])]
    for start, index, end in zip(starts, indices, [*indices[1:], len(blocks)], strict=False):
        part = tuple(blocks[index:end])
        title = start.title or heading(part)
        yield index, Section(title, part, _common_kinds(part), start.level, True, start.holds, start.beneath)


def _unlisted(blocks: Sequence[Block], page: Page) -> Section:
    return Section(heading(blocks), tuple(blocks), _common_kinds(blocks), extra=not page.linear)


def _common_kinds(blocks: Sequence[Block]) -> frozenset[str]:
    """Return the types of every block: an epigraph at the start of a chapter does not make it one."""
    kinds = [block.kinds for block in blocks if not block.note] or [block.kinds for block in blocks]
    return frozenset.intersection(*kinds) if kinds else frozenset()


def _continues(before: Section, piece: Section) -> bool:
    """Return whether an unlisted piece belongs to the chapter, the notes or the index before it."""
    if piece.listed or piece.extra or piece.matter or not before.listed:
        return False
    if before.matter:
        return before.matter in APPARATUS
    regions = piece.kinds & REGIONS
    return not regions or regions == before.kinds & REGIONS


Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the landmarks declare: types of single positions, and where body and back matter start."""

    kinds_at: dict[Position, frozenset[str]]
    body: Position | None
    back: Position | None

    @classmethod
    def of(cls, landmarks: Sequence[Landmark], pages: Sequence[Page], texts: Sequence[PageText]) -> "_Declared":
        numbers = {name: number for number, page in enumerate(pages) for name in (page.stands_for, page.name)}
        kinds_at: dict[Position, frozenset[str]] = {}
        for landmark in landmarks:
            number = numbers.get(landmark.href.path)
            block = 0 if number is None else texts[number].block_of(landmark.href.fragment)
            if number is not None and block is not None:
                kinds_at[number, block] = kinds_at.get((number, block), frozenset()) | landmark.types
        body = min((position for position, kinds in kinds_at.items() if "bodymatter" in kinds), default=None)
        back = min((position for position, kinds in kinds_at.items() if "backmatter" in kinds), default=None)
        return cls(kinds_at, body if body and _is_plausible(body, texts) else None, back)

    def kinds(self, piece: Section, position: Position) -> frozenset[str]:
        """Return the types of a piece of text at `position`: its own, else those of the landmarks."""
        kinds = piece.kinds | (self.kinds_at.get(position, frozenset()) - REGIONS)
        if kinds & REGIONS:
            return kinds
        if self.body and position < self.body:
            return kinds | {"frontmatter"}
        return kinds | {"backmatter"} if self.back and position >= self.back else kinds


def _is_plausible(body: Position, texts: Sequence[PageText]) -> bool:
    words = [sum(block.words for block in text.blocks) for text in texts]
    return sum(words[: body[0]]) <= MAX_FRONT_MATTER_SHARE * sum(words)
