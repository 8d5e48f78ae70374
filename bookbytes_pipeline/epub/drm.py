"""Whether an EPUB is protected by DRM."""

from collections.abc import Iterator

from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.archive import Archive
from bookbytes_pipeline.epub.hrefs import resolve
from bookbytes_pipeline.epub.markup import Element, descendants, parse_xml
from bookbytes_pipeline.epub.package import NO_TEXT, PAGE_ENDINGS, Package, locate, read_package

ENCRYPTION = "META-INF/encryption.xml"
_SCHEMES = {
    "META-INF/sinf.xml": "Apple FairPlay",
    "META-INF/license.lcpl": "Readium LCP",
    "META-INF/rights.xml": "Adobe ADEPT or the like",
}
_PACKAGE = (".opf", ".ncx", ".xml")
MARKUP_BYTES = 1_024
_FONT_OBFUSCATION = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_HARMLESS = (
    *(".ttf", ".otf", ".ttc", ".woff", ".woff2", ".css", ".js"),
    *(".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".mp3", ".m4a", ".mp4", ".ogg"),
)


def read_unprotected_package(archive: Archive) -> Package:
    """Return the package document of the book; raise `UnreadableBook` if anything with text is encrypted.

    Obfuscated fonts are listed like encrypted files, and a file about rights may stand beside pages that are not
    protected: the text can be read.
    """
    encrypted = _encrypted(archive)
    if any(name.lower().endswith(_PACKAGE) for name in encrypted):
        raise _protected(archive)
    package = read_package(archive)
    if encrypted - _without_text(archive, package) or (_scheme(archive) and _looks_encrypted(archive, package)):
        raise _protected(archive)
    return package


def _encrypted(archive: Archive) -> set[str]:
    """Return the entries that are encrypted, but for pictures and the like, and for fonts that are only obfuscated."""
    name = archive.find(ENCRYPTION)
    root = parse_xml(archive.read(name)) if name else None
    if name and root is None:
        raise _protected(archive, "an encryption list that cannot be read")
    listed = [] if root is None else descendants(root, "encrypteddata")
    entries = {entry for data in listed for entry in _entries(archive, data)}
    return {entry for entry in entries if not entry.lower().endswith(_HARMLESS)}


def _entries(archive: Archive, data: Element) -> Iterator[str]:
    """Yield the entries that an `EncryptedData` element is about and that hide text."""
    obfuscated = any(method.get("Algorithm") in _FONT_OBFUSCATION for method in descendants(data, "encryptionmethod"))
    for reference in descendants(data, "cipherreference"):
        target = resolve("", reference.get("URI", ""))
        entry = archive.find(target.path) if target else None
        if entry and not (obfuscated and not entry.lower().endswith((*PAGE_ENDINGS, *_PACKAGE))):
            yield entry


def _without_text(archive: Archive, package: Package) -> set[str | None]:
    items = (item for item in package.items.values() if item.media_type.startswith(NO_TEXT))
    return {locate(archive, package.path, item) for item in items}


def _looks_encrypted(archive: Archive, package: Package) -> bool:
    """Return whether a page is no markup: in a book with a protection scheme that does not list what it encrypts."""
    return any(b"<" not in archive.read(page.name)[:MARKUP_BYTES].lstrip()[:4] for page in package.pages[:1])


def _scheme(archive: Archive) -> str | None:
    return next((scheme for name, scheme in _SCHEMES.items() if archive.find(name)), None)


def _protected(archive: Archive, what: str | None = None) -> UnreadableBook:
    return UnreadableBook(
        f"The EPUB is protected by DRM ({what or _scheme(archive) or 'encrypted pages'}), so its text cannot be read. "
        "Attach a copy without protection."
    )
