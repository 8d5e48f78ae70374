"""EPUBs made in memory from a few lines."""

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

Line = tuple[str, str] | tuple[str, str, Sequence["Line"]]
"""A line of the contents: title, href, and the lines beneath it."""


def prose(words: int, about: str = "sea") -> str:
    """A paragraph of so many words."""
    return "<p>" + " ".join([about] * words) + "</p>"


def page(body: str, declared: str = "", head: str = "<title>Page</title>") -> str:
    """A whole XHTML document; `declared` is the `epub:type` of its body."""
    kind = f' epub:type="{declared}"' if declared else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head>{head}</head><body{kind}>{body}</body></html>'
    )


def nav(lines: Sequence[Line], landmarks: Sequence[tuple[str, str]] = ()) -> str:
    """An EPUB 3 navigation document; landmarks pair a type with an href."""
    marks = "".join(f'<li><a epub:type="{kind}" href="{href}">{kind}</a></li>' for kind, href in landmarks)
    listed = f'<nav epub:type="landmarks"><ol>{marks}</ol></nav>' if marks else ""
    return page(f'<nav epub:type="toc"><h1>Contents</h1>{_ol(lines)}</nav>{listed}')


def ncx(lines: Sequence[Line]) -> str:
    """An EPUB 2 contents file."""
    return f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{_points(lines)}</navMap></ncx>'


def opf(
    pages: Sequence[str],
    *,
    metadata: str = METADATA,
    manifest: str = "",
    spine: str | None = None,
    contents: str = "",
    guide: str = "",
) -> str:
    """A package document for pages that are called by their hrefs; `contents` is `nav`, `ncx` or empty."""
    items = "".join(f'<item id="p{place}" href="{href}" media-type="{XHTML}"/>' for place, href in enumerate(pages))
    items += f'<item id="nav" href="nav.xhtml" media-type="{XHTML}" properties="nav"/>' if contents == "nav" else ""
    items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>' if contents == "ncx" else ""
    order = "".join(f'<itemref idref="p{place}"/>' for place in range(len(pages))) if spine is None else spine
    return (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">{metadata}'
        f'</metadata><manifest>{items}{manifest}</manifest><spine toc="ncx">{order}</spine>'
        f"<guide>{guide}</guide></package>"
    )


def epub(
    pages: Mapping[str, str],
    contents: Sequence[Line] | None = None,
    *,
    landmarks: Sequence[tuple[str, str]] = (),
    version: int = 3,
    extra: Mapping[str, str | bytes] | None = None,
    **package: str,
) -> io.BytesIO:
    """An EPUB of pages by href (their bodies, or whole documents), with contents if given.

    `package` goes to `opf`; `extra` are further entries by their full name.
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
    """A zip archive with a mimetype in front, as EPUBs have."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in files.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def _ol(lines: Sequence[Line]) -> str:
    return (
        "<ol>"
        + "".join(f'<li><a href="{line[1]}">{escape(line[0])}</a>{_beneath(line)}</li>' for line in lines)
        + "</ol>"
    )


def _beneath(line: Line) -> str:
    return _ol(line[2]) if len(line) > 2 else ""


def _points(lines: Sequence[Line]) -> str:
    return "".join(
        f"<navPoint><navLabel><text>{escape(line[0])}</text></navLabel><content src='{line[1]}'/>"
        f"{_points(line[2]) if len(line) > 2 else ''}</navPoint>"
        for line in lines
    )
