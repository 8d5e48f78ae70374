"""JSON logging of a process that executes runs. It is a separate process, because its logging is changed permanently.

`tests/api/test_launcher.py` tests the same for runs that the API launches on a code server.
"""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bookbytes_pipeline.definitions import build_definitions
from tests.api.client import offline_settings

ISBN = "9780306406157"
WORKER = f"""
import logging, sys, warnings
import dagster as dg
from bookbytes_pipeline.execution.json_logging import log_as_json

logging.getLogger("dagster").addHandler(logging.StreamHandler())  # as a code server does
log_as_json(sys.argv[1])
log_as_json(sys.argv[1])  # its code was loaded again

@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["{ISBN}"]))
def leaf(context):
    context.log.debug("of the asset, in detail")
    context.log.info("of the asset")
    dg.get_dagster_logger().warning("of the asset's helper")
    logging.getLogger("httpx").info("of a library, in detail")
    logging.getLogger("httpx").warning("of a %s,\\nin two lines", "library")
    logging.getLogger("dagster.code_server").warning("of the code server")
    warnings.warn("of Python")
    try:
        secret = "a-secret-in-a-variable"
        raise OSError("no paper")
    except OSError:
        logging.getLogger("asyncio").exception("of a library that failed")

logging.getLogger("httpx").error("before the run")
dg.materialize([leaf], partition_key="{ISBN}", tags={{"bookbytes/job": "a job", "bookbytes/request": "a request"}})
"""


def output_of(level: str) -> list[dict[str, Any]]:
    """Return the parsed log lines of a worker with this level."""
    command = [sys.executable, "-c", WORKER, level]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "a-secret-in-a-variable" not in run.stderr
    return [json.loads(line) for line in run.stderr.splitlines()]


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """The log lines at the default level."""
    return output_of("INFO")


def test_every_line_has_its_run_and_book(lines: list[dict[str, Any]]) -> None:
    """Whether the asset, a library that knows nothing of runs, or Python itself wrote it."""
    early, *rest = lines

    [run_id] = {line["run_id"] for line in rest}
    common = {"run_id": run_id, "job_id": "a job", "request_id": "a request", "isbn": ISBN}
    assert ("before the run", False) == (early["event"], "run_id" in early)
    assert all(common.items() <= line.items() for line in rest)
    assert [None, *["leaf"] * 8, None] == [line.get("step") for line in rest]


def test_every_message_is_logged_once(lines: list[dict[str, Any]]) -> None:
    """The milestones of the run, the asset's messages, and the warnings of libraries."""
    logged = [
        (line.get("kind") or line["logger"], line["level"], line["event"].splitlines()[0].rpartition(": ")[2])
        for line in lines
    ]

    assert [
        ("httpx", "error", "before the run"),
        ("PIPELINE_START", "info", 'Started execution of run for "__ephemeral_asset_job__".'),
        ("STEP_START", "info", 'Started execution of step "leaf".'),
        ("dagster", "info", "of the asset"),
        ("dagster", "warning", "of the asset's helper"),
        ("httpx", "warning", "of a library,"),
        ("dagster.code_server", "warning", "of the code server"),
        ("py.warnings", "warning", "of Python"),
        ("asyncio", "error", "of a library that failed"),
    ] == logged[:-2]
    assert ["STEP_SUCCESS", "PIPELINE_SUCCESS"] == [kind for kind, _, _ in logged[-2:]]


def test_a_traceback_is_part_of_its_line(lines: list[dict[str, Any]]) -> None:
    """It does not show local variables, which may be secrets."""
    [line] = [line for line in lines if line["logger"] == "asyncio"]

    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("OSError: no paper")


def test_nothing_below_the_level_is_logged() -> None:
    """Milestones have the level "info", although Dagster logs them at a lower level."""
    assert ["before the run", "of a library that failed"] == [line["event"] for line in output_of("ERROR")]


def test_only_processes_that_dagster_loads_are_changed(tmp_path: Path) -> None:
    """A command line that executes a run itself shows progress bars, whatever the setting for logs."""
    build_definitions(offline_settings(tmp_path, log_format="json"))

    assert logging.getLoggerClass() is logging.Logger
