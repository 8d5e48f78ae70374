"""`bookbytes export`: a book's clips as files for any player. In this process."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bookbytes_pipeline.cli import bookbytes
from bookbytes_pipeline.cli.export import NotExported
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import open_store
from tests.api.client import offline_settings
from tests.api.factories import CHAPTERS, ISBN, SOUND, numbered_book, publish_book

FILES = {"00 The book in three minutes.mp3": SOUND, "01 Springs.mp3": SOUND, "03 Deltas.mp3": SOUND[::-1]}
PLAYLIST = """#EXTM3U
#PLAYLIST:On Rivers
#EXTINF:1200,The book in three minutes
00 The book in three minutes.mp3
#EXTINF:1200,Springs
01 Springs.mp3
#EXTINF:1200,Deltas
03 Deltas.mp3
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with a book of three chapters, of which the model did not know one."""
    monkeypatch.setenv("BOOKBYTES_HOME", str(tmp_path / "home"))
    settings = offline_settings(tmp_path / "home")
    publish_book(settings, whole=SOUND)
    return settings


@pytest.mark.usefixtures("settings")
def test_clips_and_playlist_are_written(tmp_path: Path) -> None:
    """Each file is named, and before that a chapter without audio. The folder is created. A second time is fine."""
    folder = tmp_path / "shelf" / "rivers"
    run, again = _export(folder), _export(folder)

    written = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert {**FILES, "On Rivers.m3u8": PLAYLIST.encode()} == written
    warning, *named = run.output.splitlines()
    assert "bookbytes: warning: Chapter 2 (Rapids) has no audio." == warning
    assert [str(folder / name) for name in [*FILES, "On Rivers.m3u8"]] == named
    assert (0, 0, run.output) == (run.exit_code, again.exit_code, again.output)


def test_an_export_replaces_the_clips_of_an_earlier_one(tmp_path: Path, settings: Settings) -> None:
    """Whole: an interrupted one leaves no half of a file under its name."""
    _export(tmp_path / "rivers")
    publish_book(settings, chapters=CHAPTERS | {"Springs": SOUND * 2})
    (tmp_path / "rivers" / ".01 Springs.mp3.partial").write_bytes(b"half")

    assert 0 == _export(tmp_path / "rivers").exit_code
    assert SOUND * 2 == (tmp_path / "rivers" / "01 Springs.mp3").read_bytes()
    assert [] == list((tmp_path / "rivers").glob("*.partial"))


def test_two_books_are_not_mixed(tmp_path: Path, settings: Settings) -> None:
    """They would replace each other's chapters."""
    other = numbered_book(1, title="On Lakes")
    publish_book(settings, other)
    _export(tmp_path / "books")
    run = _export(tmp_path / "books", other.isbn)

    assert isinstance(run.exception, NotExported)
    assert "On Rivers.m3u8. Choose a folder for each book" in str(run.exception)
    assert {*FILES, "On Rivers.m3u8"} == {file.name for file in (tmp_path / "books").iterdir()}


def test_a_clip_that_is_missing_is_named_before_anything_is_written(tmp_path: Path, settings: Settings) -> None:
    """With the command that makes it again."""
    clips = open_store(settings.store_config).clips
    (key,) = (tmp_path / "home" / "store").glob("chapter_audio/*/03-*.mp3")
    clips.delete(str(key.relative_to(tmp_path / "home" / "store")))
    run = _export(tmp_path / "rivers")

    assert isinstance(run.exception, NotExported)
    assert "The clip of chapter 3 (Deltas) is missing" in str(run.exception)
    assert "--from chapter_audio" in str(run.exception)
    assert not (tmp_path / "rivers").exists()


@pytest.mark.usefixtures("settings")
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """The file, the reason and what to do."""
    (tmp_path / "file").touch()
    run = _export(tmp_path / "file" / "rivers")

    assert isinstance(run.exception, NotExported)
    assert f"{tmp_path}/file/rivers cannot be written: Not a directory." in str(run.exception)


def _export(folder: Path, isbn: str = ISBN) -> Result:
    return CliRunner().invoke(bookbytes, ["export", isbn, str(folder)])
