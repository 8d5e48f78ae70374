"""Damaged, locked or hostile files: each is refused with its own message, or is harmless."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.archive import Archive
from bookbytes_pipeline.epub.reader import read_cover, read_epub
from tests.epub.building import CONTAINER, epub, ncx, opf, page, prose, zipped

ResultT = TypeVar("ResultT")

PAGES = {"1.xhtml": prose(60), "2.xhtml": prose(70)}
CONTENTS = [("One", "1.xhtml"), ("Two", "2.xhtml")]
VALID = epub(PAGES, CONTENTS, extra={"OEBPS/toc.ncx": ncx(CONTENTS)}).getvalue()
with zipfile.ZipFile(io.BytesIO(VALID)) as valid:
    FILES = {name: valid.read(name) for name in valid.namelist()[1:]}
CUT = st.integers(1, len(VALID) - 1)
ENCRYPTION = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/xmlenc#">'
    '<enc:EncryptedData><enc:EncryptionMethod Algorithm="{}"/><enc:CipherData><enc:CipherReference URI="{}"/>'
    "</enc:CipherData></enc:EncryptedData></encryption>"
)


def mutations(content: bytes) -> st.SearchStrategy[bytes]:
    """Return variants of the content with up to eight ranges overwritten."""
    changes = st.lists(st.tuples(st.integers(0, len(content)), st.binary(min_size=1, max_size=4)), max_size=8)
    return changes.map(lambda drawn: _overwritten(content, drawn))


def _overwritten(content: bytes, changes: list[tuple[int, bytes]]) -> bytes:
    changed = bytearray(content)
    for start, new in changes:
        changed[start : start + len(new)] = new
    return bytes(changed)


def refusal(file: io.BytesIO) -> str:
    with pytest.raises(UnreadableBook) as refused:
        read_epub(file)
    return str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"%PDF-1.7 no zip", VALID[:-200], VALID[300:], VALID[: len(VALID) // 2]]
)
def test_a_file_that_is_not_a_whole_zip_is_refused(content: bytes) -> None:
    """An incomplete archive is refused, for reading its cover too."""
    assert refusal(io.BytesIO(content)).startswith(("This is not an EPUB: the file is no zip", "The EPUB is damaged"))
    with pytest.raises(UnreadableBook):
        read_cover(io.BytesIO(content))


def test_damaged_content_is_refused() -> None:
    """A wrong checksum is reported with the name of the entry."""
    stored = zipped({"OEBPS/book.opf": opf(["1.xhtml"]), "OEBPS/1.xhtml": page(prose(60))}, zipfile.ZIP_STORED)
    damaged = stored.getvalue().replace(b"sea sea", b"sea sae", 1)

    assert "The EPUB is damaged: 'OEBPS/1.xhtml' cannot be unpacked. Download it again." == refusal(io.BytesIO(damaged))


def test_a_zip_that_is_not_an_epub_is_refused() -> None:
    """A zip without a package document is another kind of file."""
    expected = "This is not an EPUB: the archive holds no package document (an .opf file)."

    assert expected == refusal(zipped({"readme.txt": "hello"}))
    assert expected == refusal(zipped({"META-INF/container.xml": CONTAINER}))


@pytest.mark.parametrize("content", ["", "not xml", "<package/>", '<package><spine toc="x"/></package>'])
def test_a_package_without_reading_order_is_refused(content: str) -> None:
    """A package document that names no pages is refused."""
    assert "names no reading order" in refusal(zipped({"book.opf": content}))


def test_a_book_without_text_is_refused() -> None:
    """A book of images has nothing to summarise."""
    expected = "The EPUB holds no text: its pages are empty or pictures only. Attach one with text."

    assert expected == refusal(epub({"1.xhtml": '<img src="1.png" alt="x"/>', "2.xhtml": ""}, CONTENTS))


@pytest.mark.parametrize(
    ("name", "content", "scheme"),
    [
        (
            "META-INF/encryption.xml",
            ENCRYPTION.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/1.xhtml"),
            "pages",
        ),
        ("META-INF/encryption.xml", ENCRYPTION.format("http://www.idpf.org/2008/embedding", "OEBPS/1.xhtml"), "pages"),
        ("META-INF/encryption.xml", ENCRYPTION.format("unknown", "OEBPS/book.opf"), "pages"),
        ("META-INF/encryption.xml", "", "encryption list"),
    ],
)
def test_drm_is_refused(name: str, content: str, scheme: str) -> None:
    """The message distinguishes a locked book from a damaged one, and names the DRM scheme."""
    message = refusal(epub(PAGES, CONTENTS, extra={name: content}))

    assert message.startswith("The EPUB is protected by DRM")
    assert scheme in message


@pytest.mark.parametrize("name", ["rights.xml", "sinf.xml", "license.lcpl"])
def test_a_scheme_is_named_where_pages_are_encrypted(name: str) -> None:
    """Listed or not: a page that is no markup, beside the file of a scheme, is encrypted."""
    scheme = {"rights.xml": "Adobe", "sinf.xml": "FairPlay", "license.lcpl": "LCP"}[name]
    listed = ENCRYPTION.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/1.xhtml")
    files = [
        epub(PAGES, CONTENTS, extra={f"META-INF/{name}": "<x/>", "META-INF/encryption.xml": listed}),
        epub(PAGES, CONTENTS, extra={f"META-INF/{name}": "<x/>", "OEBPS/1.xhtml": bytes(range(128, 250)) * 20}),
    ]

    assert [True, True] == [scheme in refusal(file) for file in files]


@pytest.mark.parametrize("name", ["rights.xml", "sinf.xml", "license.lcpl"])
def test_a_file_about_rights_alone_is_no_drm(name: str) -> None:
    """What is not encrypted can be read."""
    book = read_epub(epub(PAGES, CONTENTS, extra={f"META-INF/{name}": "<rights>All reserved</rights>"}))

    assert 2 == len(book.chapters)


@pytest.mark.parametrize("algorithm", ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"])
@pytest.mark.parametrize("font", ["Fonts/Body%20Font", "font.otf", "font.ttc", "font.bin", "FONT.DFONT", "missing"])
def test_obfuscated_fonts_are_not_drm(font: str, algorithm: str) -> None:
    """Publishers obfuscate fonts, whatever these are called; the text is not protected."""
    listed = ENCRYPTION.format(algorithm, f"OEBPS/{font}")
    extra: dict[str, str | bytes] = {"META-INF/encryption.xml": listed}
    if font != "missing":
        extra[f"OEBPS/{font.replace('%20', ' ')}"] = b"x"

    assert 2 == len(read_epub(epub(PAGES, CONTENTS, extra=extra)).chapters)


def test_what_is_no_text_by_its_type_may_be_encrypted() -> None:
    """An encrypted font without an ending is known by the manifest."""
    listed = ENCRYPTION.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/body")
    manifest = '<item id="f" href="body" media-type="application/vnd.ms-opentype"/>'

    book = read_epub(
        epub(PAGES, CONTENTS, manifest=manifest, extra={"META-INF/encryption.xml": listed, "OEBPS/body": "x"})
    )

    assert 2 == len(book.chapters)


def test_encrypted_entries_are_refused() -> None:
    """A zip with a password is refused, and the message says so."""
    locked = VALID.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")

    assert "locked with a password" in refusal(io.BytesIO(locked))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compression_is_refused(method: int) -> None:
    """EPUBs use deflate; an entry with another method is refused only if it is needed."""
    file = epub(PAGES, CONTENTS)
    with zipfile.ZipFile(file, "a") as book:
        book.writestr("unused.bin", b"x", method)
    unused = read_epub(file)
    packed = zipped({"book.opf": opf(["1.xhtml"]), "1.xhtml": page(prose(60))}, method)

    assert 2 == len(unused.chapters)
    assert f"packed with compression method {method}" in refusal(packed)


def test_a_zip_bomb_is_refused() -> None:
    """A zip bomb is detected by its unpacked data, not by its declared size."""
    bomb = epub(PAGES | {"3.xhtml": page("<p>" + " " * 8_000_000 + "</p>")}, CONTENTS)

    assert "'OEBPS/3.xhtml' unpacks to over 200 times its size: refused as a zip bomb." == refusal(bomb)


def test_each_entry_and_the_total_have_a_size_limit() -> None:
    """Reading stops at 50 MB of an entry and at 300 MB in total, however they are packed."""
    files = {"large": b"0" * 52_500_000, "fair": b"0" * 45_000_000}
    opened = Archive.open(zipped(files, zipfile.ZIP_STORED))

    with pytest.raises(UnreadableBook, match="'large' unpacks to more than 50 MB"):
        opened.read("large")
    with pytest.raises(UnreadableBook, match="The EPUB unpacks to more than 300 MB"):
        [opened.read("fair") for _ in range(7)]


def test_too_much_markup_is_refused() -> None:
    """Pages of only tags are refused before they are parsed."""
    files = {"book.opf": opf(["1.xhtml"]), "1.xhtml": page("<b/>" * 2_000_000)}

    assert "more than 2,000,000 tags" in refusal(zipped(files, zipfile.ZIP_STORED))


def test_too_many_entries_are_refused() -> None:
    """No book has more than ten thousand files."""
    assert "The EPUB holds 10002 files" in refusal(zipped({f"{number}": "" for number in range(10_001)}))


def test_a_huge_archive_directory_is_refused() -> None:
    """The archive's directory is read completely, so its size is checked first."""
    names = {f"{number:03}{'x' * 60_000}": "" for number in range(80)}

    assert refusal(zipped(names)).startswith("This is not an EPUB: the file is no zip")


