"""Whether the process lives, and whether it can do its work."""

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

AWAY = "Dagster's code server does not answer"
SILENCE = "There was no answer within 2 seconds."


@contextmanager
def _silence() -> Iterator[int]:
    """The port of a server that takes connections and never says anything."""
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
        answer = api.client.get("/health/ready")
    return answer.status_code, answer.json()["status"], answer.json()["checks"]


def test_a_process_that_answers_lives(api: Api) -> None:
    """Whatever else is the matter, and without a token."""
    answer = api.client.get("/health/live")

    assert (200, {"status": "ok"}) == (answer.status_code, answer.json())


def test_it_is_ready_with_everything_in_place(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Database, Dagster with its code server, and store; and not any more when one is gone."""
    monkeypatch.delenv("DAGSTER_HOME")
    with running_dagster(tmp_path, database_url) as dagster, serving_api(dagster.settings) as api:
        ready = wait_for(partial(_if_ready, api))  # the first answers of parts that have just started take their time
        dagster.kill("code server")
        later = api.client.get("/health/ready")

    assert (200, "ok") == (ready.status_code, ready.json()["status"])
    assert {"database": "ok", "dagster": "ok", "storage": "ok"} == ready.json()["checks"]
    assert (503, "unavailable") == (later.status_code, later.json()["status"])
    assert later.json()["checks"]["dagster"].startswith(AWAY)


def _if_ready(api: Api) -> httpx.Response | None:
    answer = api.client.get("/health/ready")
    return answer if answer.is_success else None


def test_a_missing_code_server_is_named(tmp_path: Path) -> None:
    """Nothing could be made; the library can be heard all the same."""
    status, word, checks = _checks(tmp_path)

    assert (503, "unavailable") == (status, word)
    assert {"database", "dagster", "storage"} == set(checks)
    assert ("ok", "ok") == (checks["database"], checks["storage"])
    assert checks["dagster"].startswith(AWAY)


def test_a_missing_database_is_named(tmp_path: Path) -> None:
    """With its address, and without its password."""
    status, _, checks = _checks(tmp_path, "postgresql+psycopg://reader:geheim@127.0.0.1:1/library")

    assert status == 503
    assert "reader:***@127.0.0.1:1/library cannot be used" in checks["database"]
    assert "geheim" not in str(checks)


def test_a_missing_store_is_named(tmp_path: Path) -> None:
    """With its place, and with what to look at."""
    (tmp_path / "file").touch()
    status, _, checks = _checks(tmp_path, local_storage_path=tmp_path / "file" / "store")

    assert status == 503
    assert f"The store cannot use {tmp_path}/file/store: Not a directory." in checks["storage"]


def test_a_silent_database_is_not_waited_for(tmp_path: Path) -> None:
    """It may take longer to give up; the answer does not, nor do the other checks suffer."""
    with ExitStack() as later, _silence() as port:
        url = f"postgresql+psycopg://reader:geheim@127.0.0.1:{port}/library"
        api = later.enter_context(serving_api(offline_settings(tmp_path, url)))
        answer = api.client.get("/health/ready")

    checks = answer.json()["checks"]
    assert (503, SILENCE, "ok") == (answer.status_code, checks["database"], checks["storage"])


def test_a_silent_code_server_stops_nothing_else(tmp_path: Path) -> None:
    """However often somebody asks whether it is back, only one thread waits for it; the others answer requests."""
    before = set(running_threads())
    with ExitStack() as later, _silence() as port:
        api = later.enter_context(serving_api(offline_settings(tmp_path, dagster_grpc_port=port)))
        found = [api.client.get("/health/ready").json()["checks"] for _ in range(2)]
        waiting = [thread for thread in running_threads() if thread.name.startswith("health-dagster")]

    assert all(checks["dagster"].startswith(AWAY) for checks in found)
    assert [("ok", "ok")] * 2 == [(checks["database"], checks["storage"]) for checks in found]
    assert len(set(waiting) - before) == 1
