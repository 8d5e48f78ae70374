"""Books as Audiobookshelf's library items: minified in lists, expanded alone."""

from uuid import NAMESPACE_URL, UUID, uuid5

from bookbytes_api.audiobookshelf.files import (
    LIBRARY_PATH,
    View,
    audio_file,
    chapters,
    milliseconds,
    size_bytes,
    tracks,
)
from bookbytes_api.audiobookshelf.shelf import ShelvedBook
from bookbytes_pipeline.domain.file_names import book_name

LIBRARY_ID = UUID("6d1a7f0c-8f0b-5a52-9c05-b00bb00c5a1e")
FOLDER_ID = UUID("0b5b9cc4-55b9-5f0f-8a9c-b00bb00c5a1e")


def minified_item(book: ShelvedBook) -> View:
    """Return the item as it is in lists."""
    media = {
        "id": str(book.row.id),
        "metadata": _metadata(book) | _names(book),
        "coverPath": cover_path(book.row.id),
        "tags": [],
        "numTracks": len(book.tracks),
        "numAudioFiles": len(book.tracks),
        "numChapters": len(book.tracks),
        "duration": book.seconds,
        "size": size_bytes(book.seconds),
        "ebookFormat": None,
    }
    return _item(book) | {"media": media, "numFiles": len(book.tracks), "size": size_bytes(book.seconds)}


def expanded_item(book: ShelvedBook) -> View:
    """Return the item with its chapters and tracks."""
    files = [audio_file(book, track) for track in book.tracks]
    media = {
        "id": str(book.row.id),
        "libraryItemId": str(book.row.id),
        "metadata": _metadata(book) | _lists(book) | _names(book),
        "coverPath": cover_path(book.row.id),
        "tags": [],
        "audioFiles": files,
        "chapters": chapters(book),
        "tracks": tracks(book),
        "ebookFile": None,
        "duration": book.seconds,
        "size": size_bytes(book.seconds),
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
        "size": size_bytes(book.seconds),
    }


def play_metadata(book: ShelvedBook) -> View:
    """Return the metadata as they are in a session."""
    return _metadata(book) | _lists(book)


def cover_path(book_id: UUID) -> str:
    """Return where the cover seems to lie."""
    return f"{LIBRARY_PATH}/{book_id}/cover.jpg"


def author_view(name: str) -> View:
    """Return an author, whose id is the name's."""
    return {"id": str(uuid5(NAMESPACE_URL, f"bookbytes:author:{name}")), "name": name}


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
