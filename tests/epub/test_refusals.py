"""Files that are damaged, locked or hostile: each is refused with its own sentence, or does no harm."""

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

Answer = TypeVar("Answer")

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
    """The content with up to eight stretches overwritten."""
    changes = st.lists(st.tuples(st.integers(0, len(content)), st.binary(min_size=1, max_size=4)), max_size=8)
    return changes.map(lambda made: _overwritten(content, made))


def _overwritten(content: bytes, changes: list[tuple[int, bytes]]) -> bytes:
    changed = bytearray(content)
    for place, new in changes:
        changed[place : place + len(new)] = new
    return bytes(changed)


def refusal(file: io.BytesIO) -> str:
    with pytest.raises(UnreadableBook) as refused:
        read_epub(file)
    return str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"%PDF-1.7 no zip", VALID[:-200], VALID[300:], VALID[: len(VALID) // 2]]
)
def test_no_zip_or_a_broken_one(content: bytes) -> None:
    """What is no whole archive is refused, for its cover too."""
    assert refusal(io.BytesIO(content)).startswith(("This is not an EPUB: the file is no zip", "The EPUB is damaged"))
    with pytest.raises(UnreadableBook):
        read_cover(io.BytesIO(content))


def test_damaged_content() -> None:
    """A checksum that does not fit is told with the name of the entry."""
    stored = zipped({"OEBPS/book.opf": opf(["1.xhtml"]), "OEBPS/1.xhtml": page(prose(60))}, zipfile.ZIP_STORED)
    damaged = stored.getvalue().replace(b"sea sea", b"sea sae", 1)

    assert "The EPUB is damaged: 'OEBPS/1.xhtml' cannot be unpacked. Download it again." == refusal(io.BytesIO(damaged))


def test_a_zip_that_is_no_epub() -> None:
    """A zip without a package document is some other file."""
    expected = "This is not an EPUB: the archive holds no package document (an .opf file)."

    assert expected == refusal(zipped({"readme.txt": "hello"}))
    assert expected == refusal(zipped({"META-INF/container.xml": CONTAINER}))


@pytest.mark.parametrize("content", ["", "not xml", "<package/>", '<package><spine toc="x"/></package>'])
def test_a_package_without_reading_order(content: str) -> None:
    """A package document that names no pages is refused."""
    assert "names no reading order" in refusal(zipped({"book.opf": content}))


def test_no_text_at_all() -> None:
    """A book of pictures has nothing to summarise."""
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
        ("META-INF/encryption.xml", "", "encryption list"),
        ("META-INF/rights.xml", "<rights/>", "rights file"),
        ("META-INF/sinf.xml", "<sinf/>", "FairPlay"),
        ("META-INF/license.lcpl", "{}", "LCP"),
    ],
)
def test_drm_is_refused(name: str, content: str, scheme: str) -> None:
    """A locked book is told from a damaged one, and by whom it is locked."""
    sentence = refusal(epub(PAGES, CONTENTS, extra={name: content}))

    assert sentence.startswith("The EPUB is protected by DRM")
    assert scheme in sentence


def test_obfuscated_fonts_are_no_drm() -> None:
    """Publishers scramble fonts; the text is free."""
    fonts = ENCRYPTION.format("http://www.idpf.org/2008/embedding", "OEBPS/font.otf")

    assert 2 == len(read_epub(epub(PAGES, CONTENTS, extra={"META-INF/encryption.xml": fonts})).chapters)


def test_encrypted_entries() -> None:
    """A zip with a password asks for one without."""
    locked = VALID.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")

    assert "locked with a password" in refusal(io.BytesIO(locked))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compression(method: int) -> None:
    """EPUBs are deflated; another method is refused where the entry is needed, and nowhere else."""
    file = epub(PAGES, CONTENTS)
    with zipfile.ZipFile(file, "a") as book:
        book.writestr("unused.bin", b"x", method)
    unused = read_epub(file)
    packed = zipped({"book.opf": opf(["1.xhtml"]), "1.xhtml": page(prose(60))}, method)

    assert 2 == len(unused.chapters)
    assert f"packed with compression method {method}" in refusal(packed)


def test_a_page_that_unfolds_beyond_measure() -> None:
    """A zip bomb is stopped by what comes out and not by what it says of itself."""
    bomb = epub(PAGES | {"3.xhtml": page("<p>" + " " * 8_000_000 + "</p>")}, CONTENTS)

    assert "'OEBPS/3.xhtml' unpacks to over 200 times its size: refused as a zip bomb." == refusal(bomb)


def test_one_entry_and_all_together_have_a_largest_size() -> None:
    """Reading stops at 50 MB of one entry and at 300 MB in all, however they are packed."""
    files = {"large": b"0" * 52_500_000, "fair": b"0" * 45_000_000}
    opened = Archive.open(zipped(files, zipfile.ZIP_STORED))

    with pytest.raises(UnreadableBook, match="'large' unpacks to more than 50 MB"):
        opened.read("large")
    with pytest.raises(UnreadableBook, match="The EPUB unpacks to more than 300 MB"):
        [opened.read("fair") for _ in range(7)]


