"""What is deleted from Dagster's event log, on a real PostgreSQL with the events of real runs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import dagster as dg
import pytest
from sqlalchemy import text

from bookbytes_pipeline.constants import CLEARING_JOB, CLEARING_SCHEDULE
from bookbytes_pipeline.definitions import build_definitions
from bookbytes_pipeline.defs.event_retention import EVENTS_PER_TRANSACTION
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.settings import Settings
from tests.api.client import offline_settings
from tests.dagster_stack.records import production_records
from tests.postgres import PostgresServer

Kind = dg.DagsterEventType
FINE, BROKEN = "9780306406157", "9780198526636"
BOOKS = dg.StaticPartitionsDefinition([FINE, BROKEN])
LEAF, SPRING, SOUND = dg.AssetKey("leaf"), dg.AssetKey("spring"), dg.AssetCheckKey(dg.AssetKey("leaf"), "sound")
VERSION = "dagster/data_version"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dg.asset(partitions_def=BOOKS, check_specs=[dg.AssetCheckSpec("sound", asset=LEAF)])
def leaf(context: dg.AssetExecutionContext) -> Iterator[dg.AssetCheckResult | dg.Output[str]]:
    """A leaf with every kind of event that books have, and an observation of an external asset."""
    book = context.partition_key
    context.log.info("A word on the way.")
    context.log_event(dg.AssetObservation(LEAF, partition=book, metadata={"done": 1, "total": 1}))
    context.log_event(dg.AssetObservation(SPRING, partition=book, tags={VERSION: "of the spring"}))
    if book == BROKEN:
        raise dg.Failure("There is no ink.")
    yield dg.Output("a leaf")
    yield dg.AssetCheckResult(check_name="sound", passed=True)


@dataclass
class Records:
    """An instance, its settings and its event log."""

    instance: dg.DagsterInstance
    settings: Settings

    def run(self, book: str, days: int) -> str:
        """Execute a run that seems to have ended this many days ago, and return its id."""
        result = dg.materialize(
            [leaf], instance=self.instance, partition_key=book, raise_on_error=False, run_config=QUIET
        )
        self.update("UPDATE runs SET update_timestamp = update_timestamp - make_interval(days => :days)", days, result)
        return result.run_id

    def update(self, statement: str, days: int, result: dg.ExecuteInProcessResult) -> None:
        """Change the row of a run."""
        with cast("Any", self.instance.run_storage).connect() as connection:
            connection.execute(text(f"{statement} WHERE run_id = :run"), {"days": days, "run": result.run_id})

    def kinds(self, run_id: str) -> Counter[str]:
        """The number of events of each kind of a run; the kind of log messages is empty."""
        records = self.instance.get_records_for_run(run_id).records
        events = [record.event_log_entry.dagster_event for record in records]
        return Counter(event.event_type_value if event else "" for event in events)

    def clear(self, **config: Any) -> int:
        """Run the clearing job with this configuration or the settings, and return how many events it deleted."""
        ops = {"ops": {"delete_events": {"config": config}}} if config else {}
        job = build_definitions(self.settings).resolve_job_def(CLEARING_JOB)
        result = job.execute_in_process(instance=self.instance, run_config=ops)
        [output] = result.filter_events(lambda event: event.is_successful_output)
        return int(str(output.step_output_data.metadata["events_deleted"].value))


@dataclass
class Cleared:
    """Two old runs, and what the UI's pages showed before their events were cleared."""

    fine: str
    failed: str
    shown_before: dict[str, Any]


