"""A book that is in progress while `bookbytes serve` stops."""

import os
import signal
from pathlib import Path

from tests.cli_runner import CHAPTERS, ISBN, in_process, online, providers
from tests.fakes.google_translate import GoogleTranslate
from tests.processes.served import on_free_ports, served, wait_for


def test_a_book_continues_after_a_stop_and_after_a_crash(tmp_path: Path) -> None:
    """Ctrl-C ends all within 30 seconds, SIGKILL at once; the next start continues, and nothing is paid for twice."""
    with providers(narrator=GoogleTranslate(latency=1.0)) as servers:
        env = on_free_ports(online(tmp_path, servers))
        assert in_process("isbn", "--add", ISBN, env=env).returncode == 0

        with served(env) as first:
            first.launch(ISBN)
            wait_for(lambda: servers.recordings and servers.writings >= len(CHAPTERS))
            stopped = first.stop()
            left_by_stop = first.processes()
        recordings_before = servers.recordings
        with served(env, ready="BookBytes is ready") as second:
            wait_for(lambda: servers.recordings > recordings_before)
            os.kill(second.process.pid, signal.SIGKILL)
            wait_for(lambda: not second.processes())
        with served(env) as third:
            wait_for(lambda: third.runs()[0]["status"] == "SUCCESS")
            [_, retry, original] = runs = third.runs()

    assert (0, []) == (stopped, left_by_stop)
    assert "Stopped while 1 book was being made." in first.printed
    assert ("FAILURE", "3") == (original["status"], original["tags"]["dagster/max_retries"])
    assert original["runId"] == retry["tags"]["dagster/parent_run_id"]
    assert ["SUCCESS", "FAILURE", "FAILURE"] == [run["status"] for run in runs]
    questions = [str(request["messages"]) for request in servers.model.requests]
    assert len(CHAPTERS) + 1 == len(questions) == len({*questions})
