"""The cover image of an EPUB."""

from collections.abc import Iterator

from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.archive import Archive
from bookbytes_pipeline.epub.hrefs import resolve
from bookbytes_pipeline.epub.markup import Element, parse_page, tag
from bookbytes_pipeline.epub.package import Package

MAX_COVER_BYTES = 20 * 1024 * 1024
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_ENDINGS = (".jpg", ".jpeg", ".png")


def cover_name(archive: Archive, package: Package) -> str | None:
    """Return the entry with the cover, JPEG or PNG by name; None if the book has none."""
    return next((name for name in _candidates(archive, package) if name.lower().endswith(_ENDINGS)), None)


def cover_image(archive: Archive, package: Package) -> bytes | None:
    """Return the cover, JPEG or PNG by its first bytes; None if there is none of at most `MAX_COVER_BYTES`."""
    name = cover_name(archive, package)
    try:
        image = archive.read(name) if name else b""
    except UnreadableBook:
        return None  # A book with a damaged picture is still a book.
    return image if image.startswith(_SIGNATURES) and len(image) <= MAX_COVER_BYTES else None


def _candidates(archive: Archive, package: Package) -> Iterator[str]:
    """Yield entries that may be the cover, most likely first; for a cover page, its pictures."""
    items = [package.items[key] for key in package.cover_ids if key in package.items]
    hrefs = [item.href for item in items] + [href for kind, href in package.guide if kind.lower() == "cover"]
    for href in hrefs:
        name = _entry(archive, package.path, href)
        if name and name.lower().endswith(_ENDINGS):
            yield name
        elif name:
            yield from _pictures(archive, name)


def _pictures(archive: Archive, page: str) -> Iterator[str]:
    try:
        root = parse_page(archive.read(page))
    except UnreadableBook:
        return
    for image in root.iter() if root is not None else ():
        name = _entry(archive, page, _source(image)) if tag(image) in {"img", "image"} else None
        if name:
            yield name


def _source(image: Element) -> str:
    return image.get("src") or image.get("{http://www.w3.org/1999/xlink}href") or image.get("xlink:href") or ""


def _entry(archive: Archive, base: str, href: str) -> str | None:
    target = resolve(base, href)
    return archive.find(target.path) if target else None
