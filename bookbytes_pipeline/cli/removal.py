"""Taking a book out of Dagster again and, if asked for, out of the library."""

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.instance.book_lock import exclusive_book, require_no_waiting_run
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.instance.partitions import remove_isbn
from bookbytes_pipeline.library.publishing import unpublish
from bookbytes_pipeline.library.queries import book_by_isbn
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import open_store


def remove_book(settings: Settings, isbn: ISBN, *, with_book: bool) -> str:
    """Remove the partition of `isbn`, and its book if `with_book`; returns in sentences what was done and what stays.

    Raises `BookLocked` while a run of it is in progress or waits in the queue.
    """
    with open_instance(settings) as instance, exclusive_book(settings, instance, isbn):
        require_no_waiting_run(instance, isbn)
        failed_runs = remove_isbn(instance, isbn)
        removed = f"{isbn} was no partition." if failed_runs is None else _removed(isbn, failed_runs)
        return f"{removed} {_delete_book(settings, isbn) if with_book else _what_stays(settings, isbn)}"


def _removed(isbn: ISBN, failed_runs: int) -> str:
    runs = f", and {failed_runs} failed {'run is' if failed_runs == 1 else 'runs are'} deleted" if failed_runs else ""
    return f"{isbn} is no partition any more{runs}."


def _delete_book(settings: Settings, isbn: ISBN) -> str:
    with Database(settings.library_url).session() as session:
        book = session.scalar(book_by_isbn(isbn))
        if book is None:
            return "It was not in the library."
        if book.isbn != isbn:
            return f"“{book.title}” is published under {book.isbn}, and stays."
        isbns = {parse_isbn(row.isbn) for row in book.isbns}
        title, clips = book.title, unpublish(session, book)
    store = open_store(settings.store_config)
    for key in clips:
        store.delete_audio(key)
    for book_isbn in isbns:
        store.covers.delete(book_isbn)
    return f"“{title}” is deleted from the library. Its attached text and cached answers stay until `bookbytes prune`."


def _what_stays(settings: Settings, isbn: ISBN) -> str:
    with Database(settings.library_url).session() as session:
        book = session.scalar(book_by_isbn(isbn))
        if book is None:
            return "Attached text and cached answers stay until `bookbytes prune` deletes them."
        return f"“{book.title}” stays in the library; --with-book deletes it."
