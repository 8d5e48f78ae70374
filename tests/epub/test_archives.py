"""Archives as tools really write them, and links as books really have them."""

import io
import time
import zipfile
from pathlib import Path

import pytest

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.archive import MAX_ENTRIES, Archive
from bookbytes_pipeline.epub.folder import open_epub
from bookbytes_pipeline.epub.hrefs import Href, is_elsewhere, resolve
from bookbytes_pipeline.epub.reader import read_epub
from tests.epub.building import CONTAINER, Entry, epub, nav, opf, page, prose, zipped

PAGES = {"1.xhtml": prose(60, "first"), "2.xhtml": prose(70, "second")}
CONTENTS: list[Entry] = [("One", "1.xhtml"), ("Two", "2.xhtml")]


def repacked(file: io.BytesIO, rename: str, added: dict[str, str] | None = None) -> io.BytesIO:
    """Return the archive with its entries renamed by a pattern, such as `Book/{}`, and others added."""
    with zipfile.ZipFile(file) as book:
        files = {rename.format(name): book.read(name) for name in book.namelist()[1:]}
    return zipped(files | {name: text.encode() for name, text in (added or {}).items()})


def titles(book: BookText) -> list[str]:
    return [chapter.title for chapter in book.chapters]


def test_a_folder_around_the_book_is_looked_into() -> None:
    """A Mac zips the folder, with a second file for each that holds its icon."""
    added = {"__MACOSX/My Book/._1.xhtml": "x", "My Book/._content.opf": "x", "My Book/OEBPS/._1.xhtml": "x"}

    book = read_epub(repacked(epub(PAGES, CONTENTS), "My Book/{}", added | {"My Book/.DS_Store": "x"}))

    assert ["One", "Two"] == titles(book)


def test_entries_named_with_backslashes_are_read() -> None:
    files = {
        "META-INF\\container.xml": CONTAINER,
        "OEBPS\\book.opf": opf(["t/1.xhtml"], contents="nav"),
        "OEBPS\\nav.xhtml": nav([("One", "t\\1.xhtml")]),
        "OEBPS\\t\\1.xhtml": page(prose(60)),
        "..\\outside.xhtml": page(prose(60)),
    }

    assert ["One"] == titles(read_epub(zipped(files)))


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "gb18030"])
def test_names_without_the_flag_for_utf_8_are_found(encoding: str) -> None:
    """The bytes of the name are UTF-8 or of an old system's encoding, and the package document is right."""
    name = "第一章.xhtml"
    stand_in = "x" * (len(name.encode(encoding)) - len(".xhtml")) + ".xhtml"
    content = zipped({"book.opf": opf([name]), stand_in: page(prose(60))}).getvalue()

    book = read_epub(io.BytesIO(content.replace(stand_in.encode(), name.encode(encoding))))

    assert [60] == [len(chapter.text.split()) for chapter in book.chapters]


@pytest.mark.parametrize("href", ["/1.xhtml", "/OEBPS/1.xhtml"])
def test_links_from_the_root_are_found(href: str) -> None:
    """They count from the archive's root, or from the folder of the book."""
    book = read_epub(epub(PAGES, [("One", href), ("Two", "2.xhtml")]))

    assert ["One", "Two"] == titles(book)
    assert () == book.warnings


@pytest.mark.parametrize("href", ["file:///C:/books/1.xhtml", "C:\\books\\1.xhtml", "../../../1.xhtml", "/gone.xhtml"])
def test_a_link_out_of_the_book_is_passed_over(href: str) -> None:
    """The chapter that it names is the page left over between its neighbours."""
    book = read_epub(epub(PAGES, [("One", href), ("Two", "2.xhtml")]))

    assert ["One", "Two"] == titles(book)
    assert ("The contents point at missing files; these titles were matched by position: “One”.",) == book.warnings


@pytest.mark.parametrize(
    ("base", "href", "target"),
    [
        ("OEBPS/nav.xhtml", "t/1.xhtml#a", Href("OEBPS/t/1.xhtml", "a")),
        ("OEBPS/nav.xhtml", "../t/1.xhtml?x=1", Href("t/1.xhtml")),
        ("OEBPS/nav.xhtml", "#a", Href("OEBPS/nav.xhtml", "a")),
        ("OEBPS/nav.xhtml", "/t/1.xhtml", Href("/t/1.xhtml")),
        ("OEBPS/nav.xhtml", "t\\1.xhtml", Href("OEBPS/t/1.xhtml")),
        ("OEBPS/nav.xhtml", "a%20b.xhtml", Href("OEBPS/a b.xhtml")),
        ("OEBPS/nav.xhtml", "../../x.xhtml", None),
        ("OEBPS/nav.xhtml", "/../x.xhtml", Href("/x.xhtml")),
        ("OEBPS/nav.xhtml", "%2e%2e/%2e%2e/x.xhtml", None),
        ("OEBPS/nav.xhtml", "C:/x.xhtml", None),
        ("OEBPS/nav.xhtml", "file:///x.xhtml", None),
        ("OEBPS/nav.xhtml", "https://example.org/x", None),
        ("OEBPS/nav.xhtml", "//example.org/x", None),
    ],
)
def test_links_are_resolved_inside_the_book(base: str, href: str, target: Href | None) -> None:
    assert target == resolve(base, href)


@pytest.mark.parametrize(
    ("href", "elsewhere"), [("https://x", True), ("mailto:x", True), ("file:///x", False), ("C:/x", False)]
)
def test_addresses_on_the_web_are_no_part_of_a_book(href: str, elsewhere: bool) -> None:
    assert elsewhere == is_elsewhere(href)


def test_a_folder_is_an_unpacked_book(tmp_path: Path) -> None:
    """It is packed the same every time, and links in it are not followed."""
    with zipfile.ZipFile(epub(PAGES, CONTENTS)) as book:
        book.extractall(tmp_path / "Book.epub")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "Book.epub" / "OEBPS" / "3.xhtml").symlink_to(tmp_path / "secret.txt")

    with open_epub(tmp_path / "Book.epub") as first, open_epub(tmp_path / "Book.epub") as second:
        assert first.read() == second.read()
        assert ["One", "Two"] == titles(read_epub(first))
        with zipfile.ZipFile(first) as packed:
            assert "mimetype" == packed.namelist()[0]
            assert "OEBPS/3.xhtml" not in packed.namelist()


def test_a_folder_that_is_no_book_is_refused(tmp_path: Path) -> None:
    with open_epub(tmp_path) as packed, pytest.raises(UnreadableBook, match="This is not an EPUB"):
        read_epub(packed)


def test_a_folder_has_the_limits_of_a_book(tmp_path: Path) -> None:
    for number in range(MAX_ENTRIES + 1):
        (tmp_path / str(number)).touch()

    with pytest.raises(UnreadableBook, match="more than 10000 files"), open_epub(tmp_path):
        pass


def test_links_from_the_root_cost_the_same_in_an_archive_of_many_files() -> None:
    """Each is found, or not, without a look at every entry."""
    files = {f"OEBPS/{number}.xhtml": "" for number in range(MAX_ENTRIES - 2)}
    archive = Archive.open(zipped(files | {"Other/1.xhtml": ""}))
    started = time.process_time()

    found = [archive.find(f"/{number}.xhtml") for number in range(20_000)]

    assert (None, "OEBPS/2.xhtml", None) == (found[1], found[2], found[-1])
    assert time.process_time() - started < 5
