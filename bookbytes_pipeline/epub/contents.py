"""The table of contents of a book (EPUB 3 navigation or EPUB 2 NCX), and the landmarks beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bookbytes_pipeline.epub.archive import Archive
from bookbytes_pipeline.epub.hrefs import Href, is_elsewhere, resolve
from bookbytes_pipeline.epub.labels import label_of, readable_label
from bookbytes_pipeline.epub.markup import Element, children, descendants, parse_page, parse_xml, tag, types
from bookbytes_pipeline.epub.package import Package

MAX_ENTRIES = 5_000
"""A longer list is no table of contents; what follows belongs to its last entry."""
MAX_TITLE_CHARS = 300
_GUIDE_TYPES = {
    "text": "bodymatter",
    "start": "bodymatter",
    "title-page": "titlepage",
    "acknowledgements": "acknowledgments",
    "notes": "endnotes",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the contents. `level` counts from 0.

    `href` is an entry of the archive, or a path missing there; None for a line that only names those beneath it.
    """

    title: str
    level: int
    href: Href | None


@dataclass(frozen=True, slots=True)
class Landmark:
    """A part of the book with a declared type, such as `bodymatter` or `index`."""

    types: frozenset[str]
    href: Href


@dataclass(frozen=True, slots=True)
class Contents:
    """The table of contents in its own order, empty if the book has none, and the landmarks."""

    entries: tuple[Entry, ...]
    landmarks: tuple[Landmark, ...]


def read_contents(archive: Archive, package: Package) -> Contents:
    """Return the book's contents; lines that point outside the archive lead nowhere."""
    nav = parse_page(archive.read(package.nav)) if package.nav else None
    entries = _listed(archive, package.nav, _nav_lines(nav)) if package.nav and nav is not None else ()
    if not entries and package.ncx:
        entries = _listed(archive, package.ncx, _ncx_lines(parse_xml(archive.read(package.ncx))))
    return Contents(entries, tuple(_landmarks(archive, package, nav)))


def _listed(archive: Archive, base: str, lines: Iterator[tuple[str, int, str]]) -> tuple[Entry, ...]:
    entries = []
    for title, level, href in islice(lines, MAX_ENTRIES):
        if not is_elsewhere(href):
            target = resolve(base, href) if href else None
            # A line that leads out of the book names one of its chapters all the same.
            found = _found(archive, target) if target else Href(href) if href else None
            entries.append(Entry(readable_label(title, found)[:MAX_TITLE_CHARS], level, found))
    return tuple(entries)


def _found(archive: Archive, href: Href) -> Href:
    return Href(archive.find(href.path) or href.path, href.fragment)


def _nav_lines(root: Element | None) -> Iterator[tuple[str, int, str]]:
    navs = [] if root is None else descendants(root, "nav")
    chosen = next((nav for nav in navs if "toc" in types(nav)), next((nav for nav in navs if not types(nav)), None))
    for item in [] if chosen is None else descendants(chosen, "li"):
        level = sum(1 for parent in item.iterancestors() if tag(parent) == "li")
        link = next(iter(children(item, "a")), None)
        head = next(iter(children(item, "span")), None)
        if link is not None and link.get("href"):
            yield label_of(link), level, link.get("href", "")
        elif head is not None and children(item, "ol"):
            yield label_of(head), level, ""


def _ncx_lines(root: Element | None) -> Iterator[tuple[str, int, str]]:
    for point in [] if root is None else descendants(root, "navpoint"):
        source = next((content.get("src") for content in children(point, "content")), None)
        if source or children(point, "navpoint"):
            level = sum(1 for parent in point.iterancestors() if tag(parent) == "navpoint")
            label = next(iter(children(point, "navlabel")), None)
            yield "" if label is None else label_of(label), level, source or ""


def _landmarks(archive: Archive, package: Package, nav: Element | None) -> Iterator[Landmark]:
    for kind, href in package.guide:
        yield from _landmark(archive, package.path, frozenset({_GUIDE_TYPES.get(kind.lower(), kind.lower())}), href)
    lists = [] if nav is None else [part for part in descendants(nav, "nav") if "landmarks" in types(part)]
    for link in (link for part in lists for link in descendants(part, "a")):
        yield from _landmark(archive, package.nav or "", types(link), link.get("href", ""))


def _landmark(archive: Archive, base: str, kinds: frozenset[str], href: str) -> Iterator[Landmark]:
    target = resolve(base, href)
    if target and kinds:
        yield Landmark(kinds, _found(archive, target))
