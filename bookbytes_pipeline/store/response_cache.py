"""Answers already paid for: `remembered/<kind>/<hash>`."""

from dataclasses import dataclass

from bookbytes_pipeline.store.files import Files


@dataclass(frozen=True)
class StoredResponses:
    """Providers' answers by the hash of everything that was asked."""

    files: Files

    def get(self, kind: str, digest: str) -> bytes | None:
        """What was answered, or None if this was never asked."""
        return self.files.read(_key(kind, digest))

    def set(self, kind: str, digest: str, answer: bytes) -> None:
        """Keep an answer, in place of one that could not be read or that a forced run replaces."""
        self.files.write(_key(kind, digest), answer)

    def delete(self, kind: str, digest: str) -> None:
        """Drop an answer that turned out to be of no use."""
        self.files.delete(_key(kind, digest))

    def mark(self, kind: str, digest: str) -> None:
        """Do nothing: whoever makes a book marks what it uses."""


def _key(kind: str, digest: str) -> str:
    return f"remembered/{kind}/{digest}"
