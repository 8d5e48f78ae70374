"""The Dagster instance of this machine."""

import errno
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from bookbytes_pipeline.constants import PARTITIONS
from bookbytes_pipeline.db.migrations import ALEMBIC_LOCK
from bookbytes_pipeline.db.outages import causes
from bookbytes_pipeline.instance.home_lock import home_lock, unusable
from bookbytes_pipeline.project_files import project_file
from bookbytes_pipeline.settings import Settings

_NO_LOG_CAPTURE = {
    "compute_logs": {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
}
"""Dagster would send stdout and stderr through files and `tail`, in four more processes, and progress bars would only
move once the run is over. Exceptions are recorded in the run all the same."""


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Open the instance at `DAGSTER_HOME`; without that variable the embedded one in `BOOKBYTES_HOME`, creating it."""
    home = os.environ.get("DAGSTER_HOME") or str(settings.dagster_home)
    if home == str(settings.dagster_home):
        _write_configuration(settings)
        instance = _open_embedded(settings)
    else:
        instance = _open_locked(Path(home), settings)
    with instance:
        yield instance


def _open_embedded(settings: Settings) -> dg.DagsterInstance:
    """Raises `StoreUnavailable` for files that somebody else owns, as after a command by `sudo`."""
    _require_writable(settings.dagster_home)
    try:
        return _open_locked(settings.dagster_home, settings)
    except (OSError, OperationalError) as error:
        *_, root = causes(error)
        raise unusable(settings.dagster_home, getattr(root, "strerror", None) or str(root)) from error


def _require_writable(home: Path) -> None:
    """Dagster opens records that it may only read, and would fail with the first event of a run."""
    for name in ("history/runs.db", "history/runs/index.db", "schedules/schedules.db"):
        for path in (home / name, (home / name).parent):
            if path.exists() and not os.access(path, os.W_OK):
                raise unusable(path, os.strerror(errno.EACCES))


def _open_locked(home: Path, settings: Settings) -> dg.DagsterInstance:
    """Dagster creates tables when they are first needed; two processes doing so at once would break them for good."""
    with home_lock(settings.bookbytes_home, "dagster", 60), ALEMBIC_LOCK:  # the library may be migrated meanwhile
        return _open_with_tables(home)


@retry(
    retry=retry_if_exception_type((ProgrammingError, IntegrityError)),
    stop=stop_after_attempt(6),
    wait=wait_random(0.2, 1),
    reraise=True,
)
def _open_with_tables(home: Path) -> dg.DagsterInstance:
    """Open the instance with all its tables; retried because another machine may be creating the same tables.

    When eight processes open an empty PostgreSQL database at the same moment, one or another finds half of a table;
    the tables themselves stay intact. Dagster itself retries some of these errors. `local_temp` is Dagster's name for
    an instance in a folder of one's choice, with overrides.
    """
    instance = dg.DagsterInstance.local_temp(str(home), overrides=_NO_LOG_CAPTURE)
    instance.get_runs_count()
    instance.has_dynamic_partition(PARTITIONS, "")
    instance.all_instigator_state()
    return instance


def _write_configuration(settings: Settings) -> None:
    """Write the project's `dagster.yaml` to the embedded instance's home, the only place where Dagster looks."""
    home, wanted = settings.dagster_home, _configuration(settings)
    target = home / "dagster.yaml"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text() != wanted:
            temporary = home / f"dagster.yaml.{os.getpid()}"
            temporary.write_text(wanted)
            temporary.replace(target)  # another process of this home may be reading it
            (home / ".nux").mkdir(exist_ok=True)
            (home / ".nux" / "nux.yaml").write_text("seen: 1\n")  # no newsletter dialog on the UI's first page
    except OSError as error:
        raise unusable(home, error.strerror) from error


def _configuration(settings: Settings) -> str:
    """Return the project's `dagster.yaml`, comments included, with the folder and the two numbers that are settings."""
    text = (
        project_file("dagster.yaml")
        .read_text()
        .replace('base_dir: ""', f"base_dir: {json.dumps(str(settings.dagster_home))}")
    )
    for name, value in (
        ("max_concurrent_runs", settings.worker_max_jobs),
        ("max_runtime_seconds", settings.worker_job_timeout),
    ):
        text = re.sub(rf"(?m)^( +{name}:) \d+$", rf"\1 {value}", text)
    return text
