"""The store as one thing, in a folder or in a bucket."""

import msgspec

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.store.bucket import Bucket
from bookbytes_pipeline.store.clips import ClipStore
from bookbytes_pipeline.store.config import StoreConfig
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.response_cache import StoredResponses
from bookbytes_pipeline.store.sources import SourceStore

BUCKET_WAIT_IN_RUNS_S = 300.0
"""How long a run waits for a bucket that is away: what providers answered meanwhile would be paid for again."""


class _Length(msgspec.Struct):
    """The one part of a book's summaries that their next making takes from them."""

    minutes: float | None = None


class Store:
    """Artefacts, clips, attached books and remembered answers."""

    def __init__(self, files: Folder | Bucket) -> None:
        self.files = files

    @property
    def clips(self) -> ClipStore:
        """The finished clips."""
        return ClipStore(self.files)

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
        content = self.files.read(f"book_metadata/{isbn}.json")
        try:
            return None if content is None else msgspec.json.decode(content, type=Book)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def read_chosen_minutes(self, isbn: ISBN) -> float | None:
        """Return how long somebody wanted the chapters of a book when it was last made; None if nobody chose."""
        content = self.files.read(f"chapter_summaries/{isbn}.json")
        try:
            return None if content is None else msgspec.json.decode(content, type=_Length).minutes
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