def test_too_much_markup() -> None:
    """Pages of nothing but tags are refused before they are read."""
    files = {"book.opf": opf(["1.xhtml"]), "1.xhtml": page("<b/>" * 2_000_000)}

    assert "more than 2,000,000 tags" in refusal(zipped(files, zipfile.ZIP_STORED))


def test_too_many_entries() -> None:
    """Ten thousand files are more than any book has."""
    assert "The EPUB holds 10002 files" in refusal(zipped({f"{place}": "" for place in range(10_001)}))


def test_a_directory_that_claims_to_be_huge() -> None:
    """The archive's directory is read whole, so its size is limited before it is read."""
    names = {f"{place:03}{'x' * 60_000}": "" for place in range(80)}

    assert refusal(zipped(names)).startswith("This is not an EPUB: the file is no zip")


def test_external_entities_are_never_fetched(tmp_path: Path) -> None:
    """A page cannot pull a file of this machine, or of another, into the book."""
    secret = tmp_path / "secret.txt"
    secret.write_text("password")
    for place in (secret.as_uri(), "http://127.0.0.1:9/x"):
        doctype = f'<!DOCTYPE html [<!ENTITY xxe SYSTEM "{place}"><!ENTITY % p SYSTEM "{place}"> %p;]><html'
        hostile = page("<p>a &xxe; b</p>").replace("<html", doctype, 1)
        book = read_epub(epub({"1.xhtml": hostile}, [("One", "1.xhtml")]))

        assert "a b" == book.chapters[0].text


def test_entities_in_the_package_document() -> None:
    """Titles unfold nothing either."""
    hostile = opf(["1.xhtml"], metadata="<dc:title>The &xxe;Sea</dc:title>").replace(
        "<package", '<!DOCTYPE package [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><package', 1
    )

    assert "The Sea" == read_epub(zipped({"book.opf": hostile, "1.xhtml": page(prose(60))})).title


def test_entities_that_multiply_are_harmless() -> None:
    """A billion laughs are not laughed, in text or in attributes."""
    laughs = "".join(f'<!ENTITY l{place} "{f"&l{place - 1};" * 10}">' for place in range(1, 10))
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
def test_paths_out_of_the_archive(path: str) -> None:
    """A spine, contents or container that leads outside is refused, even if the archive holds an entry so named."""
    extra = {path: page(prose(60))}
    spine = '<itemref idref="out"/><itemref idref="p0"/>'
    manifest = f'<item id="out" href="{path}" media-type="application/xhtml+xml"/>'
    container = CONTAINER.replace("OEBPS/book.opf", f"a/../../{path}" if path.startswith("%") else path)

    assert "outside itself" in refusal(epub(PAGES, CONTENTS, manifest=manifest, spine=spine, extra=extra))
    assert "outside itself" in refusal(epub(PAGES, [*CONTENTS, ("Out", path)], extra=extra))
    assert "outside itself" in refusal(epub(PAGES, CONTENTS, extra={"META-INF/container.xml": container}))


@pytest.mark.parametrize("path", PATHS)
def test_paths_that_nobody_needs(path: str) -> None:
    """An odd entry or manifest item that is no part of the text does no harm."""
    manifest = f'<item id="out" href="{path}" media-type="image/png" properties="cover-image"/>'
    file = epub(PAGES, CONTENTS, manifest=manifest, extra={path: "x"})

    assert 2 == len(read_epub(file).chapters)
    assert read_cover(file) is None


def test_entries_named_with_backslashes() -> None:
    """An archive made with backslashes is refused by the name of what is needed."""
    files = {"OEBPS/book.opf": opf(["t/1.xhtml"]), "OEBPS\\t\\1.xhtml": page(prose(60))}

    assert "whose path is absolute or has a backslash" in refusal(zipped(files))


def test_links_to_the_world_are_not_followed() -> None:
    """Contents may name a web page; it is no chapter."""
    assert 2 == len(read_epub(epub(PAGES, [*CONTENTS, ("Shop", "https://example.org/x")])).chapters)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_any_damage_reads_or_is_refused(data: st.DataObject) -> None:
    """Whatever bytes of the file are changed or cut off, the answer is a book or `UnreadableBook`."""
    whole = data.draw(mutations(VALID))
    start, end = data.draw(st.sampled_from([(0, None), (0, -data.draw(CUT)), (data.draw(CUT), None)]))

    assert isinstance(_answer(read_epub, whole[start:end]), BookText | UnreadableBook)
    assert isinstance(_answer(read_cover, whole[start:end]), bytes | UnreadableBook | None)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_any_content_reads_or_is_refused(data: st.DataObject) -> None:
    """Whatever bytes change within pages, contents and package document, nothing else is raised."""
    name = data.draw(st.sampled_from(sorted(FILES)))
    content = data.draw(mutations(FILES[name]) | st.binary(max_size=200) | st.text(max_size=200).map(str.encode))

    file = zipped(FILES | {name: content}, zipfile.ZIP_STORED)
    assert isinstance(_answer(read_epub, file.getvalue()), BookText | UnreadableBook)


def _answer(read: Callable[[BinaryIO], Answer], file: bytes) -> Answer | UnreadableBook:
    try:
        return read(io.BytesIO(file))
    except UnreadableBook as refused:
        return refused
