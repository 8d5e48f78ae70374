"""The addresses in a feed, each with the token of the feed's own address: apps can send nothing else."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from bookbytes_api.web.access import TOKEN_PARAMETER

FEEDS = "/feeds"


@dataclass(frozen=True)
class Addresses:
    """Makes addresses at `base` (`https://books.example.org`).

    Without a token, the addresses are for a client that sends its token as a header everywhere.
    """

    base: str
    token: str | None

    @property
    def shelf(self) -> str:
        """The feed of a person's shelf."""
        return self._at(f"{FEEDS}/shelf.xml")

    def book(self, book_id: UUID) -> str:
        """The feed of a book."""
        return self._at(f"{FEEDS}/books/{book_id}/feed.xml")

    def cover(self, book_id: UUID) -> str:
        """The cover of a book."""
        return self._at(f"{FEEDS}/books/{book_id}/cover.jpg")

    def transcript(self, chapter_id: UUID) -> str:
        """What a clip says, with times."""
        return self._at(f"/api/v1/chapters/{chapter_id}/transcript.vtt")

    def clip(self, chapter_id: UUID, key: str) -> str:
        """The clip of a chapter. One that is made anew has another key and another address: apps fetch it anew."""
        return self._at(f"{FEEDS}/clips/{chapter_id}/{clip_file_name(key)}")

    def whole_file(self, book_id: UUID, file_name: str) -> str:
        """The file of a whole book."""
        return self._at(f"{FEEDS}/books/{book_id}/files/{file_name}")

    def chapters(self, book_id: UUID) -> str:
        """When the chapters begin in that file."""
        return self._at(f"{FEEDS}/books/{book_id}/chapters.json")

    def _at(self, path: str) -> str:
        query = f"?{urlencode({TOKEN_PARAMETER: self.token})}" if self.token else ""
        return f"{self.base}{path}{query}"


def clip_file_name(key: str) -> str:
    """Return the last part of a clip's address: the hash in its key, `chapter_audio/<isbn>/<NN>-<hash>.mp3`."""
    return key.rpartition("-")[2]
