"""Which sections of a book are its chapters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from bookbytes_pipeline.domain.book import ChapterText, SkippedSection
from bookbytes_pipeline.epub.matter import is_part_title, plain
from bookbytes_pipeline.epub.sections import CHAPTERS, Section
from bookbytes_pipeline.epub.text import Block

SHORT = 50
"""Words below which a page may be a divider."""
TYPICAL = 300
"""Words from which a book's chapters are long enough for a short page at its edge to be none of them."""
SUBSTANTIAL = 150
"""Words from which the introduction to a part is a chapter of its own."""
UNTITLED = 300
"""Words from which a page without title, outside of the contents, is taken for a chapter."""

DIVIDER = "divider page"
MOST_HEADINGS = 4
"""Number, title, subtitle and motto stand above a chapter; more in a row are prose set as headings."""

UNTITLED_PAGE = "Untitled page"
UNLISTED = "not in the contents"
PART_TEXT = "introduction to a part without chapters"
_BODY_REASONS = frozenset({UNLISTED, PART_TEXT})


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chapters of a book in reading order, and everything else. `undivided` if all text had to become one."""

    chapters: tuple[ChapterText, ...]
    left_out: tuple[SkippedSection, ...]
    undivided: bool = False

    @property
    def missing(self) -> tuple[SkippedSection, ...]:
        """What is body text and yet in no chapter."""
        return tuple(part for part in self.left_out if part.reason in _BODY_REASONS)

    @property
    def coverage(self) -> float:
        """The share (0..1) of the body text's words that lies in chapters."""
        inside = sum(len(chapter.text.split()) for chapter in self.chapters)
        outside = sum(part.words for part in self.missing)
        return inside / (inside + outside) if inside + outside else 1.0


def choose(sections: Sequence[Section]) -> Chosen:
    """The chapters among the sections; a part's few words of introduction open its first chapter."""
    tray = ChapterBuilder()
    waiting: Section | None = None
    for section, reason in zip(sections, _reasons(sections), strict=True):
        if waiting and section.listed and section.level <= waiting.level:
            tray.leave_out(waiting, PART_TEXT)
            waiting = None
        if reason:
            tray.leave_out(section, reason)
        elif section.holds and _length(section) < SUBSTANTIAL:
            waiting = _joined(waiting, section)
        else:
            tray.add(_joined(waiting, section))
            waiting = None
    if waiting:
        tray.leave_out(waiting, PART_TEXT)
    return Chosen(tuple(tray.chapters), tuple(tray.left_out))


def whole(title: str, sections: Sequence[Section]) -> Chosen:
    """All text as one chapter: for a book that does not tell its chapters apart."""
    tray = ChapterBuilder()
    tray.add(Section(title, tuple(block for section in sections for block in section.blocks)))
    return Chosen(tuple(tray.chapters), tuple(tray.left_out), undivided=True)


def _joined(opening: Section | None, section: Section) -> Section:
    """The section with the words of the part it opens in front, both without their headings."""
    if opening is None:
        return section
    notes = (block for part in (opening, section) for block in part.blocks if block.note)
    return replace(section, blocks=(*_body(opening), *_body(section), *notes))


@dataclass(slots=True)
class ChapterBuilder:
    """Where sections are laid out while they are sorted."""

    chapters: list[ChapterText] = field(default_factory=list)
    left_out: list[SkippedSection] = field(default_factory=list)

    def add(self, section: Section) -> None:
        """Take the section as a chapter."""
        number = len(self.chapters) + 1
        title = section.title or f"Chapter {number}"
        self.chapters.append(ChapterText(number, title, "\n\n".join(block.text for block in _body(section))))
        notes = sum(block.words for block in section.blocks if block.note)
        if notes:
            self.left_out.append(SkippedSection(title, notes, "footnotes"))

    def leave_out(self, section: Section, reason: str) -> None:
        """Note that the section is no chapter, and why."""
        if section.words:
            self.left_out.append(SkippedSection(section.title or UNTITLED_PAGE, section.words, reason))


def _reasons(sections: Sequence[Section]) -> Iterator[str | None]:
    """For each section why it is no chapter; None for a chapter."""
    firm = [_firm_reason(section) for section in sections]
    lengths = [_length(section) for section in sections]
    candidates = [place for place, reason in enumerate(firm) if reason is None and lengths[place]]
    long = [place for place in candidates if lengths[place] >= SHORT]
    typical = median(lengths[place] for place in candidates) if candidates else 0
    for place, section in enumerate(sections):
        at_edge = typical >= TYPICAL and not section.kinds & CHAPTERS and not long[0] <= place <= long[-1]
        yield firm[place] or _divider(section, lengths[place], at_edge=at_edge)


def _firm_reason(section: Section) -> str | None:
    """What the book declares comes first; then type and title."""
    if section.extra:
        return section.matter or "beside the reading order"
    if "frontmatter" in section.kinds:
        return section.matter or "front matter"
    if "backmatter" in section.kinds:
        return section.matter or "back matter"
    return section.matter


def _divider(section: Section, length: int, *, at_edge: bool) -> str | None:
    """Whether this is a page that only announces what follows. A chapter of five words between others is a chapter."""
    if not length:
        return DIVIDER
    if section.listed or section.title:
        short = length < SHORT and not section.holds
        part = is_part_title(section.title) or "part" in section.kinds
        return DIVIDER if short and (part or at_edge) else None
    return UNLISTED if length < UNTITLED else None


def _length(section: Section) -> int:
    return sum(block.words for block in _body(section))


def _body(section: Section) -> tuple[Block, ...]:
    """The text without notes, and without what stands above it as title."""
    blocks = [block for block in section.blocks if not block.note]
    title = f" {plain(section.title)} "
    start = 0
    while start < min(len(blocks), MOST_HEADINGS) and (
        blocks[start].level or f" {plain(blocks[start].text)} " in title
    ):
        start += 1
    return tuple(blocks[start:])
