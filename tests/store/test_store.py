"""The store keeps whole files or none, on any base."""

import errno
from io import BytesIO
from pathlib import Path

import pytest
from upath import UPath

from bookbytes_pipeline.domain.errors import StoreUnavailable, UnreadableBook
from bookbytes_pipeline.store.base import read_whole, write_whole
from bookbytes_pipeline.store.store import Store, open_store
from tests.epub.building import epub, prose


@pytest.fixture(params=["folder", "objects"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """The same store on a folder and on an object store."""
    return open_store(str(tmp_path / "store") if request.param == "folder" else f"memory://{tmp_path.name}")


def test_a_clip_comes_back_as_it_was_kept(store: Store) -> None:
    """What is written under a key is read under it."""
    key = store.clips.key("9780306406157", 7, "abc123")
    store.clips.write(key, b"\xff\xf3sound")

    assert key == "chapter_audio/9780306406157/07-abc123.mp3"
    assert store.clips.read(key) == b"\xff\xf3sound"


def test_what_was_never_kept_is_none(store: Store) -> None:
    """A miss is an answer, not an error."""
    assert store.remembered.recall("speech", "0" * 32) is None
    assert store.sources.text("9780306406157") is None


def test_room_is_found_and_no_trace_is_left(store: Store) -> None:
    """The probe is taken away again."""
    store.require_room()

    assert list(store.base.iterdir()) == []


def test_a_base_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    """The sentence names the place, the reason and the setting to look at."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreUnavailable, match=r"cannot use .*/file: File exists\..*LOCAL_STORAGE_PATH"):
        open_store(str(tmp_path / "file")).require_room()


class Torn(BytesIO):
    """A file that ends in an error after its first piece."""

    def read(self, size: int | None = -1, /) -> bytes:  # noqa: D102 - as of any file
        if self.tell():
            raise OSError(errno.EIO, "Input/output error")
        return super().read(min(size or 0, 3))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """A reader never sees half a file."""
    path = UPath(tmp_path / "artefact.json")
    write_whole(path, b"old")
    with pytest.raises(StoreUnavailable, match="Input/output error"):
        write_whole(path, Torn(b"new and torn"))

    assert read_whole(path) == b"old"
    assert [path.name] == [entry.name for entry in tmp_path.iterdir()]


def test_the_last_clip_takes_the_folder_with_it(tmp_path: Path) -> None:
    """A deleted book leaves no empty folder, and one of several clips leaves the others."""
    clips = open_store(str(tmp_path)).clips
    keys = [clips.key("9780306406157", number, "abc") for number in (1, 2)]
    for key in keys:
        clips.write(key, b"sound")

    clips.delete(keys[0])
    assert [False, True] == [clips.has(key) for key in keys]
    clips.delete(keys[1])
    clips.delete(keys[1])
    assert [] == list((tmp_path / "chapter_audio").iterdir())


def test_a_deleted_clip_is_gone(store: Store) -> None:
    """On any base; deleting it again is no error."""
    key = store.clips.key("9780306406157", 1, "abc")
    store.clips.write(key, b"sound")

    store.clips.delete(key)
    store.clips.delete(key)
    assert not store.clips.has(key)
    assert store.clips.read(key) is None


@pytest.mark.parametrize(
    "key",
    [
        "",
        ".",
        "../secret",
        "/etc/passwd",
        "chapter_audio/../../x.mp3",
        "chapter_audio/9780306406157/../../x.mp3",
        "chapter_audio/9780306406157/..",
        "sources/9780306406157.epub",
        "chapter_audio/9780306406157/01-abc.mp3\n",
        "chapter_audio/9780306406157/01-abc.mp3/x",
        "chapter_audio\\9780306406157\\01-abc.mp3",
        "s3://elsewhere/x.mp3",
    ],
)
def test_only_clips_are_reached_by_a_key(store: Store, key: str) -> None:
    """Whatever the library's rows say, nothing else is read, written or deleted."""
    clips = store.clips

    for use in (clips.path, clips.read, clips.has, clips.delete, lambda key: clips.write(key, b"x")):
        with pytest.raises(ValueError, match="is no clip's key"):
            use(key)


def test_a_book_that_is_only_looked_at_is_not_kept(store: Store) -> None:
    """Checking and keeping are two steps; attaching is both."""
    book = epub({"1.xhtml": prose(60)}, [("One", "1.xhtml")])
    isbn = "9780306406157"

    assert ["One"] == [chapter.title for chapter in store.sources.check(book).chapters]
    assert not store.sources.has(isbn)
    assert store.sources.attach(isbn, book) == store.sources.text(isbn)
    assert store.sources.has(isbn)


def test_a_book_that_cannot_be_read_leaves_the_attached_one(store: Store) -> None:
    """Neither one that is damaged nor one that is too large."""
    isbn = "9780306406157"
    attached = store.sources.attach(isbn, epub({"1.xhtml": prose(60)}, [("One", "1.xhtml")]))
    for refused in (b"no zip", bytes(50 * 1024 * 1024 + 1)):
        with pytest.raises(UnreadableBook):
            store.sources.attach(isbn, BytesIO(refused))

    assert attached == store.sources.text(isbn)
