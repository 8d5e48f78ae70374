"""The notes of a page: the marks in its sentences, and the bodies below them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bookbytes_pipeline.epub.markup import Element, folded, tag

NOTE_TYPES = frozenset({"footnote", "endnote", "rearnote", "footnotes", "endnotes", "rearnotes"})
_NOTE_CLASS = re.compile(
    r"(?:^|\s)(?:_?id)?(?:mso)?(?:sd)?(?:foot|end)[-_]?notes?(?:[-_]?(?:text|body|content|list|item|paragraph))?\d{0,3}"
    r"(?=$|\s)|(?:^|\s)fn(?:text|body)?(?=$|\s)",
    re.IGNORECASE,
)
_BODY_ID = re.compile(r"(?:_?ftn|_?edn|ftnt|fn|foot-?note|end-?note|sdfootnote|sdendnote)[-_:]?\d+", re.IGNORECASE)
_FIGURE_ID = re.compile(r"(?:fig|tab|eq|page|pg|chap|ch|sec|part|p)[-_.]?\d", re.IGNORECASE)
_REFERENCE = re.compile(r"\d{1,4}|[*†‡§¶]{1,4}|[a-z]")
_BRACKETED_REFERENCE = re.compile(r"\[(\d{1,4}|[*†‡§¶]{1,4}|[a-z])\]|\((\d{1,4}|[*†‡§¶]{1,4})\)")
_RETURN = re.compile(r"[↩↑⏎^←⮌↵\ufe0e\ufe0f\s]*|(?:return|back|zurück|retour)\b.{0,20}", re.IGNORECASE)
_BODIES = frozenset({"p", "div", "li", "aside", "section", "dd", "dt", "td", "blockquote"})
_ATTACHED = re.compile(r"[^\s(\[{/–—-]$")


def is_note(kinds: frozenset[str], classes: str | None) -> bool:
    """Return whether types or classes say that an element is a note."""
    return bool(kinds & NOTE_TYPES) or bool(classes and _is_note_class(classes))


@dataclass(frozen=True, slots=True)
class PageNotes:
    """The links of a page that are only marks, and the elements that are the bodies of notes."""

    marks: frozenset[Element]
    bodies: frozenset[Element]

    @classmethod
    def of(cls, root: Element) -> "PageNotes":
        """Find marks by what they look like, and bodies where marks lead."""
        targets, links = _targets_and_links(root)
        places = {element: place for place, element in enumerate(root.iter())} if links else {}
        marks = {link for link in links if is_reference(link) or _is_number_in_front(link, places, targets)}
        leading = {mark: body for mark in marks if (body := _body_of(mark, targets)) is not None}
        back = {link for link in links if _leads_back(link, targets, leading)}
        named = {element for name, element in targets.items() if _BODY_ID.fullmatch(name) and tag(element) in _BODIES}
        return cls(frozenset(marks | back), frozenset({*leading.values(), *named}))


def is_reference(link: Element) -> bool:
    """Return whether the link is only the number, letter or asterisk of a note, raised, in brackets or joined."""
    _, hash_sign, fragment = (link.get("href") or "").partition("#")
    if not hash_sign:
        return False
    reference = folded("".join(map(str, link.itertext())))
    if _BRACKETED_REFERENCE.fullmatch(reference):
        return True
    if not _REFERENCE.fullmatch(reference):
        return False
    parent = link.getparent()
    raised = (parent is not None and tag(parent) == "sup") or any(tag(child) == "sup" for child in link)
    return raised or (not reference.isalpha() and not _FIGURE_ID.match(fragment) and _is_attached(link))


def _is_attached(link: Element) -> bool:
    """Return whether the link stands right after a word or a full stop: its look alone raises it."""
    return bool(_ATTACHED.search(_text_before(link)))


def _text_before(link: Element) -> str:
    """Return some of the text in front of the link in its block, empty if it is the first there."""
    element = link
    while True:
        previous, parent = element.getprevious(), element.getparent()
        if previous is not None:
            return previous.tail or "".join(map(str, previous.itertext()))[-1:]
        if parent is None or tag(parent) in _BODIES:
            return parent.text or "" if parent is not None else ""
        if parent.text:
            return parent.text
        element = parent


def _is_number_in_front(link: Element, places: Mapping[Element, int], targets: Mapping[str, Element]) -> bool:
    """Return whether the link is a number at the start of its block that leads back, or nowhere."""
    name = (link.get("href") or "").partition("#")
    if name[0] or not name[2] or not _label(link).rstrip(".").isdecimal() or _text_before(link).strip():
        return False
    target = targets.get(name[2])
    return target is None or places[target] < places[link]


def _targets_and_links(root: Element) -> tuple[dict[str, Element], list[Element]]:
    targets: dict[str, Element] = {}
    links: list[Element] = []
    for element in root.iter():
        for name in (element.get("id"), element.get("name")):
            if name:
                targets.setdefault(name, element)
        if element.get("href") and tag(element) == "a":
            links.append(element)
    return targets, links


def _body_of(mark: Element, targets: Mapping[str, Element]) -> Element | None:
    """Return the block on this page that a mark leads to, if it begins with the same mark."""
    target = targets.get((mark.get("href") or "").partition("#")[2])
    body = _block(target) if target is not None else None
    if body is None or body is _block(mark) or not _begins_with(body, _label(mark)):
        return None
    return body


def _begins_with(body: Element, label: str) -> bool:
    text = "".join(_some_text(body)).lstrip(" [(")
    return bool(label) and text.startswith(label) and not text[len(label) : len(label) + 1].isalnum()


def _some_text(element: Element) -> Iterator[str]:
    """Yield the beginning of the element's text."""
    length = 0
    for piece in element.itertext():
        yield folded(str(piece)) or " "
        length += len(str(piece))
        if length > 80:  # noqa: PLR2004 - more than any mark
            return


def _leads_back(link: Element, targets: Mapping[str, Element], leading: Mapping[Element, Element]) -> bool:
    """Return whether the link in a note's body leads back to its mark."""
    target = targets.get((link.get("href") or "").partition("#")[2])
    if target is None or _block(link) not in leading.values():
        return False
    label = folded("".join(map(str, link.itertext())))
    return bool(_REFERENCE.fullmatch(label.strip("[]().")) or _RETURN.fullmatch(label))


def _block(element: Element) -> Element | None:
    while element is not None and tag(element) not in _BODIES:
        parent = element.getparent()
        if parent is None:
            return None
        element = parent
    return element


def _label(mark: Element) -> str:
    return folded("".join(map(str, mark.itertext()))).strip("[]()")


@lru_cache(maxsize=512)
def _is_note_class(classes: str) -> bool:
    return bool(_NOTE_CLASS.search(classes))
