"""One command that serves everything, and one Ctrl-C that ends it."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli_runner import offline
from tests.processes.served import COMMAND, Served, on_free_ports, served, wait_for


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One that is ready."""
    with served(on_free_ports(offline(tmp_path_factory.mktemp("home")))) as one:
        yield one


def test_it_is_ready_when_it_says_so(running: Served) -> None:
    """Once the three addresses are printed, the API answers and the UI shows the code and a daemon at work."""
    api, ui = running.env["PORT"], running.env["DAGSTER_UI_PORT"]
    health = "{ instance { daemonHealth { allDaemonStatuses { required healthy } } } }"
    locations = "{ workspaceOrError { ... on Workspace { locationEntries { loadStatus } } } }"

    daemons = running.ask(health)["instance"]["daemonHealth"]["allDaemonStatuses"]
    loaded = running.ask(locations)["workspaceOrError"]["locationEntries"]

    assert [
        "Starting BookBytes ...",
        "BookBytes is ready. Ctrl-C stops it.",
        f"  API         http://127.0.0.1:{api}",
        f"  API docs    http://127.0.0.1:{api}/docs",
        f"  Dagster UI  http://127.0.0.1:{ui}",
    ] == [line for line in running.printed.splitlines() if line.startswith(("Starting", "Book", "  "))]
    assert (200, 200) == (running.api("/health/ready"), running.api("/docs"))
    assert [{"loadStatus": "LOADED"}] == loaded
    assert {True} == {daemon["healthy"] for daemon in daemons if daemon["required"]}


def test_a_home_is_served_once(running: Served) -> None:
    """A second one says that there is a first."""
    second = subprocess.run(COMMAND, env=on_free_ports(running.env), capture_output=True, text=True, check=False)

    home = running.env["BOOKBYTES_HOME"]
    assert (1, f"bookbytes: BookBytes is being served from {home} already. Stop it there first.\n") == (
        second.returncode,
        second.stderr,
    )


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """Nothing is started; the sentence names the port and the setting. A code server would share the port silently."""
    env = on_free_ports(offline(tmp_path))
    with socket.create_server(("127.0.0.1", int(env["DAGSTER_GRPC_PORT"])), reuse_port=True):
        run = subprocess.run(COMMAND, env=env, capture_output=True, text=True, check=False)

    assert (1, "") == (run.returncode, run.stdout)
    assert f"Port {env['DAGSTER_GRPC_PORT']} is in use already" in run.stderr
    assert "set DAGSTER_GRPC_PORT" in run.stderr


def test_a_part_that_dies_is_started_again_and_given_up_in_the_end(running: Served) -> None:
    """The API comes back by itself; when it dies four times within a minute, everything ends and says why."""
    _kill_api(running)
    wait_for(lambda: running.processes("-m bookbytes_api"))
    wait_for(lambda: _answers(running))
    while running.process.poll() is None:
        _kill_api(running)

    assert 1 == running.wait()
    assert 3 == running.printed.count("The API ended with SIGKILL and is started again. Its log: ")
    assert "bookbytes: The API ended 4 times within a minute, at last with SIGKILL. Its log is " in running.printed
    assert [] == running.processes()


def _kill_api(running: Served) -> None:
    pids = wait_for(lambda: running.processes("-m bookbytes_api") or [0] * (running.process.poll() is not None))
    for pid in filter(None, pids):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not set(pids) & set(running.processes("-m bookbytes_api")))


def _answers(running: Served) -> bool:
    try:
        return running.api("/health/live") == 200
    except OSError:
        return False
