"""What only a folder does: other programs see its files, and it can be full, unwritable or blocked by a file."""

import errno
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from bookbytes_pipeline.domain.errors import StoreUnavailable
from bookbytes_pipeline.store.folder import Folder


def test_room_is_found_and_no_trace_is_left(tmp_path: Path) -> None:
    """The probe is removed again."""
    Folder(tmp_path / "new").require_room()

    assert [] == list((tmp_path / "new").iterdir())


def test_a_base_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    """The message names the path, the reason and the setting to check."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreUnavailable, match=r"cannot use .*/file: Not a directory\..*LOCAL_STORAGE_PATH"):
        Folder(tmp_path / "file").require_room()


def test_what_is_being_written_is_not_listed(tmp_path: Path) -> None:
    """Nor is what a crash left of it."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".b.0123.partial").write_bytes(b"hal")

    assert [] == list(Folder(tmp_path).walk())


class BrokenFile(BytesIO):
    """A file whose second read raises an error."""

    def read(self, size: int | None = -1, /) -> bytes:  # noqa: D102 - as of any file
        if self.tell():
            raise OSError(errno.EIO, "Input/output error")
        return super().read(min(size or 0, 3))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """A reader never sees half a file."""
    folder = Folder(tmp_path)
    folder.write("artefact.json", b"old")
    with pytest.raises(StoreUnavailable, match="Input/output error"):
        folder.write("artefact.json", BrokenFile(b"new and torn"))

    assert folder.read("artefact.json") == b"old"
    assert ["artefact.json"] == [entry.name for entry in tmp_path.iterdir()]


def test_the_last_file_is_deleted_with_its_folder(tmp_path: Path) -> None:
    """A deleted book leaves no empty folder, and deleting one of several clips keeps the others."""
    folder = Folder(tmp_path)
    for key in ("clips/book/1", "clips/book/2"):
        folder.write(key, b"sound")

    folder.delete("clips/book/1")
    assert folder.has("clips/book/2")
    folder.delete("clips/book/2")
    assert [] == list((tmp_path / "clips").iterdir())
    folder.write("clips/book/3", b"again")
    assert folder.has("clips/book/3")


def test_a_disk_without_room_for_a_book_is_explained(tmp_path: Path) -> None:
    """Before anything is paid for; the probe is removed."""
    with pytest.raises(StoreUnavailable, match=r"no space left for .*\. Free some"):
        Folder(tmp_path, min_free_bytes=2**62).require_room()

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("use", [lambda folder: folder.read("a"), lambda folder: folder.write("a", b"x")])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, use: Callable[[Folder], object]) -> None:
    """With its path, the reason, and what to check; here a folder has the file's name."""
    (tmp_path / "a" / "b").mkdir(parents=True)

    with pytest.raises(StoreUnavailable) as refused:
        use(Folder(tmp_path))

    assert f"The store cannot use {tmp_path}/a: Is a directory. " in str(refused.value)
    assert "Check BOOKBYTES_HOME and LOCAL_STORAGE_PATH, and who may write there." in str(refused.value)


def test_a_file_is_where_its_address_says(tmp_path: Path) -> None:
    """Dagster's UI shows the address, and users open the file there."""
    folder = Folder(tmp_path)
    folder.write("book_text/1.json", b"x")

    assert Path(folder.address("book_text/1.json")).read_bytes() == b"x"
    assert str(tmp_path) == folder.address()
