"""Whether the process is alive, and whether it is ready to work."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from threading import enumerate as running_threads
from typing import Any

import httpx
import pytest

from tests.api.client import Api, offline_settings, serving_api, wait_for
from tests.dagster_stack.dagster import running_dagster

CODE_SERVER_DOWN = "Dagster's code server does not answer"
TIMED_OUT = "There was no answer within 2 seconds."


@contextmanager
def _silent_server() -> Iterator[int]:
    """The port of a server that accepts connections and never responds."""
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connections.append(server.accept()[0])
                except OSError:
                    return

        thread = Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in connections:
                connection.close()


def _checks(home: Path, database_url: str | None = None, **more: Any) -> tuple[int, str, dict[str, str]]:
    with serving_api(offline_settings(home, database_url, **more)) as api:
        answer = api.readiness()
    return answer.status_code, answer.json()["status"], answer.json()["checks"]


def test_a_process_that_responds_is_alive(api: Api) -> None:
    """Whatever else is wrong, and without a token."""
    answer = api.client.get("/health/live")

    assert (200, {"status": "ok"}) == (answer.status_code, answer.json())


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_monitors_may_send_head(api: Api, path: str) -> None:
    """The status is that of GET, and there is no body."""
    whole, head = api.client.get(path), api.client.head(path)

    assert (whole.status_code, b"") == (head.status_code, head.content)
    assert whole.headers["Content-Type"] == head.headers["Content-Type"]


def test_it_is_ready_with_everything_in_place(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Database, Dagster with its code server, and store; and no longer when one is down.

    Only Dagster's own code server is there, which leaves runs unmonitored.
    """
    monkeypatch.delenv("DAGSTER_HOME")
    with running_dagster(tmp_path, database_url) as dagster, serving_api(dagster.settings) as api:
        ready = wait_for(partial(_ready_response, api))  # services that have just started respond slowly at first
        dagster.kill("code server")
        later = api.readiness()

    assert (200, "impaired") == (ready.status_code, ready.json()["status"])
    checks = ready.json()["checks"]
    unmonitored = checks.pop("run_monitor")
    assert {"database": "ok", "dagster": "ok", "storage": "ok", "disk": "ok"} == checks
    assert unmonitored.startswith("Runs are to be monitored by the code server at 127.0.0.1:")
    assert (503, "unavailable") == (later.status_code, later.json()["status"])
    assert later.json()["checks"]["dagster"].startswith(CODE_SERVER_DOWN)


def _ready_response(api: Api) -> httpx.Response | None:
    answer = api.client.get("/health/ready")
    return answer if answer.is_success else None


def test_a_missing_code_server_is_named(tmp_path: Path) -> None:
    """No runs can be launched; the library is still available."""
    status, word, checks = _checks(tmp_path)

    assert (503, "unavailable") == (status, word)
    assert {"database", "dagster", "storage", "run_monitor", "disk"} == set(checks)
    assert ("ok", "ok") == (checks["database"], checks["storage"])
    assert checks["dagster"].startswith(CODE_SERVER_DOWN)


def test_a_missing_database_is_named(tmp_path: Path) -> None:
    """With its address, and without its password."""
    status, _, checks = _checks(tmp_path, "postgresql+psycopg://reader:geheim@127.0.0.1:1/library")

    assert status == 503
    assert "reader:***@127.0.0.1:1/library cannot be used" in checks["database"]
    assert "geheim" not in str(checks)


def test_a_missing_store_is_named(tmp_path: Path) -> None:
    """With its path and the reason."""
    (tmp_path / "file").touch()
    status, _, checks = _checks(tmp_path, local_storage_path=tmp_path / "file" / "store")

    assert status == 503
    assert f"The store cannot use {tmp_path}/file/store: Not a directory." in checks["storage"]


def test_a_silent_database_does_not_delay_the_response(tmp_path: Path) -> None:
    """Its own timeout may be longer; the response comes in time, and the other checks are not affected."""
    with ExitStack() as later, _silent_server() as port:
        url = f"postgresql+psycopg://reader:geheim@127.0.0.1:{port}/library"
        api = later.enter_context(serving_api(offline_settings(tmp_path, url)))
        answer = wait_for(lambda: (now := api.client.get("/health/ready")).json()["checks"]["storage"] == "ok" and now)

    assert (503, TIMED_OUT) == (answer.status_code, answer.json()["checks"]["database"])


def test_a_silent_code_server_blocks_one_thread(tmp_path: Path) -> None:
    """However often readiness is requested, only one thread waits for it; the others serve requests."""
    before = set(running_threads())
    with ExitStack() as later, _silent_server() as port:
        api = later.enter_context(serving_api(offline_settings(tmp_path, dagster_grpc_port=port)))
        reported = [api.readiness().json()["checks"] for _ in range(2)]
        waiting = [thread for thread in running_threads() if thread.name.startswith("health-dagster")]

    assert all(checks["dagster"].startswith(CODE_SERVER_DOWN) for checks in reported)
    assert [("ok", "ok")] * 2 == [(checks["database"], checks["storage"]) for checks in reported]
    assert len(set(waiting) - before) == 1


def test_a_disk_that_is_almost_full_is_named(tmp_path: Path) -> None:
    """A warning: everything works, and no other replica would do better."""
    _, _, checks = _checks(tmp_path, min_free_disk_mb=10_000_000)

    assert "MB are free for " in checks["disk"]
    assert "MIN_FREE_DISK_MB says when to warn." in checks["disk"]
    assert "ok" == checks["storage"]
