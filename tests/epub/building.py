"""Builds EPUBs in memory from a few lines."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
METADATA = "<dc:title>The Sea</dc:title><dc:creator>Ann Author</dc:creator><dc:language>en</dc:language>"
XHTML = "application/xhtml+xml"

Entry = tuple[str, str] | tuple[str, str, Sequence["Entry"]]
"""An entry of the contents: title, href, and its nested entries."""


def prose(words: int, about: str = "sea") -> str:
    """Return a paragraph of this many words."""
    return "<p>" + " ".join([about] * words) + "</p>"


def page(body: str, declared: str = "", head: str = "<title>Page</title>") -> str:
    """Return a complete XHTML document; `declared` is the `epub:type` of its body."""
    kind = f' epub:type="{declared}"' if declared else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head>{head}</head><body{kind}>{body}</body></html>'
    )


def nav(entries: Sequence[Entry], landmarks: Sequence[tuple[str, str]] = ()) -> str:
    """Return an EPUB 3 navigation document; landmarks pair a type with an href."""
    landmark_items = "".join(f'<li><a epub:type="{kind}" href="{href}">{kind}</a></li>' for kind, href in landmarks)
    landmarks_nav = f'<nav epub:type="landmarks"><ol>{landmark_items}</ol></nav>' if landmarks else ""
    return page(f'<nav epub:type="toc"><h1>Contents</h1>{_ol(entries)}</nav>{landmarks_nav}')


def ncx(entries: Sequence[Entry]) -> str:
    """Return an EPUB 2 contents file."""
    return f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{_points(entries)}</navMap></ncx>'


def opf(
    pages: Sequence[str],
    *,
    metadata: str = METADATA,
    manifest: str = "",
    spine: str | None = None,
    contents: str = "",
    guide: str = "",
) -> str:
    """Return a package document for the pages at these hrefs; `contents` is `nav`, `ncx` or empty."""
    items = "".join(
        f'<item id="p{position}" href="{href}" media-type="{XHTML}"/>' for position, href in enumerate(pages)
    )
    items += f'<item id="nav" href="nav.xhtml" media-type="{XHTML}" properties="nav"/>' if contents == "nav" else ""
    items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>' if contents == "ncx" else ""
    order = "".join(f'<itemref idref="p{position}"/>' for position in range(len(pages))) if spine is None else spine
    return (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">{metadata}'
        f'</metadata><manifest>{items}{manifest}</manifest><spine toc="ncx">{order}</spine>'
        f"<guide>{guide}</guide></package>"
    )


def epub(
    pages: Mapping[str, str],
    contents: Sequence[Entry] | None = None,
    *,
    landmarks: Sequence[tuple[str, str]] = (),
    version: int = 3,
    extra: Mapping[str, str | bytes] | None = None,
    **package: str,
) -> io.BytesIO:
    """Return an EPUB of pages by href (their bodies, or complete documents), with contents if given.

    `package` is passed to `opf`; `extra` are further archive entries by their full name.
    """
    kind = "" if contents is None else "nav" if version == 3 else "ncx"
    files: dict[str, str | bytes] = {"META-INF/container.xml": CONTAINER}
    files["OEBPS/book.opf"] = opf(list(pages), contents=kind, **package)
    if kind == "nav":
        files["OEBPS/nav.xhtml"] = nav(contents or (), landmarks)
    if kind == "ncx":
        files["OEBPS/toc.ncx"] = ncx(contents or ())
    files |= {f"OEBPS/{href}": body if body.startswith("<?xml") else page(body) for href, body in pages.items()}
    return zipped(files | dict(extra or {}))


def zipped(files: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    """Return a zip archive with the mimetype first, as in EPUBs."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in files.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def _ol(entries: Sequence[Entry]) -> str:
    return (
        "<ol>"
        + "".join(f'<li><a href="{entry[1]}">{escape(entry[0])}</a>{_nested(entry)}</li>' for entry in entries)
        + "</ol>"
    )


def _nested(entry: Entry) -> str:
    return _ol(entry[2]) if len(entry) > 2 else ""


def _points(entries: Sequence[Entry]) -> str:
    return "".join(
        f"<navPoint><navLabel><text>{escape(entry[0])}</text></navLabel><content src='{entry[1]}'/>"
        f"{_points(entry[2]) if len(entry) > 2 else ''}</navPoint>"
        for entry in entries
    )
