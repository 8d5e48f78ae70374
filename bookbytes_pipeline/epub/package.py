"""The package document: what the book is called, which files it is made of, and in which order they are read."""

from dataclasses import dataclass

from bookbytes_pipeline.domain.book import PackageMetadata
from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.archive import Archive
from bookbytes_pipeline.epub.hrefs import resolve
from bookbytes_pipeline.epub.markup import Element, descendants, parse_xml
from bookbytes_pipeline.epub.metadata import read_metadata

CONTAINER = "META-INF/container.xml"
NCX = "application/x-dtbncx+xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
PAGE_ENDINGS = (".xhtml", ".html", ".htm")
NO_TEXT = (
    *("image/", "audio/", "video/", "font/", "text/css"),
    *("application/font", "application/x-font", "application/vnd.ms-opentype"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One file of the manifest, as the package document names it."""

    id: str
    href: str
    media_type: str
    properties: frozenset[str]
    fallback: str

    @property
    def is_page(self) -> bool:
        """Whether this is XHTML, by its media type or, where that is no type of text, by its name."""
        if self.media_type in _PAGES:
            return True
        return self.href.lower().endswith(PAGE_ENDINGS) and not self.media_type.startswith(NO_TEXT)


@dataclass(frozen=True, slots=True)
class Page:
    """One XHTML entry of the spine. `stands_for` is the foreign file it replaces; `linear` is false for extras."""

    name: str
    linear: bool
    stands_for: str


@dataclass(frozen=True, slots=True)
class Package:
    """A package document. `unread` are the hrefs of the spine that are missing or hold no text that can be read.

    `nav` and `ncx` are the entries with the contents of EPUB 3 and 2; `guide` pairs a type with an href; `cover_ids`
    are the manifest items called the cover, most likely first.
    """

    path: str
    metadata: PackageMetadata
    items: dict[str, Item]
    pages: tuple[Page, ...]
    unread: tuple[str, ...]
    nav: str | None
    ncx: str | None
    guide: tuple[tuple[str, str], ...]
    cover_ids: tuple[str, ...]


def read_package(archive: Archive) -> Package:
    """Return the package document of the book; raise `UnreadableBook` if the archive has none."""
    path = _package_path(archive)
    root = parse_xml(archive.read(path))
    if root is None or not descendants(root, "itemref"):
        raise UnreadableBook(f"The EPUB's package document {path!r} is damaged or empty: it names no reading order.")
    items = {element.get("id", ""): _item(element) for element in descendants(root, "item")}
    pages, unread = _spine(archive, path, root, items)
    nav = next((item for item in items.values() if "nav" in item.properties), None)
    return Package(
        path=path,
        metadata=read_metadata(root),
        items=items,
        pages=pages,
        unread=unread,
        nav=locate(archive, path, nav),
        ncx=locate(archive, path, _ncx(root, items)),
        guide=tuple((element.get("type", ""), element.get("href", "")) for element in descendants(root, "reference")),
        cover_ids=_cover_ids(root, items),
    )


def locate(archive: Archive, path: str, item: Item | None) -> str | None:
    """Return the entry of a manifest item of the package document at `path`; None if the archive does not hold it."""
    target = resolve(path, item.href) if item else None
    return archive.find(target.path) if target else None


def _package_path(archive: Archive) -> str:
    for candidate in (*_rootfiles(archive), *(name for name in archive.names() if name.lower().endswith(".opf"))):
        if name := archive.find(candidate):
            return name
    raise UnreadableBook("This is not an EPUB: the archive holds no package document (an .opf file).")


def _rootfiles(archive: Archive) -> list[str]:
    name = archive.find(CONTAINER)
    root = parse_xml(archive.read(name)) if name else None
    if root is None:
        return []
    targets = [resolve("", element.get("full-path", "")) for element in descendants(root, "rootfile")]
    return [target.path for target in targets if target]


def _item(element: Element) -> Item:
    return Item(
        id=element.get("id", ""),
        href=element.get("href", ""),
        media_type=element.get("media-type", "").strip().lower(),
        properties=frozenset(element.get("properties", "").split()),
        fallback=element.get("fallback", ""),
    )


def _spine(
    archive: Archive, path: str, root: Element, items: dict[str, Item]
) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    """Return the pages in reading order, each once, and the hrefs that had to be skipped."""
    pages: dict[str, Page] = {}
    unread: list[str] = []
    for reference in descendants(root, "itemref"):
        item = items.get(reference.get("idref", ""))
        page = _readable(items, item)
        name = locate(archive, path, page)
        if item and name:
            original = locate(archive, path, item) or name
            pages.setdefault(name, Page(name, reference.get("linear", "").lower() != "no", original))
        elif item is None or not item.media_type.startswith(NO_TEXT):
            unread.append(item.href if item else reference.get("idref", ""))
    return tuple(pages.values()), tuple(unread)


def _readable(items: dict[str, Item], item: Item | None) -> Item | None:
    """Return the item itself, or the first page on its chain of fallbacks."""
    seen: set[str] = set()
    while item and not item.is_page and item.id not in seen:
        seen.add(item.id)
        item = items.get(item.fallback)
    return item if item and item.is_page else None


def _ncx(root: Element, items: dict[str, Item]) -> Item | None:
    named = next((items.get(spine.get("toc", "")) for spine in descendants(root, "spine")), None)
    return named or next((item for item in items.values() if item.media_type == NCX), None)


def _cover_ids(root: Element, items: dict[str, Item]) -> tuple[str, ...]:
    declared = [item.id for item in items.values() if "cover-image" in item.properties]
    metas = [meta.get("content", "") for meta in descendants(root, "meta") if meta.get("name") == "cover"]
    return (*declared, *metas)
