"""What the processes of runs are forked from, without Dagster's server."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.api.client import wait_for
from tests.cli_runner import COMMANDS
from tests.proc import fork_server, run_processes

SPAWN = """
import multiprocessing, os, sys, time
from bookbytes_pipeline.processes.forked_runs import fork_spawned_processes

def run():
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    fork_spawned_processes()
    multiprocessing.get_context("spawn").Process(target=run).start()
    sys.stdin.read()
"""


class Spawning(NamedTuple):
    """A process, and the run that it has spawned."""

    pid: int
    run: int


@pytest.fixture(scope="module")
def spawning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spawning]:
    """A process that has spawned another as Dagster's code server does.

    The run says that it is there: what it is forked from has other children, too, while it imports.
    """
    program = tmp_path_factory.mktemp("spawning") / "program.py"
    program.write_text(SPAWN)
    command = [COMMANDS / "python", program]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True) as process:
        assert process.stdout
        yield Spawning(process.pid, int(process.stdout.readline()))
        os.killpg(process.pid, signal.SIGKILL)


def test_what_is_forked_has_no_threads(spawning: Spawning) -> None:
    """A fork has the locks of its parent's threads, but nobody who releases them."""
    server = fork_server(spawning.pid)

    assert [str(server)] == [task.name for task in Path(f"/proc/{server}/task").iterdir()]


def test_a_run_does_not_outlive_what_it_was_forked_from(spawning: Spawning) -> None:
    """Dagster would take the run for dead and have it done a second time."""
    server = fork_server(spawning.pid)
    assert server
    assert [spawning.run] == run_processes(spawning.pid)

    os.kill(server, signal.SIGKILL)

    wait_for(lambda: not Path(f"/proc/{spawning.run}/exe").exists())
