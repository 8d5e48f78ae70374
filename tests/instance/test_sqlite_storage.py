"""Dagster's own SQLite storage and ours have the same files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import Engine, event

from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home without records."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return load_settings(_env_file=None, bookbytes_home=tmp_path)


@contextmanager
def connections() -> Iterator[list[str]]:
    """The files that are connected to in the block, by any engine of this process."""
    files: list[str] = []

    def note(_dialect: object, _record: object, arguments: list[str], _keywords: object) -> None:
        files.append(Path(arguments[0]).name)

    event.listen(Engine, "do_connect", note, insert=True)
    try:
        yield files
    finally:
        event.remove(Engine, "do_connect", note)


def materialize(instance: dg.DagsterInstance, *names: str) -> str:
    """Materialize these assets; returns the id of the run."""

    def asset(name: str) -> dg.AssetsDefinition:
        @dg.asset(name=name)
        def made(context: dg.AssetExecutionContext) -> None:
            context.log_event(dg.AssetObservation(name))

        return made

    return dg.materialize([asset(name) for name in names], instance=instance).run_id


def read(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """What is recorded of a run, in order."""
    return [
        record.event_log_entry.user_message + str(record.event_log_entry.timestamp)
        for record in instance.get_records_for_run(run_id).records
    ]


def test_the_number_of_connections_does_not_depend_on_that_of_events(settings: Settings) -> None:
    """A few connections create the file of a run; then one stays open for all that is written and read."""
    with open_instance(settings) as instance:
        materialize(instance, "first")
        counts = []
        for names in (["one"], ["one", "two", "three", "four"]):
            with connections() as made:
                run_id = materialize(instance, *names)
            counts.append(len(made))
        with connections() as later:
            instance.get_records_for_run(run_id)
            instance.get_runs()

    few, many = counts
    assert few == many
    assert [] == later


def test_either_storage_reads_what_the_other_wrote(settings: Settings) -> None:
    """An older release continues with these files, and this one with its files."""
    with open_instance(settings) as ours:
        written = materialize(ours, "an_asset")
        events = read(ours, written)
    (settings.dagster_home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.local_temp(str(settings.dagster_home)) as theirs:
        found, written_by_them = read(theirs, written), materialize(theirs, "an_asset")
        their_events = read(theirs, written_by_them)
    with open_instance(settings) as again:
        latest = again.get_latest_materialization_event(dg.AssetKey("an_asset"))

        assert events == found
        assert their_events == read(again, written_by_them)
        assert latest
        assert written_by_them == latest.run_id


def test_a_stored_event_changes_the_file_of_its_run(settings: Settings) -> None:
    """Dagster's UI watches the file: SQLite's log beside it is not noticed."""
    with open_instance(settings) as instance:
        run_id = materialize(instance, "an_asset")
        file = settings.dagster_home / "history" / "runs" / f"{run_id}.db"
        before = file.stat().st_mtime_ns
        instance.report_engine_event("one more", instance.get_run_by_id(run_id))

        assert before < file.stat().st_mtime_ns
