"""The store as one thing, in a folder or in a bucket."""

from pathlib import Path
from typing import Protocol

from bookbytes_pipeline.store.bucket import Bucket
from bookbytes_pipeline.store.clips import ClipStore
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.response_cache import StoredResponses
from bookbytes_pipeline.store.sources import SourceStore

PATIENT = 300.0
"""Seconds for which a run waits for a bucket that is away: what it has been answered would be paid for again."""


class StoreConfig(Protocol):
    """Where the store is, by the names that the settings have for it."""

    @property
    def storage_backend(self) -> str: ...  # noqa: D102 - .env.example says what each is
    @property
    def store_folder(self) -> Path: ...  # noqa: D102
    @property
    def s3_bucket(self) -> str | None: ...  # noqa: D102
    @property
    def s3_prefix(self) -> str: ...  # noqa: D102
    @property
    def s3_region(self) -> str | None: ...  # noqa: D102
    @property
    def s3_endpoint_url(self) -> str | None: ...  # noqa: D102
    @property
    def s3_public_url(self) -> str | None: ...  # noqa: D102


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

    def require_room(self) -> None:
        """Raise `StoreUnavailable` unless a whole book can be written here."""
        self.files.require_room()

    def require_reachable(self) -> None:
        """Raise `StoreUnavailable` unless files can be read here; cheap enough to be asked every few seconds."""
        self.files.require_reachable()


def open_store(place: StoreConfig, patience: float = 0) -> Store:
    """The store that the settings name. A bucket that is away is waited for, `patience` seconds each time."""
    if place.storage_backend != "s3":
        return Store(Folder(place.store_folder))
    bucket = Bucket(
        name=place.s3_bucket or "",
        prefix=place.s3_prefix,
        region=place.s3_region,
        endpoint_url=place.s3_endpoint_url,
        public_url=place.s3_public_url,
        patience=patience,
    )
    return Store(bucket)
