"""What the processes of runs are forked from, without Dagster's server."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.client import wait_for
from tests.cli_runner import COMMANDS
from tests.proc import fork_server, run_processes

SPAWN = """
import multiprocessing, sys, time
from bookbytes_pipeline.processes.forked_runs import fork_spawned_processes

if __name__ == "__main__":
    fork_spawned_processes()
    multiprocessing.get_context("spawn").Process(target=time.sleep, args=[600]).start()
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def spawning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A process that has spawned another as Dagster's code server does."""
    program = tmp_path_factory.mktemp("spawning") / "program.py"
    program.write_text(SPAWN)
    command = [COMMANDS / "python", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        wait_for(lambda: run_processes(process.pid))
        yield process.pid
        os.killpg(process.pid, signal.SIGKILL)


def test_what_is_forked_has_no_threads(spawning: int) -> None:
    """A fork has the locks of its parent's threads, but nobody who releases them."""
    server = fork_server(spawning)

    assert [str(server)] == [task.name for task in Path(f"/proc/{server}/task").iterdir()]


def test_a_run_does_not_outlive_what_it_was_forked_from(spawning: int) -> None:
    """Dagster would take the run for dead and have it done a second time."""
    server, [run] = fork_server(spawning), run_processes(spawning)
    assert server

    os.kill(server, signal.SIGKILL)

    wait_for(lambda: not Path(f"/proc/{run}/exe").exists())
