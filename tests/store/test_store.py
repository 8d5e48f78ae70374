"""The store keeps whole files or none, on any base."""

from pathlib import Path

import pytest
from upath import UPath

from bookbytes_pipeline.domain.errors import StoreUnavailable
from bookbytes_pipeline.store.base import read_whole, write_whole
from bookbytes_pipeline.store.store import Store, open_store


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


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """A reader never sees half a file."""
    path = UPath(tmp_path / "artefact.json")
    write_whole(path, b"old")
    with pytest.raises(TypeError):
        write_whole(path, "no bytes")  # type: ignore[arg-type]

    assert read_whole(path) == b"old"
    assert [path.name] == [entry.name for entry in tmp_path.iterdir()]
