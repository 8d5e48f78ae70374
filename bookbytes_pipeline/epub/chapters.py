"""Which sections of a book are its chapters."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from bookbytes_pipeline.domain.book import ChapterText, SkippedSection
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.epub.blocks import Block
from bookbytes_pipeline.epub.matter import is_part_title, plain
from bookbytes_pipeline.epub.sections import CHAPTERS, MIN_PROSE_WORDS, OTHER_TEXTS, REGIONS, Section

MIN_PAGE_WORDS = 50
"""A shorter page may be a divider."""
MIN_TYPICAL_CHAPTER_WORDS = 300
"""Where chapters are as long as this, a short page before the first or after the last is none of them."""
MIN_PART_INTRODUCTION_WORDS = 150
"""A shorter introduction to a part is joined with the part's first chapter."""
MIN_UNTITLED_WORDS = 300
"""A shorter page without a title, outside of the contents, is no chapter."""

DIVIDER = "divider page"
MAX_HEADING_BLOCKS = 4
"""Number, title, subtitle and motto stand above a chapter; more in a row are prose set as headings."""

UNTITLED_PAGE = "Untitled page"
UNLISTED = "not in the contents"
PART_TEXT = "introduction to a part without chapters"
_AROUND = frozenset({"frontmatter", "backmatter"})
_BODY_REASONS = frozenset({UNLISTED, PART_TEXT})
MIN_MISSING_WORDS = 150
"""A longer section that is left out is told, whatever the reason."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chapters of a book in reading order, and all other sections. `undivided` if the whole text is one chapter."""

    chapters: tuple[ChapterText, ...]
    left_out: tuple[SkippedSection, ...]
    undivided: bool = False

    def titled(self, title: str) -> "Chosen":
        """Return the same text as one undivided chapter with this title, that of the book."""
        return replace(self, chapters=tuple(replace(part, title=title) for part in self.chapters), undivided=True)

    @property
    def missing(self) -> tuple[SkippedSection, ...]:
        """What people may miss: sections of some length in no chapter, and shorter ones of the body."""
        return tuple(
            part
            for part in self.left_out
            if part.reason in _BODY_REASONS or (part.section and part.words > MIN_MISSING_WORDS)
        )

    @property
    def coverage(self) -> float:
        """The share (0..1) of the words in chapters among these and those that people may miss."""
        inside = sum(count_words(chapter.text) for chapter in self.chapters)
        outside = sum(part.words for part in self.missing)
        return inside / (inside + outside) if inside + outside else 1.0


def choose(sections: Sequence[Section]) -> Chosen:
    """Choose the chapters among the sections; a part's short introduction is joined with its first chapter."""
    builder = ChapterBuilder()
    reasons = list(_reasons(sections))
    introductions = _introductions(sections, reasons)
    joined = {index for before in introductions.values() for index in before}
    for index, (section, reason) in enumerate(zip(sections, reasons, strict=True)):
        if index in joined:
            continue
        if reason:
            builder.leave_out(section, reason)
        elif index in introductions:
            builder.add(_joined([sections[before] for before in introductions[index]], section))
        else:
            builder.leave_out(section, PART_TEXT)
    return Chosen(tuple(builder.chapters), tuple(builder.left_out))


def _introductions(sections: Sequence[Section], reasons: Sequence[str | None]) -> dict[int, list[int]]:
    """Return the number of each chapter, with those of the parts' short introductions that are joined with it."""
    found: dict[int, list[int]] = {}
    waiting: list[int] = []
    for index, section in enumerate(sections):
        while section.listed and waiting and section.level <= sections[waiting[-1]].level:
            waiting.pop()
        if reasons[index]:
            continue
        if section.holds and _length(section) < MIN_PART_INTRODUCTION_WORDS:
            waiting.append(index)
        else:
            found[index] = waiting
            waiting = []
    return found


def whole(title: str, sections: Sequence[Section]) -> Chosen:
    """Take all text as one chapter, for a book whose chapters cannot be found."""
    builder = ChapterBuilder()
    builder.add(Section(title, tuple(block for section in sections for block in section.blocks)))
    return Chosen(tuple(builder.chapters), tuple(builder.left_out), undivided=True)


def _joined(introductions: Sequence[Section], section: Section) -> Section:
    """Put the introductions of parts in front of their first chapter, all without their headings."""
    if not introductions:
        return section
    parts = (*introductions, section)
    notes = (block for part in parts for block in part.blocks if block.note)
    return replace(section, blocks=(*(block for part in parts for block in _body(part)), *notes))


