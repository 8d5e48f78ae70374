"""The package document, which files are read, and the cover."""

import zipfile
from typing import Any

import pytest

from bookbytes_pipeline.epub.reader import read_cover, read_epub
from tests.epub.building import CONTAINER, METADATA, epub, opf, page, prose, zipped

CONTENTS = [("One", "1.xhtml")]
PAGES = {"1.xhtml": prose(60)}
PNG = b"\x89PNG\r\n\x1a\n and the rest"
JPEG = b"\xff\xd8\xff and the rest"


def test_metadata_is_read_without_white_space_and_markup() -> None:
    """All metadata of the package document is read, each value on a single line."""
    metadata = (
        "<dc:title>  The\n Sea </dc:title><dc:creator opf:role='aut'> Ann   Author</dc:creator>"
        "<dc:creator opf:role='trl'>Tom Translator</dc:creator><dc:creator id='b'>Bob Writer</dc:creator>"
        "<meta refines='#b' property='role'>aut</meta><dc:language>pt-BR</dc:language><dc:publisher>P</dc:publisher>"
        "<dc:date opf:event='modification'>2021</dc:date><dc:date opf:event='publication'>1999</dc:date>"
        "<dc:description>&lt;p&gt;All about &lt;b&gt;water&lt;/b&gt;.&lt;/p&gt;</dc:description>"
    )

    book = read_epub(epub(PAGES, CONTENTS, metadata=metadata))

    assert ("The Sea", ("Ann Author", "Bob Writer"), "pt-BR") == (book.title, book.authors, book.language)
    assert ("P", "1999", "All about water.") == (book.publisher, book.publish_date, book.description)


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("en-us", "en-US"),
        ("eng", "en"),
        ("und", None),
        ("English", "en"),
        ("Gibberish", None),
        ("zxx</dc:language><dc:language>de", "de"),
    ],
)
def test_a_language_is_a_tag_that_a_narrator_can_use(written: str, language: str | None) -> None:
    """Tags are normalised; a tag that names no language is None."""
    metadata = f"<dc:title>The Sea</dc:title><dc:language>{written}</dc:language>"

    assert language == read_epub(epub(PAGES, CONTENTS, metadata=metadata)).language


def test_isbns_are_read_in_every_notation() -> None:
    """ISBN-10 and -13, plain or with a prefix, become canonical; other identifiers are ignored."""
    identifiers = [
        *("urn:isbn:9780306406157", "isbn:0-306-40615-2", "978-0-14-044913-6", "URN:ISBN:0140449132"),
        *("urn:uuid:6a1f9b34-5a9e-4d9f-8c5e-2f4b7d8c9e0a", "https://example.org/9780306406158"),
    ]
    metadata = METADATA + "".join(f"<dc:identifier>{identifier}</dc:identifier>" for identifier in identifiers)

    book = read_epub(epub(PAGES, CONTENTS, metadata=metadata))

    assert ("9780306406157", "9780140449136") == book.isbns


def test_the_container_selects_the_package_document() -> None:
    """The package document is where the container says; without a container the archive is searched."""
    container = CONTAINER.replace("OEBPS/book.opf", "deep/down/x.opf")
    files = {"deep/down/x.opf": opf(["../1.xhtml"]), "deep/1.xhtml": page(prose(60)), "__MACOSX/a.opf": "x"}

    with_container = read_epub(zipped({"META-INF/container.xml": container, **files}))
    without_container = read_epub(zipped(files))

    assert with_container == without_container
    assert "The Sea" == without_container.title


def test_foreign_pages_are_replaced_by_their_fallback() -> None:
    """A chain of fallbacks is followed to a page, and contents that name the original file find it."""
    manifest = (
        '<item id="a" href="a.pdf" media-type="application/pdf" fallback="b"/>'
        '<item id="b" href="b.xml" media-type="application/xml" fallback="p0"/>'
        '<item id="x" href="x.pdf" media-type="application/pdf" fallback="y"/>'
        '<item id="y" href="y.pdf" media-type="application/pdf" fallback="x"/>'
    )
    spine = '<itemref idref="a"/><itemref idref="x"/>'
    extra = {"OEBPS/a.pdf": "pdf"}

    book = read_epub(epub(PAGES, [("One", "a.pdf")], manifest=manifest, spine=spine, extra=extra))

    assert ["One"] == [chapter.title for chapter in book.chapters]
    assert ("Files of the reading order are missing or no pages: “x.pdf”.",) == book.warnings


def test_a_missing_page_is_reported() -> None:
    """The rest of the book is still read."""
    spine = '<itemref idref="gone"/><itemref idref="p0"/><itemref idref="nobody"/>'
    manifest = '<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/>'

    book = read_epub(epub(PAGES, CONTENTS, manifest=manifest, spine=spine))

    assert ("Files of the reading order are missing or no pages: “gone.xhtml”, “nobody”.",) == book.warnings


def test_a_compressed_or_missing_mimetype_and_other_names_are_tolerated() -> None:
    """What other readers tolerate is tolerated: the first entry, and case in file names."""
    file = zipped(
        {"META-INF/container.xml": CONTAINER, "OEBPS/BOOK.opf": opf(["1.XHTML"]), "OEBPS/1.xhtml": page("<p>Sea</p>")}
    )
    stripped = zipped({})
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(stripped, "w", zipfile.ZIP_DEFLATED) as bare:
        for name in whole.namelist()[1:]:
            bare.writestr(name, whole.read(name))

    assert ["Sea"] == [chapter.text for chapter in read_epub(stripped).chapters]


@pytest.mark.parametrize(
    ("package", "extra"),
    [
        ({"manifest": '<item id="c" href="c.png" media-type="image/png" properties="cover-image"/>'}, {"c.png": PNG}),
        (
            {
                "manifest": '<item id="c" href="c.png" media-type="image/png"/>',
                "metadata": METADATA + '<meta name="cover" content="c"/>',
            },
            {"c.png": PNG},
        ),
        (
            {"guide": '<reference type="cover" href="t/cover.xhtml"/>'},
            {"t/cover.xhtml": page('<svg><image xlink:href="../c.png"/></svg>'), "c.png": PNG},
        ),
    ],
)
def test_the_cover_is_found(package: dict[str, Any], extra: dict[str, str | bytes]) -> None:
    """EPUB 3 property, EPUB 2 meta, and the guide's cover page all lead to the image."""
    files = {f"OEBPS/{name}": content for name, content in extra.items()}

    assert PNG == read_cover(epub(PAGES, CONTENTS, extra=files, **package))
    assert "OEBPS/c.png" == read_epub(epub(PAGES, CONTENTS, extra=files, **package)).cover


@pytest.mark.parametrize("content", [b"<svg/>", b"GIF89a", b"", JPEG + b"0" * 21_000_000])
def test_only_images_are_covers(content: bytes) -> None:
    """Only JPEG and PNG files of a reasonable size are returned."""
    manifest = '<item id="c" href="c.jpg" media-type="image/jpeg" properties="cover-image"/>'
    file = epub(PAGES, CONTENTS, manifest=manifest, extra={"OEBPS/c.jpg": content})

    assert read_cover(file) is None


def test_a_book_without_cover() -> None:
    """A book without a cover image has no cover."""
    assert read_cover(epub(PAGES, CONTENTS)) is None
    assert read_epub(epub(PAGES, CONTENTS)).cover is None