def test_external_entities_are_never_fetched(tmp_path: Path) -> None:
    """A page cannot include a file of this machine, or of another, in the book."""
    secret = tmp_path / "secret.txt"
    secret.write_text("password")
    for uri in (secret.as_uri(), "http://127.0.0.1:9/x"):
        doctype = f'<!DOCTYPE html [<!ENTITY xxe SYSTEM "{uri}"><!ENTITY % p SYSTEM "{uri}"> %p;]><html'
        hostile = page("<p>a &xxe; b</p>").replace("<html", doctype, 1)
        book = read_epub(epub({"1.xhtml": hostile}, [("One", "1.xhtml")]))

        assert "a b" == book.chapters[0].text


def test_entities_in_the_package_document_are_not_expanded() -> None:
    """Titles do not expand entities either."""
    hostile = opf(["1.xhtml"], metadata="<dc:title>The &xxe;Sea</dc:title>").replace(
        "<package", '<!DOCTYPE package [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><package', 1
    )

    assert "The Sea" == read_epub(zipped({"book.opf": hostile, "1.xhtml": page(prose(60))})).title


def test_entities_that_multiply_are_harmless() -> None:
    """A billion-laughs attack is not expanded, in text or in attributes."""
    laughs = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    doctype = f'<!DOCTYPE html [<!ENTITY l0 "ha">{laughs}]><html'
    body = '<p title="&l9;">a &l9; b</p>'

    book = read_epub(epub({"1.xhtml": page(body).replace("<html", doctype, 1)}, [("One", "1.xhtml")]))

    assert len(book.chapters[0].text) < 1_000


