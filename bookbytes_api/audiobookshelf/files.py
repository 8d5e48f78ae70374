"""The clips of a book as Audiobookshelf's chapters, tracks and audio files."""

from datetime import datetime
from typing import Any

from bookbytes_api.audiobookshelf.shelf import ShelvedBook, Track
from bookbytes_api.books.audio import MEDIA_TYPE
from bookbytes_pipeline.domain.file_names import book_name, clip_name

LIBRARY_PATH = "/bookbytes"
"""Where the files seem to lie: apps want a path, and no path of ours is anybody's business."""

BIT_RATE_BPS = 64_000
"""Of all clips."""

View = dict[str, Any]
"""An object as it is sent: they have dozens of fields, most of them constant."""


def chapters(book: ShelvedBook) -> list[View]:
    """Return the chapters that can be heard, in seconds from the start of the book."""
    return [
        {"id": track.number - 1, "start": track.start, "end": track.end, "title": track.chapter.title}
        for track in book.tracks
    ]


def tracks(book: ShelvedBook) -> list[View]:
    """Return what is played, with addresses that are relative to the server's."""
    return [
        {
            "index": track.number,
            "ino": str(track.chapter.id),
            "startOffset": track.start,
            "duration": track.seconds,
            "title": track.chapter.title,
            "contentUrl": f"/api/items/{book.row.id}/file/{track.chapter.id}",
            "mimeType": MEDIA_TYPE,
            "codec": "mp3",
            "metadata": _file_metadata(book, track),
        }
        for track in book.tracks
    ]


def milliseconds(time: datetime) -> int:
    """Return a time as these apps write it."""
    return round(time.timestamp() * 1000)


def size_bytes(seconds: float) -> int:
    """Return about how large clips are: to ask the store for each clip of a list would take long."""
    return round(seconds * BIT_RATE_BPS / 8)


def audio_file(book: ShelvedBook, track: Track) -> View:
    """Return the file of a track."""
    return {
        "index": track.number,
        "ino": str(track.chapter.id),
        "metadata": _file_metadata(book, track),
        "addedAt": milliseconds(track.chapter.created_at),
        "updatedAt": milliseconds(track.chapter.updated_at),
        "trackNumFromMeta": track.number,
        "manuallyVerified": False,
        "exclude": False,
        "error": None,
        "format": "MP3",
        "duration": track.seconds,
        "bitRate": BIT_RATE_BPS,
        "language": book.row.language,
        "codec": "mp3",
        "channels": 1,
        "channelLayout": "mono",
        "embeddedCoverArt": None,
        "mimeType": MEDIA_TYPE,
    }


def _file_metadata(book: ShelvedBook, track: Track) -> View:
    name = f"{clip_name(track.chapter.chapter_number, track.chapter.title)}.mp3"
    changed = milliseconds(track.chapter.updated_at)
    return {
        "filename": name,
        "ext": ".mp3",
        "path": f"{LIBRARY_PATH}/{book_name(book.row.title)}/{name}",
        "relPath": name,
        "size": size_bytes(track.seconds),
        "mtimeMs": changed,
        "ctimeMs": changed,
        "birthtimeMs": changed,
    }
