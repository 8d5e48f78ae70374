"""The store as one thing: everything under one base."""

from dataclasses import dataclass

from upath import UPath

from bookbytes_pipeline.store.base import require_room
from bookbytes_pipeline.store.clips import ClipStore
from bookbytes_pipeline.store.remembered import RememberedStore
from bookbytes_pipeline.store.sources import SourceStore


@dataclass(frozen=True)
class Store:
    """A folder or bucket that holds artefacts, clips, attached books and remembered answers."""

    base: UPath

    @property
    def clips(self) -> ClipStore:
        """The finished clips."""
        return ClipStore(self.base)

    @property
    def sources(self) -> SourceStore:
        """The attached books."""
        return SourceStore(self.base)

    @property
    def remembered(self) -> RememberedStore:
        """The answers already paid for."""
        return RememberedStore(self.base)

    def require_room(self) -> None:
        """Raise `StoreUnavailable` unless a whole book can be written here."""
        require_room(self.base)


def open_store(base: str) -> Store:
    """The store at a path or URL."""
    return Store(UPath(base))
