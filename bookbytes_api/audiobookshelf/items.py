"""Books as Audiobookshelf's library items: minified in lists, expanded alone."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from bookbytes_api.audiobookshelf.shelf import ShelvedBook, Track
from bookbytes_api.books.audio import MEDIA_TYPE
from bookbytes_pipeline.audio.encoding import BIT_RATE_BPS
from bookbytes_pipeline.domain.file_names import book_name, clip_name

LIBRARY_ID = UUID("6d1a7f0c-8f0b-5a52-9c05-b00bb00c5a1e")
FOLDER_ID = UUID("0b5b9cc4-55b9-5f0f-8a9c-b00bb00c5a1e")
LIBRARY_PATH = "/bookbytes"
"""Where the files seem to lie: apps want a path, and no path of ours is anybody's business."""

View = dict[str, Any]


def minified_item(book: ShelvedBook) -> View:
    """Return the item as it is in lists."""
    media = {
        "id": str(book.row.id),
        "metadata": _metadata(book) | _names(book),
        "coverPath": _cover_path(book),
        "tags": [],
        "numTracks": len(book.tracks),
        "numAudioFiles": len(book.tracks),
        "numChapters": len(book.tracks),
        "duration": book.seconds,
        "size": _size(book),
        "ebookFormat": None,
    }
    return _item(book) | {"media": media, "numFiles": len(book.tracks), "size": _size(book)}


def expanded_item(book: ShelvedBook) -> View:
    """Return the item with its chapters and tracks."""
    files = [_audio_file(book, track) for track in book.tracks]
    media = {
        "id": str(book.row.id),
        "libraryItemId": str(book.row.id),
        "metadata": _metadata(book) | _lists(book) | _names(book),
        "coverPath": _cover_path(book),
        "tags": [],
        "audioFiles": files,
        "chapters": chapters(book),
        "tracks": tracks(book),
        "ebookFile": None,
        "duration": book.seconds,
        "size": _size(book),
    }
    library_files = [
        {name: file[name] for name in ("ino", "metadata", "addedAt", "updatedAt")} | {"fileType": "audio"}
        for file in files
    ]
    return _item(book) | {
        "media": media,
        "libraryFiles": library_files,
        "lastScan": None,
        "scanVersion": None,
        "size": _size(book),
    }


def play_metadata(book: ShelvedBook) -> View:
    """Return the metadata as they are in a session."""
    return _metadata(book) | _lists(book)


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


def cover_path(book_id: UUID) -> str:
    """Return where the cover seems to lie."""
    return f"{LIBRARY_PATH}/{book_id}/cover.jpg"


def author_view(name: str) -> View:
    """Return an author, whose id is the name's."""
    return {"id": str(uuid5(NAMESPACE_URL, f"bookbytes:author:{name}")), "name": name}


def milliseconds(time: datetime) -> int:
    """Return a time as these apps write it."""
    return round(time.timestamp() * 1000)


def _item(book: ShelvedBook) -> View:
    row = book.row
    added, updated = milliseconds(row.created_at), milliseconds(row.updated_at)
    folder = book_name(row.title)
    return {
        "id": str(row.id),
        "ino": str(row.id),
        "libraryId": str(LIBRARY_ID),
        "folderId": str(FOLDER_ID),
        "path": f"{LIBRARY_PATH}/{folder}",
        "relPath": folder,
        "isFile": False,
        "mtimeMs": updated,
        "ctimeMs": updated,
        "birthtimeMs": added,
        "addedAt": added,
        "updatedAt": updated,
        "isMissing": False,
        "isInvalid": False,
        "mediaType": "book",
    }


def _metadata(book: ShelvedBook) -> View:
    row = book.row
    return {
        "title": row.title,
        "subtitle": None,
        "genres": [],
        "publishedYear": str(row.publish_year) if row.publish_year else None,
        "publishedDate": row.publish_date,
        "publisher": row.publisher,
        "description": row.book_summary.summary if row.book_summary else None,
        "isbn": row.isbn,
        "asin": None,
        "language": row.language,
        "explicit": False,
        "abridged": True,
    }


def _lists(book: ShelvedBook) -> View:
    return {"authors": [author_view(book.row.author)], "narrators": _narrators(book), "series": []}


def _names(book: ShelvedBook) -> View:
    return {
        "titleIgnorePrefix": book.row.title,
        "authorName": book.row.author,
        "authorNameLF": book.row.author,
        "narratorName": ", ".join(_narrators(book)),
        "seriesName": "",
    }


def _narrators(book: ShelvedBook) -> list[str]:
    return [book.row.voice] if book.row.voice else []


def _cover_path(book: ShelvedBook) -> str:
    return cover_path(book.row.id)


def _audio_file(book: ShelvedBook, track: Track) -> View:
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
        "size": _bytes(track.seconds),
        "mtimeMs": changed,
        "ctimeMs": changed,
        "birthtimeMs": changed,
    }


def _size(book: ShelvedBook) -> int:
    return _bytes(book.seconds)


def _bytes(seconds: float) -> int:
    """Return about how large a clip is: to ask the store for every clip of a list would take long."""
    return round(seconds * BIT_RATE_BPS / 8)
