"""How much CPU it takes to make a whole book into one file, by format and per minute of sound.

The book has 20 chapters of 90 seconds. Nothing else waits for such a file: it is made after the book is published.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book_file import BOOK_FILE_FORMATS
from bookbytes_pipeline.library.models import BookRow
from tests.api.client import offline_settings
from tests.api.factories import RIVERS, publish_book
from tests.book_files import clip, make

CHAPTERS = 20
CHAPTER_S = 90.0


def main() -> None:
    """Measure and print."""
    audio, seconds = clip(CHAPTER_S)
    minutes = CHAPTERS * seconds / 60
    print(f"\n{f'a book of {minutes:.0f} minutes as':<28}{'seconds':>9}{'CPU, s':>9}{'per minute':>12}{'MB':>7}")
    with TemporaryDirectory() as folder:
        settings = offline_settings(Path(folder))
        book_id = publish_book(settings, RIVERS, {f"Chapter {number}": audio for number in range(1, CHAPTERS + 1)})
        with Database(settings.library_url).session() as session:
            for chapter in session.get_one(BookRow, book_id).chapters:
                chapter.duration = seconds
        for file_format in BOOK_FILE_FORMATS:
            began, cpu = time.monotonic(), time.process_time()
            size = make(settings, book_id, file_format).bytes
            took, used = time.monotonic() - began, time.process_time() - cpu
            print(f"{file_format:<28}{took:>9.1f}{used:>9.1f}{used / minutes:>12.2f}{size / 1e6:>7.1f}")


if __name__ == "__main__":
    main()
