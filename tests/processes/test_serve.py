"""`bookbytes serve` starts everything, and reports it."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli_runner import ISBN, ODD_NAME, bookbytes, offline
from tests.fakes.proxy import RefusingProxy, refusing_proxy
from tests.processes.served import COMMAND, Served, on_free_ports, served, wait_for


@pytest.fixture(scope="module")
def proxy() -> Iterator[RefusingProxy]:
    """The proxy of an office that lets nothing through."""
    with refusing_proxy() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, proxy: RefusingProxy) -> Iterator[Served]:
    """A `bookbytes serve` that is ready, at an odd path and in an environment that sends everything by the proxy."""
    with served(on_free_ports(offline(tmp_path_factory.mktemp("home") / ODD_NAME, **proxy.env))) as running:
        yield running


def test_it_is_ready_when_it_reports_so(running: Served) -> None:
    """The three addresses are printed before the UI is ready; then it shows the code and a running daemon."""
    api, ui = running.env["PORT"], running.env["DAGSTER_UI_PORT"]
    health = "{ instance { daemonHealth { allDaemonStatuses { required healthy } } } }"
    locations = "{ workspaceOrError { ... on Workspace { locationEntries { loadStatus } } } }"

    daemons = running.graphql(health)["instance"]["daemonHealth"]["allDaemonStatuses"]
    loaded = running.graphql(locations)["workspaceOrError"]["locationEntries"]

    lines = running.printed.splitlines()
    ready = [line for line in lines if line.endswith(" of 4).")]
    assert [f"({number} of 4)." for number in range(1, 5)] == [line.partition(" is ready ")[2] for line in ready]
    assert [
        "Starting BookBytes ...",
        "BookBytes is ready. Ctrl-C stops it.",
        f"  Listen at   http://127.0.0.1:{api}",
        f"  API docs    http://127.0.0.1:{api}/docs",
        f"  Dagster UI  http://127.0.0.1:{ui}",
    ] == [line for line in lines if line.startswith(("Starting", "Book", "  "))]
    assert ["The Dagster UI is ready (4 of 4)."] == lines[lines.index(f"  Dagster UI  http://127.0.0.1:{ui}") + 1 :][:1]
    assert (200, 200) == (running.api("/health/ready"), running.api("/docs"))
    assert [{"loadStatus": "LOADED"}] == loaded
    assert {True} == {daemon["healthy"] for daemon in daemons if daemon["required"]}


def test_nothing_of_its_own_goes_by_a_proxy(running: Served, proxy: RefusingProxy) -> None:
    """Neither the parts that `serve` starts, nor a command that talks to them."""
    doctor = bookbytes("doctor", env=running.env)
    submit = bookbytes("submit", ISBN, env=running.env)

    assert (0, 0) == (doctor.returncode, submit.returncode), doctor.stdout + submit.stderr
    assert wait_for(lambda: [run for run in running.runs() if run["status"] == "FAILURE"])  # offline and without a text
    assert [] == proxy.targets


def test_a_home_is_served_by_one_process(running: Served) -> None:
    """A second one is refused with the reason."""
    second = subprocess.run(COMMAND, env=on_free_ports(running.env), capture_output=True, text=True, check=False)

    home = running.env["BOOKBYTES_HOME"]
    assert (1, f"bookbytes: BookBytes is already being served from {home}. Stop that one first.\n") == (
        second.returncode,
        second.stderr,
    )


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """Nothing is started; the sentence names the port and the setting. A code server would share the port silently."""
    env = on_free_ports(offline(tmp_path))
    with socket.create_server(("127.0.0.1", int(env["DAGSTER_GRPC_PORT"])), reuse_port=True):
        run = subprocess.run(COMMAND, env=env, capture_output=True, text=True, check=False)

    assert (1, "") == (run.returncode, run.stdout)
    assert f"Port {env['DAGSTER_GRPC_PORT']} is in use already" in run.stderr
    assert "set DAGSTER_GRPC_PORT" in run.stderr


def test_a_service_that_crashes_is_restarted(running: Served) -> None:
    """The API comes back by itself, and the terminal reports it."""
    _kill_api(running)
    wait_for(lambda: running.processes("-m bookbytes_api"))
    wait_for(lambda: _is_live(running))

    assert "The API ended with SIGKILL; restarting it. Its log: " in running.printed


def _kill_api(running: Served) -> None:
    pids = wait_for(lambda: running.processes("-m bookbytes_api"))
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not set(pids) & set(running.processes("-m bookbytes_api")))


def _is_live(running: Served) -> bool:
    try:
        return running.api("/health/live") == 200
    except OSError:
        return False
