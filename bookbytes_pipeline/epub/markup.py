"""XML and XHTML as trees of elements: strictly where well formed, as HTML where not, never fetching anything."""

import re
from functools import lru_cache
from html import escape
from html.entities import html5
from typing import TypeAlias

from lxml import etree
from lxml.etree import _Element

from bookbytes_pipeline.epub.encodings import decode

Element: TypeAlias = _Element
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"

_XML_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_NAMES = {"amp", "lt", "gt", "quot", "apos"}
# Joiners, soft hyphens and marks of direction-neutral width: invisible on the page, stumbled over by a narrator.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))


def parse_xml(content: bytes) -> Element | None:
    """The root of a package, container or contents file, repaired where possible; None if nothing is left of it."""
    source = _source(content)
    try:
        return _without_entities(etree.fromstring(source, _xml_parser(recover=False)))
    except etree.XMLSyntaxError:
        repaired = _repaired(source, _xml_parser(recover=True))
    return None if repaired is None else _without_entities(repaired)


def parse_page(content: bytes) -> Element | None:
    """The root of a page of the book; None for an empty one."""
    source = _source(content)
    try:
        return _without_entities(etree.fromstring(source, _xml_parser(recover=False)))
    except etree.XMLSyntaxError:
        # A recovering XML parser drops a whole paragraph that holds an entity it does not know; HTML's does not.
        return _repaired(source, _html_parser())


def tag(element: Element) -> str:
    """Return the element's name without prefix or namespace, in lower case."""
    return _local(str(element.tag))


def types(element: Element) -> frozenset[str]:
    """Return what the element is declared to be by `epub:type` and `role` (`doc-chapter` counts as `chapter`)."""
    said = f"{element.get(EPUB_TYPE) or element.get('epub:type') or ''} {element.get('role') or ''}"
    return frozenset(word.removeprefix("doc-") for word in said.lower().split())


def children(element: Element, name: str) -> list[Element]:
    """Return the direct children called `name`."""
    return [child for child in element if tag(child) == name]


def descendants(element: Element, name: str) -> list[Element]:
    """Return all elements called `name` beneath, in document order."""
    return [child for child in element.iter() if tag(child) == name]


def folded(text: str) -> str:
    """Return one line: runs of white space become single spaces, invisible characters disappear."""
    return " ".join(text.translate(_INVISIBLE).split())


@lru_cache(maxsize=512)
def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2].lower()


def _source(content: bytes) -> bytes:
    """UTF-8 with HTML's named entities spelt out: without its DTD, XML does not know them."""
    text = _XML_DECLARATION.sub("", decode(content).text.lstrip(), count=1)
    return _NAMED.sub(_spelt_out, text).encode("utf-8", "replace")


def _repaired(source: bytes, parser: etree.XMLParser | etree.HTMLParser) -> Element | None:
    try:
        return etree.fromstring(source, parser)
    except etree.LxmlError:
        return None


def _spelt_out(entity: re.Match[str]) -> str:
    name = entity.group(1)
    letters = None if name in _XML_NAMES else html5.get(f"{name};")
    return escape(letters) if letters else entity.group()


def _without_entities(root: Element) -> Element:
    """Whatever a document type of the book's own defines is left out: it may name files or unfold without end."""
    etree.strip_elements(root, etree.Entity, with_tail=False)
    return root


def _xml_parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def _html_parser() -> etree.HTMLParser:
    # huge_tree: HTML has no entities to unfold, and without it text nested deeper than 256 elements is dropped.
    return etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
