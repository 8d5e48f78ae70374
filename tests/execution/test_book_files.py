"""A whole book as one file, read back by programs that have nothing to do with those that write it."""

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import jsonschema
import pytest
from mutagen.id3 import CTOCFlags
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.audiobook_manifest import iso_8601
from bookbytes_pipeline.execution.book_files import NoBookFile
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.sample.epub import sample_epub
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import open_store
from tests.api.client import offline_settings
from tests.api.factories import ISBN, RIVERS
from tests.audio.meter import loudness_and_peak
from tests.book_files import clip, decoded_seconds, make, path_of, publish_spoken
from tests.execution.manifest_schemas import READIUM, W3C

TITLES = ["Springs", "第二章 江河", "Deltas 🚣", "x" * 500]
TOLERANCE_S = 0.05


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty library in a folder."""
    return offline_settings(tmp_path)


def content(settings: Settings, titles: Sequence[str], file_format: str, **more: object) -> bytes:
    """The file of a new book with these chapters."""
    made = make(settings, publish_spoken(settings, list(titles), **more), file_format)  # type: ignore[arg-type] # a test's
    return path_of(open_store(settings.store_config), made).read_bytes()


def starts(settings: Settings) -> list[float]:
    """Where the chapters begin: the sums of the lengths of those before."""
    with Database(settings.library_url).session() as session:
        lengths = [chapter.duration or 0.0 for chapter in session.query(BookRow).one().chapters]
    return [sum(lengths[:number]) for number in range(len(lengths) + 1)]


@pytest.mark.parametrize("rates", [(24000,), (22050,), (22050, 24000)])
def test_chapters_of_m4b(settings: Settings, rates: tuple[int, ...]) -> None:
    """Titles in any script are where they belong; one that is too long for MP4 ends in an ellipsis."""
    audio = content(settings, TITLES, "m4b", rates=rates)

    *begin, end = starts(settings)
    file = MP4(BytesIO(audio))
    assert [*TITLES[:3], "x" * 252 + "…"] == [chapter.title for chapter in file.chapters]
    assert begin == pytest.approx([chapter.start for chapter in file.chapters], abs=TOLERANCE_S)
    assert end == pytest.approx(file.info.length, abs=TOLERANCE_S)
    assert end == pytest.approx(decoded_seconds(audio), abs=TOLERANCE_S)
    assert audio.index(b"moov") < audio.index(b"mdat")


@pytest.mark.parametrize("rates", [(24000,), (22050,), (22050, 24000)])
def test_chapters_of_mp3(settings: Settings, rates: tuple[int, ...]) -> None:
    """They are listed in order in one table of contents, and titles are whole."""
    audio = content(settings, TITLES, "mp3", rates=rates)

    marks = starts(settings)
    file = MP3(BytesIO(audio))
    (table,) = file.tags.getall("CTOC")
    chapters = [file.tags[f"CHAP:{name}"] for name in table.child_element_ids]
    assert CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED == table.flags
    assert TITLES == [str(chapter.sub_frames["TIT2"]) for chapter in chapters]
    assert marks[:-1] == pytest.approx([chapter.start_time / 1000 for chapter in chapters], abs=TOLERANCE_S)
    assert marks[1:] == pytest.approx([chapter.end_time / 1000 for chapter in chapters], abs=TOLERANCE_S)
    assert marks[-1] == pytest.approx(file.info.length, abs=0.1)  # mutagen counts what decoders leave out
    assert marks[-1] == pytest.approx(decoded_seconds(audio), abs=TOLERANCE_S)


def test_an_mp3_has_the_frames_of_its_clips(settings: Settings) -> None:
    """They are copied: the sound of a clip is in it byte for byte."""
    audio = content(settings, ["Springs", "Deltas"], "mp3")

    first, _ = clip(1.7)
    middle = len(first) // 2
    assert first[middle : middle + 4000] in audio


@pytest.mark.parametrize(("file_format", "number"), [("m4b", 1), ("m4b", 100), ("mp3", 1), ("mp3", 100), ("mp3", 260)])
def test_many_chapters_and_one(settings: Settings, number: int, file_format: str) -> None:
    """However many there are, each begins where its sound does; ID3 needs more than one table then."""
    titles = [f"Chapter {position}" for position in range(1, number + 1)]
    audio = content(settings, titles, file_format)

    *begin, end = starts(settings)
    if file_format == "m4b":
        found = [(chapter.title, chapter.start) for chapter in MP4(BytesIO(audio)).chapters]
    else:
        tags = MP3(BytesIO(audio)).tags
        top = tags["CTOC:toc"].child_element_ids
        names = [name for part in top for name in tags[f"CTOC:{part}"].child_element_ids] if number > 255 else top
        chapters = [tags[f"CHAP:{name}"] for name in names]
        found = [(str(chapter.sub_frames["TIT2"]), chapter.start_time / 1000) for chapter in chapters]
    assert titles == [title for title, _ in found]
    assert begin == pytest.approx([start for _, start in found], abs=TOLERANCE_S)
    assert end == pytest.approx(decoded_seconds(audio), abs=TOLERANCE_S)


def test_what_players_show(settings: Settings) -> None:
    """Title, author, narrator, year, genre and cover are in both kinds of file, and that a machine wrote the words."""
    store = open_store(settings.store_config)
    store.sources.write(RIVERS.isbn, BytesIO(sample_epub()))
    store.files.write(f"chapter_audio/{ISBN}.json", b'{"voice": "af_sky"}')
    book_id = publish_spoken(settings, ["Springs"])

    m4b = MP4(path_of(store, make(settings, book_id, "m4b"))).tags
    mp3 = MP3(path_of(store, make(settings, book_id, "mp3"))).tags

    names = ("©nam", "©alb", "©ART", "©wrt", "©day", "©gen", "©cmt")
    expected = ["On Rivers", "On Rivers", "Ada Ford", "af_sky", "2001", "Audiobook", "AI-generated summary"]
    assert expected == [m4b[name][0] for name in names]
    frames = ("TIT2", "TALB", "TPE1", "TCOM", "TDRC", "TCON", "COMM::eng")
    assert expected == [str(mp3[name]) for name in frames]
    assert bytes(m4b["covr"][0]) == mp3["APIC:"].data
    assert "eng" == str(mp3["TLAN"])


@pytest.mark.parametrize("file_format", ["m4b", "mp3"])
def test_loudness(settings: Settings, file_format: str) -> None:
    """The whole file is as loud as its clips are meant to be."""
    loudness, _ = loudness_and_peak(content(settings, TITLES, file_format))

    assert -19.0 == pytest.approx(loudness, abs=0.5)


def test_an_archive_has_the_clips_and_a_playlist(settings: Settings) -> None:
    """Nothing is compressed, and the playlist names the clips in order."""
    archive = ZipFile(BytesIO(content(settings, ["Springs", "Deltas: an end?"], "zip")))

    playlist, cover, *clips = archive.namelist()
    assert ("On Rivers.m3u8", "cover.jpg") == (playlist, cover)
    assert ["01 Springs.mp3", "02 Deltas_ an end_.mp3"] == clips
    assert clips == [line for line in archive.read(playlist).decode().splitlines() if not line.startswith("#")]
    assert clip(1.7)[0] == archive.read(clips[0])
    assert {ZIP_STORED} == {entry.compress_type for entry in archive.infolist()}


@pytest.mark.parametrize(
    ("file_format", "name", "schema"), [("lpf", "publication.json", W3C), ("audiobook", "manifest.json", READIUM)]
)
def test_packages_have_a_valid_manifest(
    settings: Settings, file_format: str, name: str, schema: dict[str, object]
) -> None:
    """What it names is in the package, in the order of the chapters."""
    store = open_store(settings.store_config)
    store.sources.write(RIVERS.isbn, BytesIO(sample_epub()))
    store.files.write(f"chapter_audio/{ISBN}.json", b'{"voice": "af_sky"}')
    archive = ZipFile(BytesIO(content(settings, TITLES, file_format)))

    manifest = json.loads(archive.read(name))
    jsonschema.validate(manifest, schema)
    address, title = ("url", "name") if file_format == "lpf" else ("href", "title")
    assert TITLES == [link[title] for link in manifest["readingOrder"]]
    named = [link[address] for link in (*manifest["readingOrder"], *manifest["resources"])]
    assert {*named} | {name} == {*archive.namelist()}


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "PT0S"), (59.9996, "PT1M0S"), (3723.5, "PT1H2M3.5S"), (600, "PT10M0S"), (30, "PT30S")]
)
def test_durations_of_w3c(seconds: float, expected: str) -> None:
    """They are rounded to milliseconds, and no zero that counts is lost."""
    assert expected == iso_8601(seconds)


def test_a_file_is_made_again_only_when_the_book_has_changed(settings: Settings) -> None:
    """The one before is deleted then."""
    store, book_id = open_store(settings.store_config), publish_spoken(settings, ["Springs"])
    first, again = make(settings, book_id, "zip"), make(settings, book_id, "zip")
    publish_spoken(settings, ["Springs", "Deltas"])

    second = make(settings, book_id, "zip")

    assert (False, True, False) == (first.reused, again.reused, second.reused)
    assert [second.key] == [file.key for file in store.files.walk("book_files")]
    with Database(settings.library_url).session() as session:
        assert [second.key] == [file.key for file in session.get_one(BookRow, book_id).files]


def test_a_missing_clip_says_how_to_make_it_again(settings: Settings) -> None:
    """Half a file is kept nowhere."""
    store, book_id = open_store(settings.store_config), publish_spoken(settings, ["Springs"])
    for file in store.clips.of_book(RIVERS.isbn):
        store.clips.delete(file.key)

    with pytest.raises(NoBookFile, match=f"bookbytes rerun {ISBN} --from chapter_audio"):
        make(settings, book_id, "mp3")
    assert [] == list(store.files.walk("book_files"))
