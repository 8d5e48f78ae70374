"""Elements of a feed, none of which is ever empty."""

from collections.abc import Mapping

from lxml.etree import Element, SubElement, _Element

NAMESPACES: Mapping[str, str] = {
    "atom": "http://www.w3.org/2005/Atom",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}
_NOTHING: Mapping[str, str] = {}


def new_feed() -> _Element:
    """Return the root of an RSS document that declares the namespaces."""
    return Element("rss", {"version": "2.0"}, dict(NAMESPACES))


def add(parent: _Element, name: str, text: str, attributes: Mapping[str, str] = _NOTHING) -> None:
    """Add an element with this text, such as `itunes:duration`; nothing where the text is empty."""
    if text:
        SubElement(parent, _qualified(name), dict(attributes)).text = text


def add_empty(parent: _Element, name: str, attributes: Mapping[str, str]) -> _Element:
    """Add an element that says all in its attributes, such as `enclosure`."""
    return SubElement(parent, _qualified(name), dict(attributes))


def _qualified(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if prefix else local
