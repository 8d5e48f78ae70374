"""One partition per book: its ISBN-13."""

import re

import dagster as dg

from bookbytes_pipeline.names import PARTITIONS

isbns = dg.DynamicPartitionsDefinition(name=PARTITIONS)


def add_isbn(instance: dg.DagsterInstance, isbn: str) -> None:
    """Make `isbn` a partition; a second time changes nothing."""
    try:
        instance.add_dynamic_partitions(PARTITIONS, [isbn])
    except Exception:
        # SQLite storage selects and then inserts: of several processes adding one key, all but one fail
        if not instance.has_dynamic_partition(PARTITIONS, isbn):
            raise


def partition_isbn(key: str) -> str:
    """The partition key, made sure of: nobody else checks dynamic keys, and this one becomes part of a path."""
    if not re.fullmatch(r"97[89][0-9]{10}", key):
        raise ValueError(f"partition key {key!r} is not an ISBN-13; partitions are added with `bookbytes isbn --add`")
    return key
