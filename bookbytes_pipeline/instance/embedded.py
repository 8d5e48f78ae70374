"""The Dagster instance of this machine."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from filelock import FileLock
from sqlalchemy.exc import IntegrityError, ProgrammingError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from bookbytes_pipeline.constants import PARTITIONS
from bookbytes_pipeline.domain.errors import StoreUnavailable
from bookbytes_pipeline.settings import Settings

_EMBEDDED = Path(__file__).parents[2] / "dagster.yaml"
_UNCAPTURED = {
    "compute_logs": {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
}
"""Dagster sends stdout and stderr through files and `tail`, in four more processes; a person's progress bars would
stand still until the run is over. What is raised is recorded in the run all the same."""


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance at `DAGSTER_HOME`; without that variable the embedded one under `BOOKBYTES_HOME`, made as needed.

    `local_temp` is Dagster's name for an instance in a folder that one names oneself, with overrides.
    """
    home = os.environ.get("DAGSTER_HOME") or str(settings.dagster_home)
    if home == str(settings.dagster_home):
        _furnish(settings)
    with _opened(Path(home), settings.bookbytes_home / "locks") as instance:
        yield instance


@contextmanager
def _opened(home: Path, locks: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster makes its tables when they are first needed; two processes doing so at once would break them for good."""
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / "dagster.lock", timeout=60):
        instance = _with_tables(home)
    with instance:
        yield instance


@retry(
    retry=retry_if_exception_type((ProgrammingError, IntegrityError)),
    stop=stop_after_attempt(6),
    wait=wait_random(0.2, 1),
    reraise=True,
)
def _with_tables(home: Path) -> dg.DagsterInstance:
    """Asked again where another machine is making the same tables, which no lock of this one keeps from doing so.

    Of eight processes that open an empty PostgreSQL database in one moment, one or another finds half of a table; what
    there is then stays whole. Dagster itself asks again for some of these errors.
    """
    instance = dg.DagsterInstance.local_temp(str(home), overrides=_UNCAPTURED)
    instance.get_runs_count()
    instance.has_dynamic_partition(PARTITIONS, "")
    instance.all_instigator_state()
    return instance


def _furnish(settings: Settings) -> None:
    """Give the embedded instance the project's `dagster.yaml`; Dagster looks for it nowhere else."""
    home, wanted = settings.dagster_home, _configuration(settings)
    placed = home / "dagster.yaml"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not placed.exists() or placed.read_text() != wanted:
            being_written = home / f"dagster.yaml.{os.getpid()}"
            being_written.write_text(wanted)
            being_written.replace(placed)  # another process of this home may be reading it
            (home / ".nux").mkdir(exist_ok=True)
            (home / ".nux" / "nux.yaml").write_text("seen: 1\n")  # no dialog about newsletters on the UI's first page
    except OSError as error:
        raise StoreUnavailable(
            f"Dagster's home {home} cannot be used: {error.strerror}. Check BOOKBYTES_HOME and who may write there."
        ) from error


def _configuration(settings: Settings) -> str:
    """The project's `dagster.yaml`, comments and all, with the two numbers that are settings."""
    text = _EMBEDDED.read_text()
    for name, value in (
        ("max_concurrent_runs", settings.worker_max_jobs),
        ("max_runtime_seconds", settings.worker_job_timeout),
    ):
        text = re.sub(rf"(?m)^( +{name}:) \d+$", rf"\1 {value}", text)
    return text
