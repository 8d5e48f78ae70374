"""The processes of runs, forked from one that has imported everything.

Importing takes longer than all else that happens before the first step of a run. The process that is forked has no
threads, no connections and no open files: the code server itself, which has all of them, cannot be forked.
"""

import ctypes
import multiprocessing
import signal
import sys
from multiprocessing.context import ForkServerProcess
from multiprocessing.forkserver import ensure_running
from threading import Timer
from typing import Any

from bookbytes_pipeline.constants import LOCATION
from bookbytes_pipeline.garbage_collection import collect_only_new

PRELOADED = (
    LOCATION,
    "bookbytes_pipeline.processes.forked_runs",
    "bookbytes_pipeline.processes.provider_imports",
    "bookbytes_pipeline.providers.metadata.open_library",
    *("dagster._grpc.impl", "dagster._daemon", "dagster._core.instance.factory"),
    *("dagster._core.storage.root", "dagster._core.storage.sqlite_storage", "dagster._core.workspace.autodiscovery"),
    *("dagster._core.storage.local_compute_log_manager", "dagster._core.executor.in_process"),
    *("dagster._core.execution.plan.active", "dagster._core.utility_ops"),
    *("upath.implementations.local", "anyio._backends._asyncio"),
)
"""What a run needs before its first step, found with `sys.modules`. A name that is no more is left out.

None of it may start a thread: a fork has the thread's locks, but not it.
"""
START_DELAY_S = 10.0
"""The services that start together with the code server come first, unless a run is waiting."""
_PR_SET_PDEATHSIG = 1


class ForkedProcess(ForkServerProcess):
    """A process that dies with the one that it was forked from, which would tell nobody that it still works."""

    def run(self) -> None:
        """Call the function that this process is for."""
        collect_only_new()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        super().run()


def fork_spawned_processes() -> None:
    """Let what is to be spawned by this process be forked: Dagster's code server spawns the process of each run."""
    multiprocessing.set_forkserver_preload([*PRELOADED])
    spawning: Any = multiprocessing.get_context("spawn")  # Dagster gets the same object
    spawning.Process = ForkedProcess
    early_start = Timer(START_DELAY_S, ensure_running)
    early_start.daemon = True
    early_start.start()