PATHS = [
    "../../secret.xhtml",
    "/etc/passwd",
    "..\\x.xhtml",
    "C:/x.xhtml",
    "C:\\x.xhtml",
    "%2e%2e/%2e%2e/x",
    "file:///x",
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_outside_the_book_is_read(path: str) -> None:
    """A spine, contents or container that points outside is passed over, even if the archive has such an entry."""
    extra = {path: page(prose(60, "secret"))}
    spine = '<itemref idref="out"/><itemref idref="p0"/><itemref idref="p1"/>'
    manifest = f'<item id="out" href="{path}" media-type="application/xhtml+xml"/>'
    container = CONTAINER.replace("OEBPS/book.opf", f"a/../../{path}" if path.startswith("%") else path)
    files = [
        epub(PAGES, CONTENTS, manifest=manifest, spine=spine, extra=extra),
        epub(PAGES, [*CONTENTS, ("Out", path)], extra=extra),
        epub(PAGES, CONTENTS, extra={"META-INF/container.xml": container} | extra),
    ]

    books = [read_epub(file) for file in files]

    assert [["One", "Two"]] * 3 == [[chapter.title for chapter in book.chapters] for book in books]
    assert not any("secret" in chapter.text for book in books for chapter in book.chapters)
    assert any(path in warning for warning in books[0].warnings)
    assert any("Out" in warning for warning in books[1].warnings)


@pytest.mark.parametrize("path", PATHS)
def test_unused_paths_are_harmless(path: str) -> None:
    """A strange entry or manifest item that is not part of the text has no effect."""
    manifest = f'<item id="out" href="{path}" media-type="image/png" properties="cover-image"/>'
    file = epub(PAGES, CONTENTS, manifest=manifest, extra={path: "x"})

    assert 2 == len(read_epub(file).chapters)
    assert read_cover(file) is None


def test_external_links_are_not_followed() -> None:
    """Contents may name a web page; it is not a chapter."""
    assert 2 == len(read_epub(epub(PAGES, [*CONTENTS, ("Shop", "https://example.org/x")])).chapters)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_any_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever bytes of the file are changed or cut off, the result is a book or `UnreadableBook`."""
    whole = data.draw(mutations(VALID))
    start, end = data.draw(st.sampled_from([(0, None), (0, -data.draw(CUT)), (data.draw(CUT), None)]))

    assert isinstance(_result(read_epub, whole[start:end]), BookText | UnreadableBook)
    assert isinstance(_result(read_cover, whole[start:end]), bytes | UnreadableBook | None)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_any_content_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever bytes change within pages, contents and package document, nothing else is raised."""
    name = data.draw(st.sampled_from(sorted(FILES)))
    content = data.draw(mutations(FILES[name]) | st.binary(max_size=200) | st.text(max_size=200).map(str.encode))

    file = zipped(FILES | {name: content}, zipfile.ZIP_STORED)
    assert isinstance(_result(read_epub, file.getvalue()), BookText | UnreadableBook)


def _result(read: Callable[[BinaryIO], ResultT], file: bytes) -> ResultT | UnreadableBook:
    try:
        return read(io.BytesIO(file))
    except UnreadableBook as refused:
        return refused
