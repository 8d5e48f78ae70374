"""The store as one thing, in a folder or in a bucket."""

from typing import TypeVar

import msgspec

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import VoiceList
from bookbytes_pipeline.domain.writing_model import WritingModel
from bookbytes_pipeline.store.book_files import BookFileStore
from bookbytes_pipeline.store.bucket import Bucket
from bookbytes_pipeline.store.clips import ClipStore
from bookbytes_pipeline.store.config import StoreConfig
from bookbytes_pipeline.store.covers import CoverStore
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.response_cache import StoredResponses
from bookbytes_pipeline.store.sources import SourceStore

T = TypeVar("T")

BUCKET_WAIT_IN_RUNS_S = 300.0
"""How long a run waits for a bucket that is away: what providers answered meanwhile would be paid for again."""
_VOICES = "voices.json"
_WRITING_MODEL = "language_model.json"


class _Length(msgspec.Struct):
    """The one part of a book's summaries that their next making takes from them."""

    minutes: float | None = None


class _ChosenVoice(msgspec.Struct):
    """The one part of a book's clips that their next making takes from them."""

    narrator: str
    chosen_voice: str | None = None


class _Voice(msgspec.Struct):
    """The one part of a book's clips that is named where people listen."""

    voice: str


class _Numbered(msgspec.Struct):
    number: int


class _Chapters(msgspec.Struct):
    """The one part of a book's chapter list that those who name chapters need."""

    chapters: list[_Numbered]


class Store:
    """Artefacts, clips, covers, attached books and remembered answers."""

    def __init__(self, files: Folder | Bucket) -> None:
        self.files = files

    @property
    def clips(self) -> ClipStore:
        """The finished clips."""
        return ClipStore(self.files)

    @property
    def book_files(self) -> BookFileStore:
        """The files of whole books."""
        return BookFileStore(self.files)

    def delete_audio(self, key: str) -> None:
        """Drop a clip or the file of a whole book; any other key raises `ValueError`."""
        kind = self.book_files if key.startswith("book_files/") else self.clips
        kind.delete(key)

    @property
    def covers(self) -> CoverStore:
        """The square covers."""
        return CoverStore(self.files)

    @property
    def sources(self) -> SourceStore:
        """The attached books."""
        return SourceStore(self.files)

    @property
    def responses(self) -> StoredResponses:
        """The answers already paid for."""
        return StoredResponses(self.files)

    def read_metadata(self, isbn: ISBN) -> Book | None:
        """Return what the last run found out about a book; None before the first, or if that cannot be read."""
        return self._read(f"book_metadata/{isbn}.json", Book)

    def has_summaries(self, isbn: ISBN) -> bool:
        """Return whether the chapters of a book were summarized before."""
        return self.files.has(f"chapter_summaries/{isbn}.json")

    def read_chosen_minutes(self, isbn: ISBN) -> float | None:
        """Return how long somebody wanted the chapters of a book when it was last made; None if nobody chose."""
        last = self._read(f"chapter_summaries/{isbn}.json", _Length)
        return None if last is None else last.minutes

    def read_chosen_voice(self, isbn: ISBN, narrator: str) -> str | None:
        """Return the voice of this narrator that somebody wanted when the clips were last made; None if nobody did."""
        last = self._read(f"chapter_audio/{isbn}.json", _ChosenVoice)
        return last.chosen_voice if last is not None and last.narrator == narrator else None

    def read_voice(self, isbn: ISBN) -> str | None:
        """Return the voice that spoke the clips which were last made for this ISBN."""
        last = self._read(f"chapter_audio/{isbn}.json", _Voice)
        return None if last is None else last.voice

    def read_chapter_numbers(self, isbn: ISBN) -> list[int]:
        """Return the numbers of a book's chapters as they were last listed; none before the first time."""
        last = self._read(f"chapter_list/{isbn}.json", _Chapters)
        return [] if last is None else [chapter.number for chapter in last.chapters]

    def read_voices(self) -> VoiceList | None:
        """Return the voices that were last listed; None before the first time."""
        return self._read(_VOICES, VoiceList)

    def write_voices(self, voices: VoiceList) -> None:
        """Keep a list of voices for those who cannot ask the narrator, in place of the one before."""
        self.files.write(_VOICES, msgspec.json.encode(voices))

    def read_writing_model(self) -> WritingModel | None:
        """Return the language model that was last in use; None before the first time."""
        return self._read(_WRITING_MODEL, WritingModel)

    def write_writing_model(self, model: WritingModel) -> None:
        """Keep what is known of the language model in use for those who have none of its settings."""
        self.files.write(_WRITING_MODEL, msgspec.json.encode(model))

    def _read(self, key: str, kind: type[T]) -> T | None:
        """Return the value in a file; None if there is none, or none of this kind."""
        content = self.files.read(key)
        try:
            return None if content is None else msgspec.json.decode(content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def require_room(self) -> None:
        """Raise `StoreUnavailable` unless a whole book can be written here."""
        self.files.require_room()

    def require_reachable(self) -> None:
        """Raise `StoreUnavailable` unless files can be read here; cheap enough to be asked every few seconds."""
        self.files.require_reachable()


def open_store(config: StoreConfig, *, wait_s: float = 0) -> Store:
    """Open the store at `config`. A bucket that is away is waited for, up to `wait_s` seconds at each request."""
    if config.backend == "local":
        return Store(Folder(config.folder))
    bucket = Bucket(
        name=config.bucket,
        prefix=config.prefix,
        region=config.region,
        endpoint_url=config.endpoint_url,
        public_url=config.public_url,
        wait_s=wait_s,
    )
    return Store(bucket)
