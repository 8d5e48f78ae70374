"""Attaching a book's own text: who may, what is taken, and that nothing else is kept."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import ISBN
from tests.epub.building import epub, page, prose

WHERE = f"/api/v1/books/isbn/{ISBN}/text"
RIVERS = epub({"1.xhtml": prose(60, "river")}, [("Springs", "1.xhtml")]).getvalue()
LAKES = epub({"1.xhtml": prose(60, "lake"), "2.xhtml": prose(70, "lake")}, [("A", "1.xhtml"), ("B", "2.xhtml")])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all tests of this file: people take longest to make, and what is attached is no row."""
    with serving_api(offline_settings(tmp_path_factory.mktemp("home"))) as api:
        yield api


@pytest.fixture
def api(running: Api) -> Api:
    """The API, nothing attached."""
    Path(f"{running.settings.store_folder}/sources/{ISBN}.epub").unlink(missing_ok=True)
    return running


def attach(api: Api, user: User | None, content: bytes, name: str = "book.epub", where: str = WHERE) -> httpx.Response:
    """Send a file as a browser or curl does."""
    return api.ask("PUT", where, user, files={"file": (name, content, "application/epub+zip")})


def kept(api: Api) -> list[str]:
    """The files that are attached, half ones included."""
    folder = api.settings.store_folder / "sources"
    return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []


def attached_text(api: Api) -> BookText:
    """The attached book, as a run reads it."""
    epub_file = open_store(api.settings.store_config).sources.read(ISBN)
    assert epub_file is not None
    return read_epub(io.BytesIO(epub_file))


def test_an_attached_text_is_what_the_next_run_reads(api: Api, ada: User) -> None:
    """The answer tells what was found in it."""
    answer = attach(api, ada, RIVERS)

    assert {"isbn": ISBN, "title": "The Sea", "chapters": 1, "words": 60, "warnings": []} == answer.json()
    text = attached_text(api)
    assert [("Springs", " ".join(["river"] * 60))] == [(chapter.title, chapter.text) for chapter in text.chapters]


def test_any_form_of_the_isbn_leads_to_the_same_text(api: Api, ada: User) -> None:
    """It is kept under the thirteen digits."""
    attach(api, ada, RIVERS, where="/api/v1/books/isbn/0-306-40615-2/text")

    assert [f"{ISBN}.epub"] == kept(api)


def test_what_was_guessed_is_told(api: Api, ada: User) -> None:
    """Warnings of the reader reach whoever attached the book."""
    answer = attach(api, ada, epub({"1.xhtml": prose(60)}, [("One", "1.xhtml"), ("Two", "gone.xhtml")]).getvalue())

    assert "names what is not in the book" in answer.json()["warnings"][0]


def test_an_administrator_replaces_a_text(api: Api, ada: User) -> None:
    """The newest one counts, and the old one is not kept beside it."""
    attach(api, ada, RIVERS)

    assert 2 == attach(api, ada, LAKES.getvalue()).json()["chapters"]
    assert [f"{ISBN}.epub"] == kept(api)
    text = attached_text(api)
    assert ["A", "B"] == [chapter.title for chapter in text.chapters]


def test_others_attach_nothing(api: Api, bob: User) -> None:
    """A text changes what everybody hears."""
    assert (403, "ADMINISTRATOR_NEEDED") == code(attach(api, bob, RIVERS))
    assert (401, "NOT_AUTHENTICATED") == code(attach(api, None, RIVERS))
    assert [] == kept(api)


def test_where_uploads_are_allowed_anybody_attaches_the_first_text(tmp_path: Path) -> None:
    """What is there already only an administrator replaces."""
    with serving_api(offline_settings(tmp_path, allow_user_uploads=True)) as api:
        ada, bob = api.user("ada"), api.user("bob")

        assert 200 == attach(api, bob, RIVERS).status_code
        assert (403, "TEXT_ATTACHED") == code(attach(api, bob, LAKES.getvalue()))
        assert RIVERS == (api.settings.store_folder / "sources" / f"{ISBN}.epub").read_bytes()
        assert 200 == attach(api, ada, LAKES.getvalue()).status_code


