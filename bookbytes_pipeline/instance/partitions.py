"""One partition per book: its ISBN-13."""

import dagster as dg

from bookbytes_pipeline.constants import PARTITIONS
from bookbytes_pipeline.domain.errors import InvalidISBN
from bookbytes_pipeline.domain.isbn import parse_isbn

isbns = dg.DynamicPartitionsDefinition(name=PARTITIONS)


def add_isbn(instance: dg.DagsterInstance, isbn: str) -> None:
    """Make `isbn` a partition; a second time changes nothing."""
    try:
        instance.add_dynamic_partitions(PARTITIONS, [isbn])
    except Exception:
        # SQLite storage selects and then inserts: of several processes adding one key, all but one fail
        if not instance.has_dynamic_partition(PARTITIONS, isbn):
            raise


def require_isbn(key: str) -> str:
    """The partition key, made sure of: nobody else checks dynamic keys, and this one becomes part of a path."""
    if parse_isbn(key) != key:
        raise InvalidISBN(f"{key!r} is no partition: write {parse_isbn(key)}, or add it with `bookbytes isbn --add`.")
    return key
