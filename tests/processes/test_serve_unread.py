"""`bookbytes serve` while nobody reads what it prints."""

import os
import pty
import subprocess
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.cli_runner import offline
from tests.processes.served import COMMAND, Served, on_free_ports, wait_for

CTRL_S, CTRL_Q = b"\x13", b"\x11"
REQUESTS = 60
LONG = "x" * 4000
"""So long a path that some lines fill every pipe on their way."""


def test_it_serves_and_stops_although_nobody_reads(tmp_path: Path) -> None:
    """Its stdout is a closed pipe, which it reports on stderr; that is a terminal under Ctrl-S, which loses no line."""
    person, terminal = pty.openpty()
    reading, writing = os.pipe()
    os.close(reading)
    os.write(person, CTRL_S)
    env = on_free_ports(offline(tmp_path))
    process = subprocess.Popen(COMMAND, env=env, stdout=writing, stderr=terminal, start_new_session=True)
    running = Served(process, tmp_path / "unused", env)
    try:
        wait_for(lambda: process.poll() is not None or _is_ready(running))
        statuses = {running.api(f"/health/live?{number}") for number in range(3)}
        for number in range(REQUESTS):
            _ask(running, f"/{LONG}{number}.")
        os.write(person, CTRL_Q)
        shown = _read(person, f"x{REQUESTS - 1}.")
        os.write(person, CTRL_S)
        for number in range(REQUESTS):
            _ask(running, f"/{LONG}{number}.")
        code = running.stop()
        left = running.processes()
    finally:
        process.kill()
        process.wait()
        for end in (person, terminal, writing):
            os.close(end)

    assert ({200}, 0, []) == (statuses, code, left)
    assert "Nothing reads the standard output any more (Broken pipe); BookBytes goes on without it." in shown
    assert [1] * REQUESTS == [shown.count(f"x{number}.") for number in range(REQUESTS)]


def _is_ready(running: Served) -> bool:
    try:
        return running.api("/health/ready") == 200
    except OSError:
        return False


def _ask(running: Served, path: str) -> None:
    with pytest.raises(HTTPError, match="404"):
        running.api(path)


def _read(fd: int, end: str) -> str:
    parts = [os.read(fd, 65_536)]
    while end.encode() not in b"".join(parts[-2:]):
        parts.append(os.read(fd, 65_536))
    return b"".join(parts).decode()
