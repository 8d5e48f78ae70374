"""How many bytes the clips of books have."""

from collections.abc import Iterable

from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.store.clips import checked
from bookbytes_pipeline.store.store import Store


def clip_sizes(store: Store, chapters: Iterable[ChapterRow]) -> dict[str, int]:
    """Return the sizes of these chapters' clips by their keys; what is not in the store is left out.

    Each folder is listed once, usually one for a book: asking for each clip would take a request to the bucket each.
    """
    keys = {checked(chapter.audio_key) for chapter in chapters if chapter.audio_key}
    folders = {key.rpartition("/")[0] for key in keys}
    return {file.key: file.bytes for folder in sorted(folders) for file in store.files.walk(folder) if file.key in keys}
