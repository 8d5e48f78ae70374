"""One page of a book as paragraphs, with the anchors at which it can be cut."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from lxml import etree

from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.epub.blocks import Block, PageText
from bookbytes_pipeline.epub.markup import XML_LANG, Element, folded, parse_page, tag, types
from bookbytes_pipeline.epub.mathml import formula
from bookbytes_pipeline.epub.matter import is_chapter_title
from bookbytes_pipeline.epub.notes import PageNotes, is_note
from bookbytes_pipeline.epub.numbers import with_runs
from bookbytes_pipeline.epub.page_speech import read_aloud
from bookbytes_pipeline.epub.page_styles import PageStyles
from bookbytes_pipeline.epub.raised import END, LOWERED, MARK, RAISED

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
_ITEMS = frozenset({"li", "dt", "dd"})
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "hgroup": 1}
_LOWEST_HEADING = 6
_MAX_HEADING_WORDS = 40
_JOINT = "\x1f"
"""Between number and title of a group of headings; no XML document can hold it."""
_SILENT_TYPES = frozenset({"noteref", "backlink"})
_PAGE_NUMBER_CLASS = re.compile(
    r"(?:^|[\s_-])(?:page[-_]?(?:num(?:ber)?|no|break)s?|pgno?|pb|folio|line[-_]?(?:num(?:ber)?|no)s?|ln)\d{0,3}(?=$|[\s_-])",
    re.IGNORECASE,
)
_MAX_PAGE_NUMBER_CHARS = 20
_BOILERPLATE = re.compile(r"pg[-_]?(?:header|footer|boilerplate|machine-header|licen[cs]e)\S*", re.IGNORECASE)
_INITIAL_CLASS = re.compile(r"drop|initial|lettrine|capital|firstletter|first-letter", re.IGNORECASE)
_INITIAL = re.compile(r"[\"'“‘«„]?[^\W\d_]")
_SPACES = frozenset({"br", "td", "th", "text"})
_STRONG = frozenset({"b", "strong"})
_TITLE_TYPES = frozenset({"title", "subtitle", "fulltitle", "halftitle", "ordinal", "heading"})
_QUOTES = {"de": "„“‚‘", "fr": "«»‹›", "it": "«»“”", "es": "«»“”", "ru": "«»„“", "pl": "„”‚’", "sv": "””’’"}
_ENGLISH_QUOTES = "“”‘’"
_MARK = re.compile(r"[\[(]?(?:\d{1,4}|[*†‡§¶]{1,4}|[a-z])[\])]?")
_TITLE_CLASS = re.compile(
    r"(?<![a-z])(?:sub)?(?:titles?|head(?:ing|line)?s?|chap(?:ter)?s?(?:title|num(?:ber)?)?|cent(?:er|re)(?:ed)?)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_ALIGNED = re.compile(r"text-align\s*:\s*(?:-\w+-)?(\w+)", re.IGNORECASE)


def read_page_text(content: bytes, cuts: Collection[str], language: str = "en") -> PageText:
    """Return the text of an XHTML page; `cuts` are the ids whose blocks are needed.

    Numbers and formulas are put into words if the page is in English; `language` is that of pages that name none.
    """
    root = parse_page(content)
    if root is None:
        return PageText((), {})
    declared = _declared_language(root)
    spoken_language = (declared or language).partition("-")[0].lower()
    reader = _Reader(frozenset(cuts), PageStyles.of(root), PageNotes.of(root), spoken_language)
    reader.read(root)
    return read_aloud(PageText(tuple(reader.blocks), reader.anchors, language=declared), spoken_language)


def _declared_language(root: Element) -> str:
    """Return the language tag that a page declares for itself, empty if none."""
    bodies = (child for child in root if tag(child) == "body")
    declared = ((part.get(XML_LANG) or part.get("lang") or "").strip() for part in (root, *bodies))
    return next(filter(None, declared), "")


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
    quoted: int = 0
    item: bool = False


@dataclass(slots=True)
class _Reader:
    """Walks through a page once and without recursion, because pages may nest deeply."""

    cuts: frozenset[str]
    styles: PageStyles
    notes: PageNotes
    language: str
    blocks: list[Block] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    _words: list[str] = field(default_factory=list)
    _letters: int = 0
    _strong: int = 0
    _linked: int = 0
    _pictures: list[str] = field(default_factory=list)
    _waiting: list[Block] = field(default_factory=list)
    _frames: list[_Frame] = field(default_factory=lambda: [_Frame()])

    def read(self, root: Element) -> None:
        walk = etree.iterwalk(root, events=("start", "end"))
        skipping = False
        for event, element in walk:
            name = tag(element)
            if event == "start" and (instead := self._instead_of(element, name)) is not None:
                skipping = True
                if not self._waiting:
                    self._separate(name)
                self._add_anchors(element)
                self._say(instead)
                walk.skip_subtree()
            elif event == "start":
                self._enter(element, name)
            elif skipping:
                skipping = False
                self._say(element.tail)
            else:
                self._leave(element, name)
        self._flush()

    def _instead_of(self, element: Element, name: str) -> str | None:
        """Return what is said instead of the element's text; None if it is to be read."""
        if element in self.notes.marks or (name != "a" and self._is_bare_mark(element, name)):
            return f"{MARK}{folded(''.join(map(str, element.itertext())))}{END}"
        if name == "math":
            return formula(element, english=self.language == "en")
        if self._is_silent(element, name):
            return ""
        if name in {"img", "image"}:
            return self._picture(element)
        if self._is_inside_sentence(element, name):
            self._waiting.append(Block(folded("".join(map(str, element.itertext()))), 0, types(element), note=True))
            return ""
        return None

    def _is_silent(self, element: Element, name: str) -> bool:
        kinds = types(element)
        if name in _SILENT or kinds & _SILENT_TYPES or self.styles.hides(element) or _is_boilerplate(element):
            return True
        if name == "case":
            return self._is_other_case(element)
        return ("pagebreak" in kinds or bool(_PAGE_NUMBER_CLASS.search(element.get("class") or ""))) and _is_short(
            element
        )

    def _is_other_case(self, case: Element) -> bool:
        """Return whether another branch of the switch is read: its default with words, else its first case."""
        parent = case.getparent()
        if parent is None:
            return False
        spoken_default = tag(parent[-1]) == "default" and any(str(text).strip() for text in parent[-1].itertext())
        return spoken_default or parent[0] is not case

    def _is_bare_mark(self, element: Element, name: str) -> bool:
        """Return whether an element with the class of a note is only the mark of one."""
        note = name not in _BLOCKS and is_note(types(element), element.get("class"))
        return note and _is_short(element) and bool(_MARK.fullmatch(folded("".join(map(str, element.itertext())))))

    def _is_inside_sentence(self, element: Element, name: str) -> bool:
        """Return whether this is a note in the middle of a paragraph, which goes on behind it."""
        if not is_note(types(element), element.get("class")):
            return False
        return name not in _BLOCKS or bool((element.tail or "").strip() and any(map(str.strip, self._words)))

    def _picture(self, element: Element) -> str:
        """Return the letter of an illustrated initial; what other pictures say counts where there is no text."""
        said = folded(element.get("alt") or "")
        if _INITIAL.fullmatch(said) and (element.tail or "")[:1].isalpha():
            return said
        if said and _INITIAL_CLASS.search(element.get("class") or "") and (element.tail or "")[:1].isalpha():
            return said
        self._pictures.append(said)
        return ""

    def _enter(self, element: Element, name: str) -> None:
        self._separate(name)
        self._add_anchor(element)
        placed = name not in _BLOCKS and (
            (name == "tspan" and element.get("x") is not None) or self.styles.places(element)
        )
        self._say(" " if placed else self._opening(element, name))
        self._frames.append(self._frame(element, name))
        self._say(element.text)

    def _leave(self, element: Element, name: str) -> None:
        self._separate(name)
        self._frames.pop()
        if name not in _BLOCKS:
            self._say(self._closing(element, name))
        self._say(element.tail)

    def _opening(self, element: Element, name: str) -> str:
        if name == "q":
            return self._quotes()[0]
        level = 0 if name in _BLOCKS else self.styles.level(element, name)
        return {1: RAISED, -1: LOWERED}.get(level, "")

    def _closing(self, element: Element, name: str) -> str:
        if name == "q":
            return self._quotes()[1]
        if self.styles.level(element, name):
            return END
        if self.styles.places(element) or (name == "tspan" and element.get("x") is not None):
            return " "
        initial = _INITIAL_CLASS.search(element.get("class") or "") and _INITIAL.fullmatch(folded(element.text or ""))
        if initial and (element.tail or "").lstrip()[:1].islower():
            element.tail = (element.tail or "").lstrip()
        return ""

    def _quotes(self) -> str:
        """Return the pair of quotation marks at this depth, in the language of the page."""
        pairs = _QUOTES.get(self.language, _ENGLISH_QUOTES)
        return pairs[2:] if self._frames[-1].quoted % 2 else pairs[:2]

    def _say(self, text: str | None) -> None:
        if text:
            frame = self._frames[-1]
            letters = sum(map(len, text.split()))
            self._letters += letters
            self._strong += letters if frame.strong else 0
            self._linked += letters if frame.linked else 0
            self._words.append(with_runs(text))

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
        text = ": ".join(part for part in parts if part) or self._title_in_pictures(frame)
        if text:
            # Some books set all their prose in headings; what is longer than any title is prose.
            short = count_words(text) <= _MAX_HEADING_WORDS
            level = frame.level if short else 0
            display = short and not level and (frame.titled or frame.centred or self._strong == self._letters)
            self.blocks.append(Block(text, level, frame.kinds, frame.note, self._linked, display, frame.item))
            self.blocks.extend(note for note in self._waiting if note.text)
            self._waiting.clear()
        self._words.clear()
        self._pictures.clear()
        self._letters = self._strong = self._linked = 0

    def _title_in_pictures(self, frame: _Frame) -> str:
        """Return what the pictures of a block without text say, if that is a title."""
        said = folded(" ".join(self._pictures))
        return said if frame.level or frame.titled or is_chapter_title(said) else ""

    def _frame(self, element: Element, name: str) -> _Frame:
        outer = self._frames[-1]
        kinds = types(element)
        classes = element.get("class") or ""
        style = element.get("style") or ""
        level = outer.level or _HEADINGS.get(name, 0)
        if name in _BLOCKS and kinds & _TITLE_TYPES:
            level = level or _LOWEST_HEADING
        titled = bool(_TITLE_CLASS.search(classes))
        inline = name not in _BLOCKS
        return _Frame(
            kinds=outer.kinds | kinds if kinds else outer.kinds,
            level=level,
            note=outer.note or element in self.notes.bodies or is_note(kinds, classes),
            group=outer.group or name == "hgroup",
            titled=outer.titled if inline else titled,
            centred=_centred(outer, element, name, style),
            strong=outer.strong or name in _STRONG or bool(_BOLD.search(style)) or (inline and titled),
            linked=outer.linked or (name == "a" and bool(element.get("href"))),
            quoted=outer.quoted + (name == "q"),
            item=outer.item or name in _ITEMS,
        )


def _centred(outer: _Frame, element: Element, name: str, style: str) -> bool:
    said = _ALIGNED.search(style)
    align = said.group(1) if said else element.get("align")
    return outer.centred or name == "center" if align is None else align.lower() == "center"


def _is_boilerplate(element: Element) -> bool:
    """Return whether this is the header or licence that Project Gutenberg puts around a book."""
    names = f"{element.get('id') or ''} {element.get('class') or ''}"
    return "pg" in names.lower() and any(_BOILERPLATE.fullmatch(name) for name in names.split())


def _is_short(element: Element) -> bool:
    length = 0
    for piece in element.itertext():
        length += len(str(piece).strip())
        if length > _MAX_PAGE_NUMBER_CHARS:
            return False
    return True
