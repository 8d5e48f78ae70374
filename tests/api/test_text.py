"""Attaching a book's own text: who may, what is accepted, and that nothing else is stored."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from bookbytes_pipeline.domain.book import Book, BookText
from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import ISBN
from tests.epub.building import METADATA, epub, page, prose

TEXT_PATH = f"/api/v1/books/isbn/{ISBN}/text"
RIVERS = epub({"1.xhtml": prose(60, "river")}, [("Springs", "1.xhtml")]).getvalue()
LAKES = epub({"1.xhtml": prose(60, "lake"), "2.xhtml": prose(70, "lake")}, [("A", "1.xhtml"), ("B", "2.xhtml")])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all tests of this file: users take longest to create, and an attached text is no row."""
    with serving_api(offline_settings(tmp_path_factory.mktemp("home"))) as api:
        yield api


@pytest.fixture
def api(running: Api) -> Api:
    """The API, with nothing attached."""
    Path(f"{running.settings.store_folder}/sources/{ISBN}.epub").unlink(missing_ok=True)
    return running


def attach(
    api: Api, user: User | None, content: bytes, name: str = "book.epub", path: str = TEXT_PATH
) -> httpx.Response:
    """Send a file as a browser or curl does."""
    return api.ask("PUT", path, user, files={"file": (name, content, "application/epub+zip")})


def kept(api: Api) -> list[str]:
    """The attached files, including partial ones."""
    folder = api.settings.store_folder / "sources"
    return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []


def attached_text(api: Api) -> BookText:
    """The attached book, as a run reads it."""
    epub_file = open_store(api.settings.store_config).sources.read(ISBN)
    assert epub_file is not None
    return read_epub(io.BytesIO(epub_file))


def test_an_attached_text_is_what_the_next_run_reads(api: Api, ada: User) -> None:
    """The response reports what was found in it."""
    answer = attach(api, ada, RIVERS)

    assert {"isbn": ISBN, "title": "The Sea", "chapters": 1, "words": 60, "warnings": []} == answer.json()
    text = attached_text(api)
    assert [("Springs", " ".join(["river"] * 60))] == [(chapter.title, chapter.text) for chapter in text.chapters]


def test_any_form_of_the_isbn_leads_to_the_same_text(api: Api, ada: User) -> None:
    """It is stored under the thirteen digits."""
    attach(api, ada, RIVERS, path="/api/v1/books/isbn/0-306-40615-2/text")

    assert [f"{ISBN}.epub"] == kept(api)


def test_guesses_are_reported(api: Api, ada: User) -> None:
    """The response has the warnings of the EPUB reader."""
    answer = attach(api, ada, epub({"1.xhtml": prose(60)}, [("One", "1.xhtml"), ("Two", "gone.xhtml")]).getvalue())

    assert "names what is not in the book" in answer.json()["warnings"][0]


def test_the_text_of_another_book_is_kept_with_a_warning(api: Api, ada: User) -> None:
    """Once a run has asked the catalogue, the answer says what the file is and what the book is."""
    metadata = api.settings.store_folder / "book_metadata" / f"{ISBN}.json"
    metadata.parent.mkdir(exist_ok=True)
    metadata.write_bytes(msgspec.json.encode(Book(ISBN, "On Rivers", "open_library", authors=("Ada Ford",))))
    answer = attach(api, ada, RIVERS)
    metadata.write_text("{}")
    unreadable = attach(api, ada, RIVERS)
    metadata.unlink()

    expected = (
        f"The file says “The Sea” by Ann Author; {ISBN} is “On Rivers” by Ada Ford. Check that it is the right book."
    )
    assert [expected] == answer.json()["warnings"]
    assert [] == unreadable.json()["warnings"]
    assert [f"{ISBN}.epub"] == kept(api)


def test_a_text_with_another_isbn_is_kept_with_a_warning(api: Api, ada: User) -> None:
    """As on the command line; it may be another edition. No run has to have asked anybody."""
    other = METADATA + "<dc:identifier>urn:isbn:9780140328721</dc:identifier>"
    answer = attach(api, ada, epub({"1.xhtml": prose(60)}, [("Springs", "1.xhtml")], metadata=other).getvalue())

    assert [f"The file says it is 9780140328721; kept as the text of {ISBN}."] == answer.json()["warnings"]
    assert [f"{ISBN}.epub"] == kept(api)


