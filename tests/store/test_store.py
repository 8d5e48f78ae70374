"""What every store does, in a folder and in a bucket of a real S3 server."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Barrier

import pytest

from bookbytes_pipeline.domain.corrections import CorrectedChapter, Correction
from bookbytes_pipeline.store.store import Store

ISBN = "9780306406157"
LARGE = bytes(range(251)) * 80_000
"""20 MB, more than is uploaded to a bucket in one part."""


def test_a_file_is_read_as_it_was_written(store: Store) -> None:
    """Also an empty one, and one that replaces another; a missing file is a result, not an error."""
    files = store.files
    for content in (b"\xff\xf3sound", b"", b"other"):
        files.write("a/b", content)
        assert (True, content) == (files.has("a/b"), files.read("a/b"))

    assert (False, None) == (files.has("a/c"), files.read("a/c"))
    assert (False, None) == (files.has("a"), files.read("a/b/c") if files.address().startswith("s3") else None)


def test_a_large_file_is_read_as_it_was_written(store: Store) -> None:
    """From a stream, which is uploaded to a bucket in several parts."""
    store.files.write("sources/large", BytesIO(LARGE))

    assert store.files.read("sources/large") == LARGE


def test_only_the_first_create_succeeds(store: Store) -> None:
    """A later one returns False and changes nothing."""
    assert store.files.create("a/b", b"first")
    assert not store.files.create("a/b", BytesIO(b"second"))

    assert store.files.read("a/b") == b"first"


def test_one_of_many_concurrent_creates_succeeds(store: Store) -> None:
    """Two runs or two users may write at the same time: one of them wins, and the file is complete."""
    barrier = Barrier(8)

    def create(number: int) -> bool:
        barrier.wait()
        return store.files.create("a/b", str(number).encode() * 100_000)

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(create, range(8)))

    assert won.count(True) == 1
    assert store.files.read("a/b") == str(won.index(True)).encode() * 100_000


def test_a_deleted_file_is_gone(store: Store) -> None:
    """Deleting it again is no error, and other files in the folder stay."""
    for key in ("a/b", "a/c"):
        store.files.write(key, b"x")

    store.files.delete("a/b")
    store.files.delete("a/b")

    assert [False, True] == [store.files.has(key) for key in ("a/b", "a/c")]


def test_all_files_below_a_folder_are_listed(store: Store) -> None:
    """With sizes and times; not those of a folder whose name only begins like that. A missing folder is empty."""
    began = datetime.now(UTC) - timedelta(minutes=1)
    for key in ("a/b", "a/c/d", "ab/e", "f"):
        store.files.write(key, key.encode())

    found = {file.key: file.bytes for file in store.files.walk("a")}
    assert {"a/b": 3, "a/c/d": 5} == found
    assert {"a/b", "a/c/d", "ab/e", "f"} == {file.key for file in store.files.walk()}
    assert all(began < file.modified < began + timedelta(minutes=5) for file in store.files.walk())
    assert [] == list(store.files.walk("g"))


def test_more_files_are_listed_than_a_bucket_tells_at_once(store: Store) -> None:
    """A page of S3 has a thousand."""
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda number: store.files.write(f"many/{number}", b""), range(1001)))

    assert {f"many/{number}" for number in range(1001)} == {file.key for file in store.files.walk("many")}


def test_a_usable_store_has_room_and_is_reachable(store: Store) -> None:
    """Neither check raises, and what they write replaces no file of that name."""
    store.files.write("probe", b"mine")

    assert (None, None) == (store.require_room(), store.require_reachable())
    assert b"mine" == store.files.read("probe")


def test_a_clip_is_read_as_it_was_written(store: Store) -> None:
    """What is written under a key is read under it; a clip never changes, so the first one stays."""
    key = store.clips.key(ISBN, 7, "abc123")
    store.clips.write(key, b"\xff\xf3sound")
    store.clips.write(key, b"the same sound")

    assert key == "chapter_audio/9780306406157/07-abc123.mp3"
    assert store.clips.read(key) == b"\xff\xf3sound"
    store.clips.delete(key)
    assert (False, None) == (store.clips.has(key), store.clips.read(key))


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
    """Whatever key a row of the library has, nothing else is read, written or deleted."""
    clips = store.clips

    for use in (clips.read, clips.has, clips.delete, lambda key: clips.write(key, b"x")):
        with pytest.raises(ValueError, match="is no clip's key"):
            use(key)


def test_a_cached_answer_is_replaced_and_deleted(store: Store) -> None:
    """An answer that could not be read, or was requested again, is replaced."""
    cache = store.responses
    assert cache.get("speech", "0" * 32) is None
    for answer in (b"first", b"anew"):
        cache.set("speech", "0" * 32, answer)
        assert answer == cache.get("speech", "0" * 32)

    cache.delete("speech", "0" * 32)
    assert cache.get("speech", "0" * 32) is None


def test_an_attached_book_is_read_byte_by_byte(store: Store) -> None:
    """Also from a stream that was read before; the store does not parse it."""
    epub = BytesIO(b"any bytes")
    epub.seek(4)
    assert (False, None) == (store.sources.has(ISBN), store.sources.read(ISBN))

    store.sources.write(ISBN, epub)

    assert (True, b"any bytes") == (store.sources.has(ISBN), store.sources.read(ISBN))
    assert store.files.has(f"sources/{ISBN}.epub")


def test_the_first_attached_book_stays(store: Store) -> None:
    """Unless a later write replaces it explicitly."""
    assert store.sources.create(ISBN, BytesIO(b"first"))
    assert not store.sources.create(ISBN, BytesIO(b"second"))
    assert store.sources.read(ISBN) == b"first"

    store.sources.write(ISBN, BytesIO(b"third"))

    assert store.sources.read(ISBN) == b"third"


def test_a_correction_is_kept_beside_its_book(store: Store) -> None:
    """It is replaced and dropped without the book."""
    first, second = (Correction("id", (CorrectedChapter(title, (2, 3)),)) for title in ("Süß", "Salt"))
    store.sources.write(ISBN, b"PK")
    assert store.sources.read_correction(ISBN) is None

    store.sources.write_correction(ISBN, first)
    assert first == store.sources.read_correction(ISBN)
    store.sources.write_correction(ISBN, second)
    assert second == store.sources.read_correction(ISBN)
    store.sources.delete_correction(ISBN)
    store.sources.delete_correction(ISBN)

    assert (None, b"PK") == (store.sources.read_correction(ISBN), store.sources.read(ISBN))
