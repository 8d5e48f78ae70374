"""Producing a clip from a summary: once, and only from audio."""

import asyncio
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bookbytes_pipeline.audio.encoding import ENCODING
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.errors import PoorSpeech
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.domain.pronunciations import parse_pronunciations
from bookbytes_pipeline.domain.summary import Grounding, Summary
from bookbytes_pipeline.execution.clip_producer import ClipProducer
from bookbytes_pipeline.execution.spoken_narration import NarrationSpeaker
from bookbytes_pipeline.providers.response_cache import CachingNarrator, CallScope, cache_for_run
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.narration import narration_text
from tests.audio.speech import speech

BOOK = Book(ISBN("9780306406157"), "On Rivers", "open_library", authors=("Ada Ford",), language="en-GB")
SUMMARY = Summary(1, "Springs", "Rivers begin as springs.", Grounding.FULL_TEXT)

CLIP_OF_0_3 = (
    b'{"number":1,"title":"Springs","key":"chapter_audio/9780306406157/01-673d0df1d73d63ef.mp3",'
    b'"seconds":3.5,"bytes":28827,"loudness":-19.33}'
)
"""What release 0.3.0 stored for the clip that `_producer` makes; the clip's key has the first digits of its digest."""
DIGEST_OF_0_3 = "673d0df1d73d63efdad59b10704a1184"


class Reader:
    """A narrator that returns prepared recordings one after the other."""

    def __init__(self, *recordings: bytes, voice: str = "translate.google.com") -> None:
        self.name, self.voice = "gtts", voice
        self.recordings = list(recordings)

    async def speak(self, narration: Narration) -> list[SpokenPiece]:
        """Return the next recording, of the whole text."""
        assert narration.text.startswith("Springs.")
        return [SpokenPiece(" ".join(narration.text.split()), self.recordings.pop(0))]


def _producer(reader: Reader, store: Store, force_token: str = "") -> ClipProducer:
    cache = store.responses
    producer = ClipProducer(
        NarrationSpeaker(CachingNarrator(reader, cache)), cache, store.clips, BOOK, "en-GB", 1, None
    )
    return producer.forced(force_token)


def _produce(reader: Reader, store: Store, force_token: str = "") -> Clip:
    return asyncio.run(_producer(reader, store, force_token).produce(SUMMARY))


def test_a_clip_is_produced_once(tmp_path: Path) -> None:
    """The second time neither narrator nor encoder is used, and the clip is the same."""
    store = Store(Folder(tmp_path))
    reader = Reader(speech(2.0))

    first = _produce(reader, store)

    assert first == _produce(reader, store)
    assert reader.recordings == []


def test_a_clip_that_is_not_produced_again_still_needs_its_recording(tmp_path: Path) -> None:
    """A run that finds the clip marks both, so that `bookbytes prune` keeps them."""
    store = Store(Folder(tmp_path))
    _produce(Reader(speech(2.0)), store)
    cache = cache_for_run(store.responses, CallScope(BOOK.isbn))
    speaker = NarrationSpeaker(CachingNarrator(Reader(), cache))

    asyncio.run(ClipProducer(speaker, cache, store.clips, BOOK, "en-GB", 1, None).produce(SUMMARY))

    marked = {mark.name.partition("-")[0] for mark in (tmp_path / "remembered" / "used_by").iterdir()}
    assert {"clip", "speech_pieces"} <= marked


def test_a_deleted_clip_is_produced_from_the_cached_recording(tmp_path: Path) -> None:
    """The narrator is not paid again for a recording that is still cached."""
    store = Store(Folder(tmp_path))
    producer = _producer(Reader(speech(2.0)), store)
    clip = asyncio.run(producer.produce(SUMMARY))
    store.clips.delete(clip.key)

    assert clip == asyncio.run(producer.produce(SUMMARY))
    assert store.clips.has(clip.key)


