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
_STRONG = frozenset({"b", "strong"})
_TITLE_TYPES = frozenset({"title", "subtitle", "fulltitle", "halftitle", "ordinal", "heading"})
_NOTE_TYPES = frozenset({"footnote", "endnote", "rearnote", "footnotes", "endnotes", "rearnotes"})
_NOTE_CLASSES = frozenset({"footnote", "footnotes", "endnote", "endnotes", "_idfootnote", "_idfootnotes"})
_NOTE_REFERENCE = re.compile(r"\d{1,4}|[*†‡§¶]{1,4}|[a-z]")
_TITLE_CLASS = re.compile(
    r"(?<![a-z])(?:sub)?(?:titles?|head(?:ing|line)?s?|chap(?:ter)?s?(?:title|num(?:ber)?)?|cent(?:er|re)(?:ed)?)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_ALIGNED = re.compile(r"text-align\s*:\s*(?:-\w+-)?(\w+)", re.IGNORECASE)
_BRACKETED_REFERENCE = re.compile(r"\[(\d{1,4}|[*†‡§¶]{1,4}|[a-z])\]|\((\d{1,4}|[*†‡§¶]{1,4})\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or heading on one line.

    `level` is 1 to 6 for a heading, 0 for a paragraph. `kinds` are the types of everything it stands in; `note` marks
    the body of a footnote. `linked` counts the letters inside links. `display` is true for a paragraph
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
    """The blocks of one page; `anchors` gives for an id the number of the block that begins there.

    `guessed_encoding` is true if nothing said truly how the letters of the page are encoded.
    """

    blocks: tuple[Block, ...]
    anchors: dict[str, int]
    guessed_encoding: bool = False

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
    """What holds inside an element: the types, the level of heading, whether it is a footnote's body, and its looks.

    `titled` is true inside a block whose own class is that of a title: the box around a whole chapter is often called
    `chapter`, so the blocks in it are not titled. `strong` is true inside what is bold or, within a line, so classed.
    """

    kinds: frozenset[str] = frozenset()
    level: int = 0
    note: bool = False
    group: bool = False
    titled: bool = False
    centred: bool = False
    strong: bool = False
    linked: bool = False


@dataclass(slots=True)
class _Reader:
    """Walks through a page once and without recursion, because pages may nest deeply."""

    cuts: frozenset[str]
    blocks: list[Block] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    _words: list[str] = field(default_factory=list)
    _letters: int = 0
    _strong: int = 0
    _linked: int = 0
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
                self._say(element.tail)
            else:
                self._leave(element, tag(element))
        self._flush()

    def _enter(self, element: Element, name: str) -> None:
        self._separate(name)
        self._add_anchor(element)
        self._frames.append(_frame(self._frames[-1], element, name))
        self._say(element.text)

    def _leave(self, element: Element, name: str) -> None:
        self._separate(name)
        self._frames.pop()
        self._say(element.tail)

    def _say(self, text: str | None) -> None:
        if text:
            frame = self._frames[-1]
            letters = sum(map(len, text.split()))
            self._letters += letters
            self._strong += letters if frame.strong else 0
            self._linked += letters if frame.linked else 0
            self._words.append(text)

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
        if text:
            # Some books set all their prose in headings; what is longer than any title is prose.
            short = count_words(text) <= _MAX_HEADING_WORDS
            level = frame.level if short else 0
            display = short and not level and (frame.titled or frame.centred or self._strong == self._letters)
            self.blocks.append(Block(text, level, frame.kinds, frame.note, self._linked, display))
        self._words.clear()
        self._letters = self._strong = self._linked = 0


def _frame(outer: _Frame, element: Element, name: str) -> _Frame:
    kinds = types(element)
    classes = element.get("class") or ""
    style = element.get("style") or ""
    note = outer.note or bool(kinds & _NOTE_TYPES or _NOTE_CLASSES & {*classes.lower().split()})
    level = outer.level or _HEADINGS.get(name, 0)
    if name in _BLOCKS and kinds & _TITLE_TYPES:
        level = level or _LOWEST_HEADING
    titled = bool(_TITLE_CLASS.search(classes))
    inline = name not in _BLOCKS
    return _Frame(
        kinds=outer.kinds | kinds if kinds else outer.kinds,
        level=level,
        note=note,
        group=outer.group or name == "hgroup",
        titled=outer.titled if inline else titled,
        centred=_centred(outer, element, name, style),
        strong=outer.strong or name in _STRONG or bool(_BOLD.search(style)) or (inline and titled),
        linked=outer.linked or (name == "a" and bool(element.get("href"))),
    )


def _centred(outer: _Frame, element: Element, name: str, style: str) -> bool:
    said = _ALIGNED.search(style)
    align = said.group(1) if said else element.get("align")
    return outer.centred or name == "center" if align is None else align.lower() == "center"


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