def test_a_file_that_cannot_be_read_is_not_kept(api: Api, ada: User) -> None:
    """No EPUB, a locked one and a hostile one are told apart, and leave what was attached before as it was."""
    bomb = epub({"1.xhtml": prose(60), "2.xhtml": page("<p>" + " " * 8_000_000 + "</p>")}, [("One", "1.xhtml")])
    locked = epub({"1.xhtml": prose(60)}, [("One", "1.xhtml")], extra={"META-INF/license.lcpl": "{}"})
    refused = {"no zip": b"%PDF-1.7", "DRM": locked.getvalue(), "zip bomb": bomb.getvalue(), "cut short": RIVERS[:-200]}
    for attached in ([], [f"{ISBN}.epub"]):
        for reason, content in refused.items():
            answer = attach(api, ada, content)
            assert (422, "UNREADABLE_BOOK") == code(answer)
            assert reason in answer.json()["error"]["message"]
            assert attached == kept(api)
        attach(api, ada, RIVERS)

    assert RIVERS == (api.settings.store_folder / "sources" / f"{ISBN}.epub").read_bytes()


def test_a_file_above_fifty_megabytes_is_too_large(api: Api, ada: User) -> None:
    """One byte more is refused as many more are; exactly as many are read."""
    most = 50 * 1024 * 1024
    for size in (most + 1, most + 100_000):
        assert (413, "TOO_LARGE") == code(attach(api, ada, bytes(size)))

    assert [] == kept(api)
    assert 200 == attach(api, ada, _padded(RIVERS, most)).status_code
    assert most == (api.settings.store_folder / "sources" / f"{ISBN}.epub").stat().st_size


def _padded(book: bytes, size: int) -> bytes:
    """The same book with a picture that makes it so large."""
    file = io.BytesIO(book)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("OEBPS/map.png", b"")
    picture = bytes(size - len(file.getvalue()))
    file = io.BytesIO(book)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("OEBPS/map.png", picture)
    return file.getvalue()


def test_the_file_has_to_be_in_the_form(api: Api, ada: User) -> None:
    """A form without the field, with text in it, or with two files names the field."""
    file = ("book.epub", RIVERS)
    for form in ({"epub": file}, [("file", file), ("file", file)], {"file": (None, b"text")}):
        assert (422, "INVALID_FILE") == code(api.ask("PUT", WHERE, ada, files=form))

    assert [] == kept(api)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/epub+zip", RIVERS),
        ("application/json", b'{"file": "x"}'),
        ("application/x-www-form-urlencoded", b"file=x"),
        ("multipart/form-data", RIVERS),
        ("multipart/form-data; boundary=x", RIVERS),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n\xff\r\n--x--'),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 100_000),
    ],
)
def test_what_is_no_form_is_refused(api: Api, ada: User, kind: str, body: bytes) -> None:
    """Another content type, a boundary that is missing, and parts that cannot be read are the client's fault."""
    answer = api.ask("PUT", WHERE, ada, content=body, headers={"Content-Type": kind})

    assert answer.status_code in {400, 422}
    assert answer.json()["error"]["request_id"]
    assert [] == kept(api)


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "..\\..\\x.epub", "a\0b.epub", "x" * 3000, "é.epub"]
)
def test_the_name_of_the_file_does_not_matter(api: Api, ada: User, name: str) -> None:
    """It is never made a path."""
    assert 200 == attach(api, ada, RIVERS, name).status_code
    assert [f"{ISBN}.epub"] == kept(api)


def test_an_isbn_that_is_none_has_no_text(api: Api, ada: User) -> None:
    """Only checked digits become a path."""
    for isbn in ("9780306406158", "..%2F..%2Fx.epub", "1234567890123"):
        answer = attach(api, ada, RIVERS, where=f"/api/v1/books/isbn/{isbn}/text")
        assert answer.status_code in {404, 422}, answer.text

    assert [] == kept(api)
