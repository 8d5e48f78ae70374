"""Whether an EPUB is protected by DRM."""

from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.archive import Archive
from bookbytes_pipeline.epub.hrefs import resolve
from bookbytes_pipeline.epub.markup import descendants, parse_xml

_DRM_FILES = {
    "META-INF/rights.xml": "a rights file",
    "META-INF/sinf.xml": "Apple FairPlay",
    "META-INF/license.lcpl": "Readium LCP",
}
_HARMLESS = (
    *(".ttf", ".otf", ".woff", ".woff2", ".css", ".js"),
    *(".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".mp3", ".m4a", ".mp4", ".ogg"),
)


def refuse_drm(archive: Archive) -> None:
    """Raise `UnreadableBook` if the archive has DRM or encrypts anything but fonts and pictures.

    Obfuscated fonts are listed like encrypted files; the text can be read without them.
    """
    for name, scheme in _DRM_FILES.items():
        if archive.find(name):
            raise _protected(scheme)
    if any(not path.lower().endswith(_HARMLESS) for path in _encrypted(archive)):
        raise _protected("encrypted pages")


def _encrypted(archive: Archive) -> list[str]:
    name = archive.find("META-INF/encryption.xml")
    if name is None:
        return []
    root = parse_xml(archive.read(name))
    if root is None:
        raise _protected("an encryption list that cannot be read")
    hrefs = [resolve("", reference.get("URI", "")) for reference in descendants(root, "cipherreference")]
    return [href.path for href in hrefs if href]


def _protected(scheme: str) -> UnreadableBook:
    return UnreadableBook(
        f"The EPUB is protected by DRM ({scheme}), so its text cannot be read. Attach a copy without protection."
    )