@dataclass(slots=True)
class ChapterBuilder:
    """Collects chapters and skipped sections."""

    chapters: list[ChapterText] = field(default_factory=list)
    left_out: list[SkippedSection] = field(default_factory=list)
    _sections: int = 0

    def add(self, section: Section) -> None:
        """Add the section as a chapter."""
        number = len(self.chapters) + 1
        title = section.title or f"Chapter {number}"
        self.chapters.append(ChapterText(number, title, _text(section), self._next_section()))
        notes = sum(block.words for block in section.blocks if block.note)
        if notes:
            self.left_out.append(SkippedSection(title, notes, "footnotes"))

    def leave_out(self, section: Section, reason: str) -> None:
        """Add the section to those that are no chapters, with the reason."""
        if section.words:
            title, number = section.title or UNTITLED_PAGE, self._next_section()
            self.left_out.append(SkippedSection(title, section.words, reason, _text(section), number))

    def _next_section(self) -> int:
        self._sections += 1
        return self._sections


def _reasons(sections: Sequence[Section]) -> Iterator[str | None]:
    """Yield for each section why it is no chapter; None for a chapter."""
    body_declared = any("bodymatter" in section.kinds for section in sections)
    declared = [_declared_reason(section, body_declared=body_declared) for section in sections]
    lengths = [_length(section) for section in sections]
    declared = list(_corrected_by_place(sections, declared, lengths))
    candidates = [index for index, reason in enumerate(declared) if reason is None and lengths[index]]
    long = [index for index in candidates if lengths[index] >= MIN_PAGE_WORDS]
    typical = median(lengths[index] for index in candidates) if candidates else 0
    for index, section in enumerate(sections):
        at_edge = (
            typical >= MIN_TYPICAL_CHAPTER_WORDS and not section.kinds & CHAPTERS and not long[0] <= index <= long[-1]
        )
        yield declared[index] or _divider(section, lengths[index], at_edge=at_edge)


def _corrected_by_place(
    sections: Sequence[Section], reasons: Sequence[str | None], lengths: Sequence[int]
) -> Iterator[str | None]:
    """Yield the reasons again; None for prose between chapters that only its title takes for other matter.

    Nobody puts the credits there, and between short chapters short prose is enough. The beginning of another book
    stands in the last third, whatever follows it there.
    """
    chapters = [
        index for index, reason in enumerate(reasons) if reason is None and lengths[index] >= MIN_UNTITLED_WORDS
    ]
    typical = median(lengths[index] for index in chapters) if chapters else 0
    enough = min(MIN_PROSE_WORDS, max(MIN_MISSING_WORDS, typical / 2))
    for index, (section, reason) in enumerate(zip(sections, reasons, strict=True)):
        titled = reason and not section.extra and not section.kinds & _AROUND
        before = bisect_left(chapters, index)
        behind = len(chapters) - before
        if reason in OTHER_TEXTS:
            inside = behind > 0 and behind >= before / 2
        else:
            inside = before > 0 and behind > 0 and not section.beneath
        yield None if titled and inside and section.reads_as_chapter(enough) else reason


def _declared_reason(section: Section, *, body_declared: bool) -> str | None:
    """Return why the section is no chapter by what the book declares, or by its type or title.

    That it stands before or behind the body counts where there is little text, or where all agree: the section, the
    chapters, which say that they are the body, and the landmarks. Each of them alone is often wrong.
    """
    if section.extra:
        return section.matter or "beside the reading order"
    declared, hinted = ((section.kinds & _AROUND), (section.hints & _AROUND) - section.kinds)
    confirmed = body_declared and declared & section.hints
    if (declared and (confirmed or not section.reads_as_chapter(MIN_MISSING_WORDS))) or (
        hinted and not section.kinds & REGIONS and not (section.listed and _length(section) >= MIN_MISSING_WORDS)
    ):
        return section.matter or ("front matter" if "frontmatter" in declared | hinted else "back matter")
    return section.matter


def _divider(section: Section, length: int, *, at_edge: bool) -> str | None:
    """Return whether this page only announces what follows; a chapter of five words between others is a chapter."""
    if not length:
        return DIVIDER
    if section.listed or section.title:
        short = length < MIN_PAGE_WORDS and not section.holds
        part = is_part_title(section.title) or "part" in section.kinds
        return DIVIDER if short and (part or at_edge) else None
    return UNLISTED if length < MIN_UNTITLED_WORDS else None


def _length(section: Section) -> int:
    return sum(block.words for block in _body(section))


def _text(section: Section) -> str:
    return "\n\n".join(block.text for block in _body(section))


def _body(section: Section) -> tuple[Block, ...]:
    """Return the text without notes and without the title above it."""
    blocks = [block for block in section.blocks if not block.note]
    title = f" {plain(section.title)} "
    start = 0
    while start < min(len(blocks), MAX_HEADING_BLOCKS) and (
        blocks[start].level or f" {plain(blocks[start].text)} " in title
    ):
        start += 1
    return tuple(blocks[start:])
