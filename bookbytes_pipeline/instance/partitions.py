"""One partition per book: its ISBN-13."""

from functools import lru_cache

import dagster as dg

from bookbytes_pipeline.constants import PARTITIONS
from bookbytes_pipeline.domain.errors import InvalidISBN
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn

isbns = dg.DynamicPartitionsDefinition(name=PARTITIONS)


def add_isbn(instance: dg.DagsterInstance, isbn: ISBN) -> None:
    """Add `isbn` to the partitions; adding it twice changes nothing."""
    try:
        instance.add_dynamic_partitions(PARTITIONS, [isbn])
    except Exception:
        # SQLite storage selects and then inserts: when several processes add the same key, all but one fail
        if not instance.has_dynamic_partition(PARTITIONS, isbn):
            raise


def remove_isbn(instance: dg.DagsterInstance, isbn: ISBN) -> bool:
    """Take `isbn` out of the partitions; returns whether it was one.

    Dagster counts an asset's failed partitions among those that there are, so a book that failed counts no more. Its
    runs and their events stay, because jobs and logs name them: a partition that is added again has its old status.
    """
    if not instance.has_dynamic_partition(PARTITIONS, isbn):
        return False
    instance.delete_dynamic_partition(PARTITIONS, isbn)
    return True


@lru_cache(maxsize=256)
def require_isbn(key: str) -> ISBN:
    """Return the ISBN of a partition key. Dagster does not check dynamic keys, and this one becomes part of a path."""
    isbn = parse_isbn(key)
    if isbn != key:
        raise InvalidISBN(f"{key!r} is not a partition: use {isbn}, or add it with `bookbytes isbn --add`.")
    return isbn
