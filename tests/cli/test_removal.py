"""`bookbytes isbn --remove`: taking a book out of Dagster again, in this process."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from bookbytes_pipeline.cli.removal import remove_book
from bookbytes_pipeline.constants import ASSET_NAMES, JOB, PARTITION_TAG, RETRIED_BY_TAG, WILL_RETRY_TAG
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.definitions import build_definitions
from bookbytes_pipeline.domain.errors import BookLocked
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.instance.partitions import add_isbn, isbns
from bookbytes_pipeline.library.queries import book_by_isbn
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import open_store
from tests.api.client import offline_settings
from tests.api.factories import ISBN, publish_book

ISBN_13 = parse_isbn(ISBN)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home of its own."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return offline_settings(tmp_path)


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of this home, where the book is a partition."""
    with open_instance(settings) as instance:
        add_isbn(instance, ISBN_13)
        yield instance


def test_a_failed_book_leaves_no_trace_in_the_lineage(settings: Settings, instance: dg.DagsterInstance) -> None:
    """All assets fail with it, also those that never ran, and so do their checks; a run of another book stays.

    A partition that is added again has no status.
    """
    other = instance.create_run_for_job(_nothing, status=dg.DagsterRunStatus.FAILURE, tags={PARTITION_TAG: ISBN[::-1]})
    job = build_definitions(settings).resolve_job_def(JOB)
    run = job.execute_in_process(instance=instance, partition_key=ISBN, raise_on_error=False)
    failed = _failed_partitions(instance)

    said = remove_book(settings, ISBN_13, with_book=False)
    removed = _failed_partitions(instance)
    add_isbn(instance, ISBN_13)

    assert [{ISBN}] * len(ASSET_NAMES) == failed
    assert [set()] * len(ASSET_NAMES) == removed == _failed_partitions(instance)
    assert (
        f"{ISBN} is no partition any more, and 1 failed run is deleted. "
        "Attached text and cached answers stay until `bookbytes prune` deletes them."
    ) == said
    assert (None, True) == (instance.get_run_by_id(run.run_id), instance.has_run(other.run_id))


@pytest.mark.parametrize("tag", [{}, {WILL_RETRY_TAG: "true"}])
def test_a_book_is_not_removed_while_its_failed_run_may_be_retried(
    settings: Settings, instance: dg.DagsterInstance, tag: dict[str, str]
) -> None:
    """Its retry would belong to no partition, and its job would wait for a run that is gone."""
    tags = {PARTITION_TAG: ISBN, **tag}
    run = instance.create_run_for_job(_nothing, status=dg.DagsterRunStatus.FAILURE, tags=tags)
    with pytest.raises(BookLocked, match=f"Run {run.run_id} of {ISBN} failed, and will be retried"):
        remove_book(settings, ISBN_13, with_book=False)

    instance.add_run_tags(run.run_id, {RETRIED_BY_TAG: "another run"})

    assert "1 failed run is deleted" in remove_book(settings, ISBN_13, with_book=False)


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED])
def test_a_book_is_not_removed_while_a_run_of_it_has_not_ended(
    settings: Settings, instance: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    """The sentence names the run; the partition stays."""
    run = instance.create_run_for_job(_nothing, status=status, tags={PARTITION_TAG: ISBN})

    with pytest.raises(BookLocked, match=run.run_id):
        remove_book(settings, ISBN_13, with_book=True)

    assert [ISBN] == isbns.get_partition_keys(dynamic_partitions_store=instance)


def test_the_published_book_stays_unless_it_is_to_be_deleted(settings: Settings, instance: dg.DagsterInstance) -> None:
    """With its clips. What is no partition any more can still be deleted."""
    publish_book(settings)
    stays = remove_book(settings, ISBN_13, with_book=False)
    with Database(settings.library_url).session() as session:
        keys = [chapter.audio_key for chapter in session.scalars(book_by_isbn(ISBN)).one().chapters]
    deleted = remove_book(settings, ISBN_13, with_book=True)
    with Database(settings.library_url).session() as session:
        book = session.scalar(book_by_isbn(ISBN))

    assert f"{ISBN} is no partition any more. “On Rivers” stays in the library; --with-book deletes it." == stays
    assert f"{ISBN} was no partition. “On Rivers” is deleted from the library." in deleted
    assert book is None
    assert not any(open_store(settings.store_config).clips.has(key) for key in keys if key)
    assert [] == isbns.get_partition_keys(dynamic_partitions_store=instance)


@dg.job
def _nothing() -> None:
    """A job without steps."""


def _failed_partitions(instance: dg.DagsterInstance) -> list[set[str]]:
    """What the lineage counts as failed, for each asset."""
    keys = isbns.get_partition_keys(dynamic_partitions_store=instance)
    found = (instance.get_status_by_partition(dg.AssetKey(name), keys, isbns) or {} for name in ASSET_NAMES)
    return [{key for key, status in statuses.items() if status and status.name == "FAILED"} for statuses in found]
