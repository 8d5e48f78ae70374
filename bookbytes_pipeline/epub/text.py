"""One page of a book as paragraphs, with the anchors at which it can be cut."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from lxml import etree

from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.epub.markup import Element, folded, parse_page, tag, types

# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr",
    "html", "legend", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr",
    "ul",
})
_SILENT = frozenset({
    "head", "title", "script", "style", "nav", "template", "audio", "video", "iframe", "canvas", "rt", "rp", "desc",
    "metadata", "annotation", "annotation-xml",
})
# fmt: on
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "hgroup": 1}
_LOWEST_HEADING = 6
_MAX_HEADING_WORDS = 40
_JOINT = "\x1f"
"""Between number and title of a group of headings; no XML document can hold it."""
_SILENT_TYPES = frozenset({"noteref", "pagebreak", "backlink"})
_SPACES = frozenset({"br", "td", "th"})
_TITLE_TYPES = frozenset({"title", "subtitle", "fulltitle", "halftitle", "ordinal", "heading"})
_NOTE_TYPES = frozenset({"footnote", "endnote", "rearnote", "footnotes", "endnotes", "rearnotes"})
_NOTE_CLASSES = frozenset({"footnote", "footnotes", "endnote", "endnotes", "_idfootnote", "_idfootnotes"})
_NOTE_REFERENCE = re.compile(r"\d{1,4}|[*†‡§¶]{1,4}|[a-z]")
_BRACKETED_REFERENCE = re.compile(r"\[(\d{1,4}|[*†‡§¶]{1,4}|[a-z])\]|\((\d{1,4}|[*†‡§¶]{1,4})\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or heading on one line.

    `level` is 1 to 6 for a heading, 0 for a paragraph. `kinds` are the types of everything it stands in; `note` marks
    the body of a footnote. `linked` counts the characters inside links to elsewhere. `display` is true for a paragraph
    that stands out like a heading: all of it bold, centred, or of a class named for a title.
    """

    text: str
    level: int = 0
    kinds: frozenset[str] = frozenset()
    note: bool = False
    linked: int = 0
    display: bool = False

    @property
    def words(self) -> int:
        """How many words stand here."""
        return count_words(self.text)


@dataclass(frozen=True, slots=True)
class PageText:
    """The blocks of one page; `anchors` gives for an id the number of the block that begins there."""

    blocks: tuple[Block, ...]
    anchors: dict[str, int]

    def block_of(self, fragment: str) -> int | None:
        """Return the index of the block that `fragment` names, 0 if it is empty; None if there is none."""
        return self.anchors.get(fragment) if fragment else 0


def read_page_text(content: bytes, cuts: Collection[str]) -> PageText:
    """Return the text of an XHTML page; `cuts` are the ids whose blocks are needed."""
    root = parse_page(content)
    reader = _Reader(frozenset(cuts))
    if root is not None:
        reader.read(root)
    return PageText(tuple(reader.blocks), reader.anchors)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What holds inside an element: the types, the level of heading and whether it is a footnote's body."""

    kinds: frozenset[str] = frozenset()
    level: int = 0
    note: bool = False
    group: bool = False


@dataclass(slots=True)
class _Reader:
    """Walks through a page once and without recursion, because pages may nest deeply."""

    cuts: frozenset[str]
    blocks: list[Block] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    _words: list[str] = field(default_factory=list)
    _frames: list[_Frame] = field(default_factory=lambda: [_Frame()])

    def read(self, root: Element) -> None:
        walk = etree.iterwalk(root, events=("start", "end"))
        skipping = False
        for event, element in walk:
            if event == "start" and _is_silent(element):
                skipping = True
                self._add_anchors(element)
                walk.skip_subtree()
            elif event == "start":
                self._enter(element, tag(element))
            elif skipping:
                skipping = False
                self._words.append(element.tail or "")
            else:
                self._leave(element, tag(element))
        self._flush()

    def _enter(self, element: Element, name: str) -> None:
        self._separate(name)
        self._add_anchor(element)
        self._frames.append(_frame(self._frames[-1], element, name))
        self._words.append(element.text or "")

    def _leave(self, element: Element, name: str) -> None:
        self._separate(name)
        self._frames.pop()
        self._words.append(element.tail or "")

    def _separate(self, name: str) -> None:
        """End the paragraph at the edge of a block element, unless it is inside a group of headings."""
        if name in _SPACES:
            self._words.append(" ")
        elif name in _BLOCKS and self._frames[-1].group and name != "hgroup":
            self._words.append(_JOINT)
        elif name in _BLOCKS:
            self._flush()

    def _add_anchors(self, element: Element) -> None:
        for inner in element.iter() if self.cuts else ():
            self._add_anchor(inner)

    def _add_anchor(self, element: Element) -> None:
        """A cut in the middle of a paragraph divides it; one in a heading takes the whole heading along."""
        for name in (element.get("id", ""), element.get("name", "")):
            if name in self.cuts and name not in self.anchors:
                if not self._frames[-1].level:
                    self._flush()
                self.anchors[name] = len(self.blocks)

    def _flush(self) -> None:
        frame = self._frames[-1]
        parts = (folded(part) for part in "".join(self._words).split(_JOINT))
        text = ": ".join(part for part in parts if part)
        self._words.clear()
        if text:
            # Some books set all their prose in headings; what is longer than any title is prose.
            level = frame.level if count_words(text) <= _MAX_HEADING_WORDS else 0
            self.blocks.append(Block(text, level, frame.kinds, frame.note))


def _frame(outer: _Frame, element: Element, name: str) -> _Frame:
    kinds = types(element)
    group = outer.group or name == "hgroup"
    note = outer.note or bool(kinds & _NOTE_TYPES or _NOTE_CLASSES & {*(element.get("class") or "").lower().split()})
    level = outer.level or _HEADINGS.get(name, 0)
    if name in _BLOCKS and kinds & _TITLE_TYPES:
        level = level or _LOWEST_HEADING
    return _Frame(outer.kinds | kinds if kinds else outer.kinds, level, note, group)


def _is_silent(element: Element) -> bool:
    name = tag(element)
    return name in _SILENT or bool(types(element) & _SILENT_TYPES) or (name == "a" and _is_note_reference(element))


def _is_note_reference(link: Element) -> bool:
    """Return whether the link is only the number, letter or asterisk of a note."""
    if "#" not in (link.get("href") or ""):
        return False
    reference = folded("".join(map(str, link.itertext())))
    if _BRACKETED_REFERENCE.fullmatch(reference):
        return True
    parent = link.getparent()
    raised = (parent is not None and tag(parent) == "sup") or any(tag(child) == "sup" for child in link)
    return raised and bool(_NOTE_REFERENCE.fullmatch(reference))
