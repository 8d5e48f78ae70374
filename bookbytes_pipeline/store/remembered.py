"""Answers already paid for: `remembered/<kind>/<hash>`."""

from dataclasses import dataclass

from upath import UPath

from bookbytes_pipeline.store.base import read_whole, store_errors, write_whole


@dataclass(frozen=True)
class RememberedStore:
    """Providers' answers by the hash of everything that was asked."""

    base: UPath

    def recall(self, kind: str, digest: str) -> bytes | None:
        """What was answered, or None if this was never asked."""
        return read_whole(self._path(kind, digest))

    def remember(self, kind: str, digest: str, answer: bytes) -> None:
        """Keep an answer for good."""
        write_whole(self._path(kind, digest), answer)

    def forget(self, kind: str, digest: str) -> None:
        """Drop an answer that turned out to be of no use."""
        path = self._path(kind, digest)
        with store_errors(path):
            path.unlink(missing_ok=True)

    def _path(self, kind: str, digest: str) -> UPath:
        return self.base / "remembered" / kind / digest
