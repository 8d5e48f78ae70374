"""Runs that somebody else executes, or executed."""

from pathlib import Path

import dagster as dg
import pytest
from filelock import FileLock

from bookbytes_api.serving.orphans import End, close_orphans
from bookbytes_pipeline.instance import open_instance
from bookbytes_pipeline.names import FOREGROUND, SOURCE_TAG
from bookbytes_pipeline.settings import load_settings
from tests.making import ISBN


@dg.job
def nothing() -> None:
    """A job to have runs of."""


def test_a_command_line_keeps_its_run_while_it_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that `bookbytes process` executes is left alone; one it left behind would keep the book from being made."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    settings = load_settings(_env_file=None, bookbytes_home=tmp_path)
    tags = {SOURCE_TAG: FOREGROUND, "dagster/partition": ISBN}
    with open_instance(settings) as instance:
        run = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED, tags=tags)

        with FileLock(tmp_path / "locks" / f"{ISBN}.lock"):
            close_orphans(settings, instance, End.DIED)
            alive = instance.get_run_by_id(run.run_id)
        close_orphans(settings, instance, End.DIED)
        gone = instance.get_run_by_id(run.run_id)

    assert alive
    assert gone
    assert (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE) == (alive.status, gone.status)