def test_an_administrator_replaces_a_text(api: Api, ada: User) -> None:
    """The newest one counts, and the old one is not kept."""
    attach(api, ada, RIVERS)

    assert 2 == attach(api, ada, LAKES.getvalue()).json()["chapters"]
    assert [f"{ISBN}.epub"] == kept(api)
    text = attached_text(api)
    assert ["A", "B"] == [chapter.title for chapter in text.chapters]


def test_other_users_cannot_attach_a_text(api: Api, bob: User) -> None:
    """A text changes what all users hear."""
    assert (403, "ADMINISTRATOR_NEEDED") == code(attach(api, bob, RIVERS))
    assert (401, "NOT_AUTHENTICATED") == code(attach(api, None, RIVERS))
    assert [] == kept(api)


def test_if_uploads_are_allowed_any_user_attaches_the_first_text(tmp_path: Path) -> None:
    """Only an administrator replaces it."""
    with serving_api(offline_settings(tmp_path, allow_user_uploads=True)) as api:
        ada, bob = api.user("ada"), api.user("bob")

        assert 200 == attach(api, bob, RIVERS).status_code
        assert (403, "TEXT_ATTACHED") == code(attach(api, bob, LAKES.getvalue()))
        assert RIVERS == (api.settings.store_folder / "sources" / f"{ISBN}.epub").read_bytes()
        assert 200 == attach(api, ada, LAKES.getvalue()).status_code


def test_an_unreadable_file_is_not_stored(api: Api, ada: User) -> None:
    """The errors distinguish no EPUB, one with DRM and a hostile one, and the text attached before stays as it was."""
    bomb = epub({"1.xhtml": prose(60), "2.xhtml": page("<p>" + " " * 8_000_000 + "</p>")}, [("One", "1.xhtml")])
    licence: dict[str, str | bytes] = {"META-INF/license.lcpl": "{}", "OEBPS/1.xhtml": bytes(range(128, 250)) * 20}
    locked = epub({"1.xhtml": ""}, [("One", "1.xhtml")], extra=licence)
    refused = {"no zip": b"%PDF-1.7", "DRM": locked.getvalue(), "zip bomb": bomb.getvalue(), "cut short": RIVERS[:-200]}
    for stored in ([], [f"{ISBN}.epub"]):
        for reason, content in refused.items():
            answer = attach(api, ada, content)
            assert (422, "UNREADABLE_BOOK") == code(answer)
            assert reason in answer.json()["error"]["message"]
            assert stored == kept(api)
        attach(api, ada, RIVERS)

    assert RIVERS == (api.settings.store_folder / "sources" / f"{ISBN}.epub").read_bytes()


def test_a_file_above_fifty_megabytes_is_too_large(api: Api, ada: User) -> None:
    """One byte more is refused as well as many more; exactly fifty megabytes are accepted."""
    limit = 50 * 1024 * 1024
    for size in (limit + 1, limit + 100_000):
        assert (413, "TOO_LARGE") == code(attach(api, ada, bytes(size)))

    assert [] == kept(api)
    assert 200 == attach(api, ada, _padded(RIVERS, limit)).status_code
    assert limit == (api.settings.store_folder / "sources" / f"{ISBN}.epub").stat().st_size


def _padded(book: bytes, size: int) -> bytes:
    """The same book with a picture that brings it to this size."""
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
        assert (422, "INVALID_FILE") == code(api.ask("PUT", TEXT_PATH, ada, files=form))

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
def test_an_invalid_form_is_refused(api: Api, ada: User, kind: str, body: bytes) -> None:
    """Another content type, a missing boundary, and unreadable parts are client errors."""
    answer = api.ask("PUT", TEXT_PATH, ada, content=body, headers={"Content-Type": kind})

    assert answer.status_code in {400, 422}
    assert answer.json()["error"]["request_id"]
    assert [] == kept(api)


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "..\\..\\x.epub", "a\0b.epub", "x" * 3000, "é.epub"]
)
def test_the_name_of_the_file_does_not_matter(api: Api, ada: User, name: str) -> None:
    """It never becomes part of a path."""
    assert 200 == attach(api, ada, RIVERS, name).status_code
    assert [f"{ISBN}.epub"] == kept(api)


def test_an_invalid_isbn_has_no_text(api: Api, ada: User) -> None:
    """Only validated digits become part of a path."""
    for isbn in ("9780306406158", "..%2F..%2Fx.epub", "1234567890123"):
        answer = attach(api, ada, RIVERS, path=f"/api/v1/books/isbn/{isbn}/text")
        assert answer.status_code in {404, 422}, answer.text

    assert [] == kept(api)
