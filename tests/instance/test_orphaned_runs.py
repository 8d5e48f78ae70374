"""Runs that another process executes, or executed before it died."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from filelock import FileLock

from bookbytes_pipeline.constants import FOREGROUND, SOURCE_TAG
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.instance.orphaned_runs import CodeServerAddress, StopReason, clean_up_orphaned_runs
from bookbytes_pipeline.settings import load_settings
from tests.cli_runner import ISBN


@pytest.mark.parametrize(
    ("address", "launched"),
    [
        (CodeServerAddress("code", 4266), True),
        (CodeServerAddress("code"), True),
        (CodeServerAddress("code", 4267), False),
        (CodeServerAddress("other-machine", 4266), False),
    ],
)
def test_a_code_server_knows_its_runs_by_their_origin(address: CodeServerAddress, launched: bool) -> None:
    """Runs of another host or port are not its own, nor are those that a command executes."""
    location = SimpleNamespace(host="code", port=4266)
    origin = SimpleNamespace(repository_origin=SimpleNamespace(code_location_origin=location))
    by_code_server: Any = SimpleNamespace(remote_job_origin=origin)
    by_command_line: Any = SimpleNamespace(remote_job_origin=None)

    assert [launched, False] == [address.launched(by_code_server), address.launched(by_command_line)]


@dg.job
def nothing() -> None:
    """A job without steps."""


def test_the_run_of_a_command_is_failed_once_the_command_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of a live `bookbytes process` is left alone; an orphaned one would block the book forever."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    settings = load_settings(_env_file=None, bookbytes_home=tmp_path)
    tags = {SOURCE_TAG: FOREGROUND, "dagster/partition": ISBN}
    with open_instance(settings) as instance:
        run = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED, tags=tags)

        with FileLock(tmp_path / "locks" / f"{ISBN}.lock"):
            clean_up_orphaned_runs(settings, instance, CodeServerAddress("127.0.0.1"), StopReason.DIED)
            with_command = instance.get_run_by_id(run.run_id)
        clean_up_orphaned_runs(settings, instance, CodeServerAddress("127.0.0.1"), StopReason.DIED)
        without_command = instance.get_run_by_id(run.run_id)

    assert with_command
    assert without_command
    assert (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE) == (with_command.status, without_command.status)