def test_a_clip_that_is_there_already_is_counted_as_reused(tmp_path: Path) -> None:
    """From the first run on, and not in it."""
    store = Store(Folder(tmp_path))
    producers = [_producer(Reader(speech(2.0)), store) for _ in range(2)]

    for producer in producers:
        asyncio.run(producer.produce(SUMMARY))

    assert [set(), {1}] == [producer.reused for producer in producers]


def test_a_recording_that_is_not_audio_is_discarded(tmp_path: Path) -> None:
    """The next run asks the narrator again instead of failing every time."""
    producer = _producer(Reader(b"no sound at all", b"nor now", speech(2.0)), Store(Folder(tmp_path)))
    with pytest.raises(PoorSpeech):
        asyncio.run(producer.produce(SUMMARY))

    assert asyncio.run(producer.produce(SUMMARY)).seconds > 2


def test_another_voice_gives_another_clip(tmp_path: Path) -> None:
    """A clip of one voice is never used for another."""
    store = Store(Folder(tmp_path))
    first = _produce(Reader(speech(2.0)), store)

    second = _produce(Reader(speech(1.0), voice="deep"), store)

    assert (3.3, 2.43) == (first.seconds, second.seconds)
    assert first.key != second.key


@pytest.mark.parametrize(
    "changed", [{"title": "Over Rivers"}, {"authors": ("A. Ford",)}, {"isbn": ISBN("9799999999990")}], ids=str
)
def test_a_clip_with_other_tags_is_another_clip(changed: dict[str, str], tmp_path: Path) -> None:
    """The tags are part of a clip's key; the recording in it is the same."""
    store = Store(Folder(tmp_path))
    producer = _producer(Reader(speech(2.0)), store)
    first = asyncio.run(producer.produce(SUMMARY))

    second = asyncio.run(replace(producer, book=replace(BOOK, **changed)).produce(SUMMARY))

    assert first.key != second.key


def test_another_cover_gives_another_clip_of_the_same_recording(tmp_path: Path) -> None:
    """The narrator is not asked again."""
    store = Store(Folder(tmp_path))
    producer = _producer(Reader(speech(2.0)), store)
    first = asyncio.run(producer.produce(SUMMARY))

    second = asyncio.run(replace(producer, cover=b"cover").produce(SUMMARY))

    assert "chapter_audio/9780306406157/01-cbf16dcf95b8ec0d.mp3" == second.key
    assert first.key != second.key


def test_a_clip_with_its_cover_in_full_is_made_anew_from_its_recording(tmp_path: Path) -> None:
    """Older releases copied covers of up to 5 MB into every clip; one that is small enough is left as it is."""
    store = Store(Folder(tmp_path))
    producer = _producer(Reader(speech(2.0)), store)
    summary = narration_text(1, SUMMARY.title, SUMMARY.text, "en-GB")
    words = ("Springs", BOOK.title, BOOK.author, 1, 1, "en-GB", BOOK.isbn, "translate.google.com")

    for size, same in ((100_000, True), (100_001, False)):
        cover = bytes(size)
        asked = digest(summary, "en-GB", "gtts", "translate.google.com", ENCODING, *words, cover)
        made = asyncio.run(replace(producer, cover=cover, picture=b"small").produce(SUMMARY))
        assert same == (asked[:16] in made.key)


def test_the_times_of_its_sentences_are_kept_beside_a_clip(tmp_path: Path) -> None:
    """They are the same when the clip is found again, and as people read them."""
    store = Store(Folder(tmp_path))

    first, second = (_produce(reader, store) for reader in (Reader(speech(2.0)), Reader()))

    assert ["Springs", "Rivers begin as springs."] == [cue.text for cue in first.cues]
    assert 0.4 <= first.cues[0].start < first.cues[1].start < first.seconds - 1
    assert first == second


def test_a_clip_of_an_older_version_has_its_times_from_the_recording(tmp_path: Path) -> None:
    """Nothing is spoken or encoded again."""
    store = Store(Folder(tmp_path))
    first = _produce(Reader(speech(2.0)), store)
    for times in (tmp_path / "remembered" / "clip_times").iterdir():
        times.unlink()

    assert first == _produce(Reader(), store)


