"""The titles in a table of contents, as a person reads them."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from lxml import etree

from bookbytes_pipeline.epub.hrefs import Href
from bookbytes_pipeline.epub.markup import Element, descendants, folded, parse_page, tag

_BLOCKS = frozenset({"br", "div", "p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td", "section", "hr"})
_ESCAPED_MARKUP = re.compile(
    r"</?(?:[biqua]|em|strong|span|small|big|su[bp]|br|font|p|div)\b[^<>]{0,200}>|&#?\w{2,12};", re.IGNORECASE
)
_FILE_ENDING = re.compile(r"\S+\.(?:x?html?|xml)(?:#\S*)?", re.IGNORECASE)
_GENERATED_NAME = re.compile(r"(?=.*\d)(?=.*[A-Za-z_-])\S+")


def label_of(element: Element) -> str:
    """Return the words of a link or label; those of a picture are its `alt`, else its `title`."""
    words = folded("".join(_pieces(element)))
    pictures = (image.get("alt") or image.get("title") or "" for image in descendants(element, "img"))
    return words or folded(" ".join(pictures)) or folded(element.get("title", ""))


def readable_label(label: str, href: Href | None) -> str:
    """Return the label without escaped markup; nothing if it is only the name of the file it leads to."""
    if _ESCAPED_MARKUP.search(label):
        page = parse_page(f"<html><body>{label}</body></html>".encode())
        label = label if page is None else label_of(page)
    return "" if _is_file_name(label, href) else label


def _is_file_name(label: str, href: Href | None) -> bool:
    """Return whether a converter took the file's name for a title: `index_split_003.html`, `part0007`."""
    stem = PurePosixPath(href.path).stem if href else ""
    return bool(_FILE_ENDING.fullmatch(label)) or (label == stem and bool(_GENERATED_NAME.fullmatch(label)))


def _pieces(element: Element) -> Iterator[str]:
    """Yield the text of an element with spaces where lines end, and between elements that are words of their own."""
    for event, child in etree.iterwalk(element, events=("start", "end")):
        edge = " " if tag(child) in _BLOCKS else ""
        if event == "start":
            yield edge + (child.text or "")
        elif child is not element:
            yield (edge or (" " if _stands_apart(child) else "")) + (child.tail or "")


def _stands_apart(element: Element) -> bool:
    """Return whether the next element begins another word here, as in "2", "The Calm", but not in "T", "he"."""
    following = element.getnext()
    if following is None or element.tail:
        return False
    before, after = ("".join(map(str, part.itertext())) for part in (element, following))
    return after[:1].isupper() and (before[-1:].isdecimal() or len(before) > 2)  # noqa: PLR2004 - longer than an initial
