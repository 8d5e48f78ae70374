"""One partition per book: its ISBN-13."""

from functools import lru_cache

import dagster as dg

from bookbytes_pipeline.constants import PARTITION_TAG, PARTITIONS
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


def remove_isbn(instance: dg.DagsterInstance, isbn: ISBN) -> int | None:
    """Take `isbn` out of the partitions; returns how many failed runs were deleted with it, None if it was none.

    Dagster counts an asset's failed partitions among those that there are. But it also shows an asset as failed while
    its checks were last planned for a run that failed, of whatever partition, and they are neutral once that run is
    deleted. Runs that did not fail stay.
    """
    was_partition = instance.has_dynamic_partition(PARTITIONS, isbn)
    if was_partition:
        instance.delete_dynamic_partition(PARTITIONS, isbn)
    failed = instance.get_run_ids(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], tags={PARTITION_TAG: isbn}))
    for run_id in failed:
        instance.delete_run(run_id)
    return len(failed) if was_partition or failed else None


@lru_cache(maxsize=256)
def require_isbn(key: str) -> ISBN:
    """Return the ISBN of a partition key. Dagster does not check dynamic keys, and this one becomes part of a path."""
    isbn = parse_isbn(key)
    if isbn != key:
        raise InvalidISBN(f"{key!r} is not a partition: use {isbn}, or add it with `bookbytes isbn --add`.")
    return isbn
