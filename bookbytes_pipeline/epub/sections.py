"""The text of a book, cut into sections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bookbytes_pipeline.epub.blocks import Block, PageText
from bookbytes_pipeline.epub.contents import Landmark
from bookbytes_pipeline.epub.headings import heading
from bookbytes_pipeline.epub.matter import (
    APPARATUS,
    WITH_DIVISIONS,
    is_rights_page,
    reason_by_title,
    reason_by_type,
)
from bookbytes_pipeline.epub.package import Page
from bookbytes_pipeline.epub.section_starts import SectionStart
from bookbytes_pipeline.epub.text_shape import (
    is_about_rights,
    is_list_of_entries,
    is_list_of_links,
    is_list_of_references,
    is_prose,
    is_thanks,
)

REGIONS = frozenset({"frontmatter", "bodymatter", "backmatter"})
CHAPTERS = frozenset(
    {
        *("bodymatter", "chapter", "introduction", "preface", "foreword", "prologue", "preamble"),
        *("epilogue", "afterword", "conclusion", "appendix"),
    }
)
"""Types that are chapters whatever their title."""
MIN_PROSE_WORDS = 500
"""A listed section of this length is a chapter whatever it is called, if its text is prose."""
OTHER_TEXTS = frozenset({"excerpt", "reading guide"})
"""Back matter that is prose by nature; its title says so, and that it stands behind the chapters."""


@dataclass(frozen=True, slots=True)
class Section:
    """The text from one start to the next.

    `listed` is true for an entry of the contents, at `level`; `holds` where chapters are listed below it. `kinds` are
    the types declared for all of it, `hints` those that the landmarks give to its place. `beneath` is the title of the
    notes, index or excerpt that it is part of. `extra` is true for a page outside the reading order that is not in
    the contents.
    """

    title: str
    blocks: tuple[Block, ...]
    kinds: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
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
        """Why this is front or back matter; None if nothing says so, or if its text is that of a chapter."""
        if declared := reason_by_type(self.kinds):
            return declared
        if self.kinds & CHAPTERS:
            return None
        if is_list_of_links(self.blocks):
            return "contents"
        if self.beneath:
            return reason_by_title(self.beneath)
        reason = reason_by_title(self.title) or reason_by_type(self.hints) or self._rights() or self._references()
        return None if reason and reason not in OTHER_TEXTS and self.reads_as_chapter(MIN_PROSE_WORDS) else reason

    def reads_as_chapter(self, words: float) -> bool:
        """Return whether the contents list it and its text is prose of at least so many words, whatever its title."""
        if not self.listed or self.words < words or reason_by_type(self.kinds) or is_list_of_links(self.blocks):
            return False
        return is_prose(self.blocks) and not (is_thanks(self.blocks) or is_about_rights(self.blocks))

    def _references(self) -> str | None:
        return "list of references" if is_list_of_references(self.blocks) else None

    def _rights(self) -> str | None:
        named = self.listed or self.title
        if named and (not is_about_rights(self.blocks) or is_prose(self.blocks)):
            return None
        return "copyright page" if is_rights_page(" ".join(block.text for block in self.blocks)) else None


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
            section = replace(piece, hints=declared.hints((number, start)))
            if heads and _continues(heads[-1], section):
                bodies[-1].extend(section.blocks)
            else:
                heads.append(section)
                bodies.append(list(section.blocks))
    whole = (replace(head, blocks=tuple(body)) for head, body in zip(heads, bodies, strict=True))
    return tuple(part for section in whole for part in _apparatus_apart(section))


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
        yield (
            index,
            Section(
                title,
                part,
                _common_kinds(part),
                level=start.level,
                listed=True,
                holds=start.holds,
                beneath=start.beneath,
            ),
        )


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
        return before.matter in WITH_DIVISIONS
    regions = (piece.kinds | piece.hints) & REGIONS
    return not regions or regions == (before.kinds | before.hints) & REGIONS


def _apparatus_apart(section: Section) -> list[Section]:
    """Return the section, and the notes or the bibliography at its end as sections of their own."""
    parts: list[Section] = []
    blocks = section.blocks
    while not section.matter and (start := _apparatus_start(blocks)):
        parts.insert(0, Section(blocks[start].text, blocks[start:], section.kinds - CHAPTERS, hints=section.hints))
        blocks = blocks[:start]
    return [replace(section, blocks=blocks), *parts]


def _apparatus_start(blocks: Sequence[Block]) -> int | None:
    """Return the last heading, if it is that of notes, a bibliography or the like, and lists stand below it."""
    for index in range(len(blocks) - 1, 0, -1):
        block = blocks[index]
        if (block.level or block.display) and reason_by_title(block.text) in APPARATUS:
            below = [replace(block, level=1), *blocks[index + 1 :]]
            return index if not block.note and is_list_of_entries(below) else None
        if block.level:
            return None
    return None


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
        return cls(kinds_at, body, back)

    def hints(self, position: Position) -> frozenset[str]:
        """Return the types that the landmarks give to a piece of text at `position`."""
        kinds = self.kinds_at.get(position, frozenset()) - REGIONS
        if self.body and position < self.body:
            return kinds | {"frontmatter"}
        return kinds | {"backmatter"} if self.back and position >= self.back else kinds