@pytest.fixture(scope="module")
def records(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    """Empty records."""
    home = tmp_path_factory.mktemp("records")
    with production_records(home, postgres) as settings, open_instance(settings) as instance:
        yield Records(instance, settings)


@pytest.fixture(scope="module")
def cleared(records: Records) -> Cleared:
    """A successful and a failed run, both old, after the clearing."""
    fine, failed = records.run(FINE, days=31), records.run(BROKEN, days=31)
    shown_before = shown_in_ui(records.instance, fine, failed)
    records.clear()
    return Cleared(fine, failed, shown_before)


def shown_in_ui(instance: dg.DagsterInstance, fine: str, failed: str) -> dict[str, Any]:
    """What the pages of assets, checks and runs show of these two runs."""
    log = instance.event_log_storage
    log.wipe_asset_cached_status(LEAF)
    books = instance.get_status_by_partition(LEAF, [FINE, BROKEN], BOOKS) or {}
    checks = log.get_asset_check_execution_history(SOUND, limit=10)
    failures = instance.get_records_for_run(failed, of_type=Kind.STEP_FAILURE).records
    return {
        "materializations": instance.fetch_materializations(LEAF, limit=10).records,
        "latest": instance.get_latest_materialization_event(LEAF),
        "version": log.get_latest_tags_by_partition(LEAF, Kind.ASSET_MATERIALIZATION, [VERSION]),
        "version elsewhere": log.get_latest_tags_by_partition(SPRING, Kind.ASSET_OBSERVATION, [VERSION]),
        "books": {book: status.value for book, status in books.items() if status},
        "checks": {check.run_id: (check.status.value, check.event) for check in checks},
        "runs": instance.get_run_records(dg.RunsFilter(run_ids=[fine, failed])),
        "times": {(stats.start_time, stats.end_time) for stats in map(instance.get_run_stats, (fine, failed))},
        "failure": [record.event_log_entry.get_dagster_event().step_failure_data for record in failures],
    }


def test_events_that_the_ui_needs_are_kept(records: Records, cleared: Cleared) -> None:
    """Materializations, checks, step failures, start and end of the run, and every event with a data version."""
    started = {"ASSET_MATERIALIZATION_PLANNED", "PIPELINE_START", "ASSET_OBSERVATION"}
    succeeded = {"ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION", "PIPELINE_SUCCESS"}
    failed = {"STEP_FAILURE", "PIPELINE_FAILURE"}

    assert dict.fromkeys(started | succeeded, 1) == records.kinds(cleared.fine)
    assert dict.fromkeys(started | failed, 1) == records.kinds(cleared.failed)


def test_pages_of_the_ui_do_not_change(records: Records, cleared: Cleared) -> None:
    """They show versions and books of assets, the history of checks, the times of runs, and why one failed."""
    assert {FINE: "MATERIALIZED", BROKEN: "FAILED"} == cleared.shown_before["books"]
    assert ["There is no ink."] == [
        failure.user_failure_data.description for failure in cleared.shown_before["failure"]
    ]
    assert {FINE, BROKEN} == set(cleared.shown_before["version elsewhere"])
    assert all(cleared.shown_before.values())
    assert cleared.shown_before == shown_in_ui(records.instance, cleared.fine, cleared.failed)


def test_recent_and_unfinished_runs_are_left_alone(records: Records) -> None:
    """The age of a run counts from the last change of its row, and only once it has ended."""
    recent, unfinished = records.run(FINE, days=29), records.run(FINE, days=60)
    with cast("Any", records.instance.run_storage).connect() as connection:
        connection.execute(text("UPDATE runs SET status = 'STARTED' WHERE run_id = :run"), {"run": unfinished})
    before = records.kinds(recent), records.kinds(unfinished)

    records.clear()

    assert before == (records.kinds(recent), records.kinds(unfinished))
    assert {"STEP_START", "STEP_SUCCESS", ""} <= set(before[0])


def test_the_age_of_deleted_events_can_be_set(records: Records) -> None:
    """By a setting for every night, and by the configuration of one run of the job; a second run deletes nothing."""
    records.settings = offline_settings(records.settings.bookbytes_home, event_log_days=40)
    run_id = records.run(FINE, days=35)

    by_setting = records.clear()
    by_configuration = records.clear(days=33)
    second = records.clear(days=33)

    assert (0, 0) == (by_setting, second)
    assert by_configuration > 0
    assert "ENGINE_EVENT" not in records.kinds(run_id)


def test_a_long_log_is_deleted_in_several_transactions(records: Records) -> None:
    """A run with more events than are deleted in one transaction is cleared completely."""
    run_id = records.run(FINE, days=100)
    with cast("Any", records.instance.event_log_storage).index_connection() as connection:
        connection.execute(
            text("""INSERT INTO event_logs (run_id, event, timestamp)
                    SELECT run_id, event, timestamp FROM event_logs, generate_series(1, :number)
                    WHERE run_id = :run AND dagster_event_type IS NULL"""),
            {"run": run_id, "number": EVENTS_PER_TRANSACTION},
        )

    deleted = records.clear(days=90)

    assert deleted > EVENTS_PER_TRANSACTION
    assert not records.kinds(run_id)[""]


def test_the_log_is_cleared_every_night_on_postgresql(records: Records) -> None:
    """The schedule is on by default."""
    definitions = build_definitions(records.settings)

    [request] = _tick(definitions, records.instance).run_requests or []

    assert CLEARING_JOB == definitions.resolve_schedule_def(CLEARING_SCHEDULE).job_name
    assert dg.DefaultScheduleStatus.RUNNING == definitions.resolve_schedule_def(CLEARING_SCHEDULE).default_status
    assert {} == dict(request.run_config)


def test_on_sqlite_the_space_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of old runs shrink, their output is deleted, and pages show what they showed; a second time, too."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    settings = offline_settings(tmp_path)
    with open_instance(settings) as made, dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        assert "No run has ended" in _tick(build_definitions(settings), made).skip_message
        records = Records(instance, settings)
        fine, broken = (_old_run(instance, book) for book in (FINE, BROKEN))
        shown_before = shown_in_ui(instance, fine, broken)
        sizes = [_bytes_of(settings, run_id) for run_id in (fine, broken)]
        output = settings.dagster_home / "storage" / fine

        assert output.is_dir()
        assert records.clear(days=30) > 0
        [request] = _tick(build_definitions(settings), instance).run_requests or []
        assert {} == dict(request.run_config)
        assert 0 == records.clear(days=30)
        assert not output.exists()
        assert shown_before == shown_in_ui(instance, fine, broken)
        assert "ENGINE_EVENT" not in records.kinds(fine)
        after = [_bytes_of(settings, run_id) for run_id in (fine, broken)]
        assert all(small * 3 < large for small, large in zip(after, sizes, strict=True))


def test_old_runs_of_the_job_itself_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One a night would stay for ever."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    settings = offline_settings(tmp_path)
    with open_instance(settings) as instance:
        records = Records(instance, settings)
        records.clear(days=1)
        [night] = instance.get_run_ids()
        _age(instance, night)

        records.clear(days=30)

        assert night not in instance.get_run_ids()
        assert not list(settings.dagster_home.glob(f"history/runs/{night}*"))


def _old_run(instance: dg.DagsterInstance, book: str) -> str:
    result = dg.materialize([leaf], instance=instance, partition_key=book, raise_on_error=False, run_config=QUIET)
    _age(instance, result.run_id)
    return result.run_id


def _age(instance: dg.DagsterInstance, run_id: str) -> None:
    """Let the run seem to have ended long ago."""
    with cast("Any", instance.run_storage).connect() as connection:
        connection.execute(text("UPDATE runs SET update_timestamp = '2026-01-01' WHERE run_id = :run"), {"run": run_id})


def _bytes_of(settings: Settings, run_id: str) -> int:
    return sum(file.stat().st_size for file in settings.dagster_home.glob(f"history/runs/{run_id}*"))


def _tick(definitions: dg.Definitions, instance: dg.DagsterInstance) -> Any:
    context = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=datetime(2026, 11, 22, 4, 30, tzinfo=UTC),
        repository_def=definitions.get_repository_def(),
    )
    return definitions.resolve_schedule_def(CLEARING_SCHEDULE).evaluate_tick(context)