def test_a_recording_that_is_not_the_one_in_the_clip_tells_no_times(tmp_path: Path) -> None:
    """It has another length. Wrong times are worse than none."""
    store = Store(Folder(tmp_path))
    store.responses.set("clip", DIGEST_OF_0_3, CLIP_OF_0_3)
    store.clips.write("chapter_audio/9780306406157/01-673d0df1d73d63ef.mp3", b"a clip of 0.3.0")
    narrator = CachingNarrator(Reader(), store.responses)
    narration = Narration(narration_text(1, SUMMARY.title, SUMMARY.text, "en-GB"), "en-GB")
    asyncio.run(narrator.keep(narration, [SpokenPiece(narration.text, speech(2.5))]))

    assert _produce(Reader(), store).cues == ()


def test_a_pronunciation_changes_the_clips_of_its_word_only(tmp_path: Path) -> None:
    """What is spoken as before is found; a changed text is spoken anew."""
    store = Store(Folder(tmp_path))
    producer = _producer(Reader(speech(2.0), speech(1.0)), store)
    first = asyncio.run(producer.produce(SUMMARY))

    same, other = (
        asyncio.run(replace(producer, pronunciations=parse_pronunciations(words, "words.txt")).produce(SUMMARY))
        for words in (b"Goethe = Gerta", b"rivers = rivvers")
    )

    assert first == same
    assert first.key != other.key


def test_a_forced_clip_is_produced_again_and_keeps_the_older_one(tmp_path: Path) -> None:
    """A user may be listening to the older clip, and a clip's file never changes."""
    store = Store(Folder(tmp_path))
    first = _produce(Reader(speech(2.0)), store)
    before = store.clips.read(first.key)

    forced = _produce(Reader(speech(1.0)), store, "a")

    assert (3.3, 2.43) == (first.seconds, forced.seconds)
    assert before == store.clips.read(first.key)
    assert forced.bytes == len(store.clips.read(forced.key) or b"")


def test_a_forced_run_that_is_interrupted_keeps_its_clips(tmp_path: Path) -> None:
    """A later run without force uses them too, instead of the older ones."""
    store = Store(Folder(tmp_path))
    _produce(Reader(speech(2.0)), store)

    forced = [_produce(reader, store, token) for reader, token in ((Reader(speech(1.0)), "a"), (Reader(), "a"))]

    assert [forced[0], forced[0]] == [forced[1], _produce(Reader(), store)]


def test_the_same_audio_needs_no_second_file(tmp_path: Path) -> None:
    """A forced run whose narrator returns the same recording adds nothing to the store."""
    store = Store(Folder(tmp_path))

    first = _produce(Reader(speech(2.0)), store)

    assert first == _produce(Reader(speech(2.0)), store, "a")


def test_a_clip_of_0_3_is_found(tmp_path: Path) -> None:
    """The same summary and voice have the digest of 0.3.0, and its stored clip is read."""
    store = Store(Folder(tmp_path))
    store.responses.set("clip", DIGEST_OF_0_3, CLIP_OF_0_3)
    store.clips.write("chapter_audio/9780306406157/01-673d0df1d73d63ef.mp3", b"a clip of 0.3.0")

    clip = _produce(Reader(), store)

    key = "chapter_audio/9780306406157/01-673d0df1d73d63ef.mp3"
    assert Clip(1, "Springs", key, 3.5, 28827, -19.33) == clip
    assert CLIP_OF_0_3 == store.responses.get("clip", DIGEST_OF_0_3)


def test_a_clip_has_the_same_keys_as_in_0_3(tmp_path: Path) -> None:
    """A 0.3.0 that is installed again finds the clip and the clip's record."""
    store = Store(Folder(tmp_path))

    clip = _produce(Reader(speech(2.0)), store)

    assert "chapter_audio/9780306406157/01-673d0df1d73d63ef.mp3" == clip.key
    stored = store.responses.get("clip", DIGEST_OF_0_3) or b""
    assert replace(clip, cues=()) == msgspec.json.decode(stored, type=Clip)
    assert b"cues" not in stored
