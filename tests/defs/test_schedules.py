"""The nightly backfill against a real instance and a real library."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from bookbytes_pipeline.constants import BACKFILL_SCHEDULE, JOB
from bookbytes_pipeline.definitions import build_definitions
from bookbytes_pipeline.defs.resources import build_resources
from bookbytes_pipeline.domain.book import Book, ContentsSource
from bookbytes_pipeline.domain.clip import ClipManifest
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, TokenUsage
from bookbytes_pipeline.instance.partitions import add_isbn
from bookbytes_pipeline.library.publishing import publish
from bookbytes_pipeline.sample.epub import SAMPLE_ISBN
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.writing.fingerprints import book_fingerprint

FRESH, STALE, MISSING, HOPELESS = "9780306406157", "9780198526636", "9781420080322", "9780804429573"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A machine without a key and without network."""
    return Settings(_env_file=None, bookbytes_home=tmp_path, openlibrary_base_url=None)  # type: ignore[call-arg]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance on disk with four books and the sample, which the backfill never requests."""
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as opened:
        for isbn in (FRESH, STALE, MISSING, HOPELESS, SAMPLE_ISBN):
            add_isbn(opened, isbn)
        yield opened


def test_missing_and_stale_books_are_requested_at_low_priority(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    """Books published with the current fingerprint are skipped, and so are books that failed permanently with it."""
    resources = build_resources(settings)
    fingerprint = book_fingerprint(resources["language_model"].fingerprint, resources["narrator"].fingerprint)
    _publish(settings, FRESH, fingerprint)
    _publish(settings, STALE, "an older fingerprint")
    _fail_permanently(settings, instance, fingerprint)

    requests = _evaluate(settings, instance)

    assert {STALE, MISSING} == {request.partition_key for request in requests}
    assert {"-10"} == {request.tags["dagster/priority"] for request in requests}


def test_a_book_with_corrected_chapters_is_not_stale(settings: Settings, instance: dg.DagsterInstance) -> None:
    """Its fingerprint names the correction, which no prompt, model or voice changes."""
    resources = build_resources(settings)
    summaries, audio = resources["language_model"].fingerprint, resources["narrator"].fingerprint
    _publish(settings, FRESH, book_fingerprint(summaries, audio, correction="0123456789ab"))
    _publish(settings, STALE, book_fingerprint(summaries, "an older voice", correction="0123456789ab"))

    requested = {request.partition_key for request in _evaluate(settings, instance)}

    assert (False, True) == (FRESH in requested, STALE in requested)


def test_a_book_is_requested_once_a_night(settings: Settings, instance: dg.DagsterInstance) -> None:
    """The run key has the date, so that a failed book is retried the next night and not every minute."""
    tonight, second_tick, next_night = (_run_keys(settings, instance, day) for day in (22, 22, 23))

    assert tonight == second_tick
    assert tonight.isdisjoint(next_night)


def _evaluate(settings: Settings, instance: dg.DagsterInstance, day: int = 22) -> list[dg.RunRequest]:
    definitions = build_definitions(settings)
    with dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=datetime(2026, 11, day, 3, tzinfo=UTC),
        resources={name: value for name, value in build_resources(settings).items() if name != "io_manager"},
        repository_def=definitions.get_repository_def(),
    ) as context:
        return list(definitions.resolve_schedule_def(BACKFILL_SCHEDULE).evaluate_tick(context).run_requests or [])


def _run_keys(settings: Settings, instance: dg.DagsterInstance, day: int) -> set[str | None]:
    return {request.run_key for request in _evaluate(settings, instance, day)}


def _fail_permanently(settings: Settings, instance: dg.DagsterInstance, fingerprint: str) -> None:
    """Execute a run that fails: there is no text, no key and no catalogue."""
    result = (
        build_definitions(settings)
        .resolve_job_def(JOB)
        .execute_in_process(
            instance=instance, partition_key=HOPELESS, tags={"bookbytes/recipe": fingerprint}, raise_on_error=False
        )
    )
    assert not result.success


def _publish(settings: Settings, isbn: str, fingerprint: str) -> None:
    book = Book(isbn, f"Book {isbn}", "epub")
    with build_resources(settings)["database"].session() as session:
        publish(
            session,
            book=book,
            source=ContentsSource.EPUB,
            summaries=BookSummaries("en", "extractive", "m", "r", TokenUsage(), ()),
            clips=ClipManifest("espeak", "v", "r", ()),
            whole=BookSummary(),
            recipe=fingerprint,
        )
