"""The runs of one code server, compared with its living processes for as long as it serves.

Dagster's code server records the end of a run whose process died, in a thread of its own that the first error of its
storage ends. After a full disk or an outage of the database the run would count as started until `WORKER_JOB_TIMEOUT`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self

import dagster as dg
import psutil

from bookbytes_pipeline.db.outages import root_cause
from bookbytes_pipeline.instance.awaited_retries import AwaitedRetries
from bookbytes_pipeline.instance.monitor_heartbeat import record_check
from bookbytes_pipeline.instance.orphaned_runs import (
    CodeServerAddress,
    StopReason,
    fail_orphaned_runs,
    runs_in_progress_at,
)

CHECK_INTERVAL_S = 4.0
MAX_MISSES = 3
"""Checks in a row that find no process: Dagster records the end of most runs itself, half a second after it."""
MAX_MISSES_AT_LAUNCH = 8
"""The same for a run that has recorded no process yet; the code server may be busy starting it."""
_STOP_TIMEOUT_S = 2.0
_FORK_SERVER = "multiprocessing.forkserver"
"""What is in the command line of the process that runs are forked from, and so in theirs."""


@dataclass(frozen=True)
class _RunProcess:
    """The process of a run, as the run has recorded it. Numbers are used again: the newest record is right."""

    recorded_at: float
    pid: int


@dataclass
class RunMonitor:
    """Checks the runs at `address` every few seconds, in a thread, until the `with` block ends.

    `server_pid` returns the code server's process, None while there is none that is ready; its runs descend from it.
    Runs without a process are recorded as failed, and Dagster retries them. `check_also` is called at each check. No
    error ends this; an error, and its end, is logged once.
    """

    instance: dg.DagsterInstance
    address: CodeServerAddress
    server_pid: Callable[[], int | None]
    log: Callable[[str], None]
    check_also: Callable[[], None] = lambda: None
    _retries: AwaitedRetries = field(init=False)
    _processes: dict[str, _RunProcess] = field(default_factory=dict, init=False)
    _misses: Counter[str] = field(default_factory=Counter, init=False)
    _error: str = field(default="", init=False)
    _stopped: Event = field(default_factory=Event, init=False)

    def __post_init__(self) -> None:
        self._retries = AwaitedRetries(self.instance)
        self._thread = Thread(target=self._run, name="run monitor", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(_STOP_TIMEOUT_S)  # it may be waiting for a database that is down

    def check(self) -> None:
        """Fail the runs that had no process for several checks, and record that this was checked."""
        if (workers := self._workers()) is not None:
            self._fail(self._lost(runs_in_progress_at(self.address, self.instance), workers))
            self._retries.report_again()
        self.check_also()
        record_check(self.instance, self.address)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.check()
            except Exception as error:  # noqa: BLE001 - storage fails in many ways, and may work at the next check
                self._log_once(f"Runs cannot be monitored, which is retried: {root_cause(error)}.")
            else:
                self._log_once("")
            self._stopped.wait(CHECK_INTERVAL_S)

    def _workers(self) -> set[int] | None:
        """Return the living processes that execute runs; None while no code server is ready."""
        pid = self.server_pid()
        if pid is None or not psutil.pid_exists(pid):
            return None
        workers = set()
        for process in psutil.Process(pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # it has just ended
                if process.ppid() != pid and any(_FORK_SERVER in word for word in process.cmdline()):
                    workers.add(process.pid)
        return workers

    def _lost(self, records: Sequence[dg.RunRecord], workers: set[int]) -> list[dg.RunRecord]:
        """Return the runs without a process; one that has recorded none may be any that no other run has recorded."""
        processes = self._recorded_processes(records)
        in_order = sorted(processes.items(), key=lambda item: item[1].recorded_at)
        owners = {process.pid: run_id for run_id, process in in_order}
        has_unclaimed = bool(workers - owners.keys())
        misses, lost = Counter[str](), []
        for record in records:
            run_id = record.dagster_run.run_id
            process = processes.get(run_id)
            if process is None:
                has_process, allowed = has_unclaimed, MAX_MISSES_AT_LAUNCH
            else:
                has_process, allowed = process.pid in workers and owners[process.pid] == run_id, MAX_MISSES
            misses[run_id] = 0 if has_process else self._misses[run_id] + 1
            if misses[run_id] >= allowed:
                lost.append(record)
        self._misses = misses
        return lost

    def _recorded_processes(self, records: Sequence[dg.RunRecord]) -> dict[str, _RunProcess]:
        """Return the processes of these runs by run id. One query for each run that had recorded none before."""
        found = {}
        for record in records:
            run_id = record.dagster_run.run_id
            if process := self._processes.get(run_id) or _recorded_process(self.instance, run_id):
                found[run_id] = process
        self._processes = found
        return found

    def _fail(self, lost: Sequence[dg.RunRecord]) -> None:
        if failed := fail_orphaned_runs(self.instance, lost, StopReason.LOST):
            runs = "1 run has" if failed == 1 else f"{failed} runs have"
            self.log(f"{runs} no process any more and count as failed; Dagster retries them.")
        for record in lost:
            self._retries.add(record.dagster_run.run_id)

    def _log_once(self, error: str) -> None:
        if error != self._error:
            self.log(error or "Runs are monitored again.")
        self._error = error


def _recorded_process(instance: dg.DagsterInstance, run_id: str) -> _RunProcess | None:
    """Return the process in which Dagster says that it executes the run."""
    events = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT).records
    for event in reversed(events):
        pid = event.event_log_entry.get_dagster_event().engine_event_data.metadata.get("pid")
        if pid is not None:
            return _RunProcess(event.event_log_entry.timestamp, int(str(pid.value)))
    return None
