"""What is logged about a request, and what must never be logged."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookbytes_pipeline.settings import Settings
from tests.api.client import answers, free_port, offline_settings, serving_api, wait_for
from tests.cli_runner import offline

PASSWORD = "a-password-that-nobody-may-read"  # noqa: S105 - so that the test can search for it
OTHER = "another-password-that-nobody-may-read"
KEY = "an-api-key-that-nobody-may-read"
SECRET = "a-signing-secret-that-nobody-may-read-" * 2
REGISTER, LOGIN, ME = "/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/me"


def test_each_request_has_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At its end, with status and duration, and with the request id of the response; its start is for debugging."""
    with serving_api(_verbose(tmp_path)) as api:
        answer = api.client.get("/schema/openapi.json?key=hidden", headers={"X-Request-ID": "number-1"})
    start, end = _lines(capsys.readouterr().out)

    common = {"method": "GET", "path": "/schema/openapi.json", "request_id": "number-1"}
    assert answer.headers["X-Request-ID"] == "number-1"
    assert {"event": "request started", "level": "debug", **common} == _without_times(start)
    assert {"event": "request ended", "level": "info", "status": 200, **common} == _without_times(end)
    assert 0 <= end["seconds"] < 60


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/docs", 200), ("/api/v1/jobs", 401)])
def test_every_response_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str, status: int) -> None:
    """Also if no route matched."""
    with serving_api(_verbose(tmp_path)) as api:
        answer = api.client.get(path)
    lines = _lines(capsys.readouterr().out)

    assert status == answer.status_code
    assert [("request started", None), ("request ended", status)] == [
        (line["event"], line.get("status")) for line in lines
    ]
    assert {answer.headers["X-Request-ID"]} == {line["request_id"] for line in lines}


def test_a_request_cannot_forge_log_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path with line ends or other control characters is logged as it was sent, percent-encoded."""
    with serving_api(_verbose(tmp_path)) as api:
        api.client.get("/a%0a%7B%22event%22:%22forged%22%7D%0d%0ab")
    lines = _lines(capsys.readouterr().out)

    assert ["request started", "request ended"] == [line["event"] for line in lines]
    assert "/a%0A%7B%22event%22%3A%22forged%22%7D%0D%0Ab" == lines[0]["path"]


def test_the_log_is_readable_in_development(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless a format is set, it is text in development and JSON in production. A request is one line."""
    with serving_api(offline_settings(tmp_path, log_level="INFO")) as api:
        api.client.get("/docs")

    (line,) = capsys.readouterr().out.splitlines()
    assert "request ended" in line


def test_probes_are_only_logged_at_debug_level(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They come every few seconds, and would bury the requests of users."""
    with serving_api(offline_settings(tmp_path, log_level="INFO", log_format="json")) as api:
        api.client.get("/health/live")
    quiet = capsys.readouterr().out
    with serving_api(_verbose(tmp_path)) as api:
        api.client.get("/health/live")

    assert quiet == ""
    assert ["debug", "debug"] == [line["level"] for line in _lines(capsys.readouterr().out)]


def test_lines_below_the_level_are_not_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_LEVEL=WARNING omits the requests."""
    with serving_api(offline_settings(tmp_path, log_level="WARNING", log_format="json")) as api:
        api.client.get("/docs")

    assert capsys.readouterr().out == ""


def test_no_secret_is_ever_logged(tmp_path: Path) -> None:
    """At the most verbose level, and whatever users send, no password, token or key is logged."""
    with _process(tmp_path) as (client, log):
        tokens = _send_all_kinds_of_requests(client)
    output = log.read_text()
    lines = _lines(output)

    ended = [line for line in lines if line["event"] == "request ended"]
    assert {200, 201, 202, 400, 401, 409, 422, 429} <= {line["status"] for line in ended}
    assert all("request_id" in line for line in lines if line["event"].startswith("request "))
    for secret in (PASSWORD, OTHER, KEY, SECRET, *tokens, "Bearer", "$argon2"):
        assert secret not in output
    for part in tokens[0].split("."):
        assert part not in output


def test_a_log_that_nobody_reads_stops_nothing(tmp_path: Path) -> None:
    """Where a log shipper hangs, requests are answered all the same, and SIGTERM ends the process."""
    port = free_port()
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "bookbytes_api"],
        env=offline(tmp_path, LOG_FORMAT="json", PORT=str(port), DAGSTER_GRPC_PORT="1"),
        stdout=writing,
        stderr=writing,
    )
    os.close(writing)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            wait_for(lambda: answers(client))
            statuses = {client.get(f"/{'x' * 4000}").status_code for _ in range(60)}
        process.terminate()
        code = process.wait(60)
    finally:
        process.kill()
        process.wait()
        os.close(reading)

    assert ({404}, 0) == (statuses, code)


def _send_all_kinds_of_requests(client: httpx.Client) -> list[str]:
    """Register, log in, guess, forge, request a book, and fail at all of it; returns the tokens that were used."""
    credentials = {"email": "ada@example.org", "password": PASSWORD}
    client.post(REGISTER, json=credentials)
    client.post(REGISTER, json=credentials)
    client.post(REGISTER, json={"email": "bo@example.org", "password": PASSWORD * 5})
    client.post(REGISTER, json={"email": PASSWORD, "password": OTHER})
    token = str(client.post(LOGIN, json=credentials).json()["access_token"])
    client.post(LOGIN, data={"username": credentials["email"], "password": PASSWORD})
    client.post(LOGIN, content=f'{{"email": "ada@example.org", "password": "{OTHER}', headers={"Content-Type": "a/b"})
    client.post(LOGIN, content=f'{{"password": "{OTHER}', headers={"Content-Type": "application/json"})
    for _ in range(6):
        client.post(LOGIN, json={**credentials, "password": OTHER})
    forged = f"{token[:-3]}abc"
    client.get(ME, params={"token": token, "password": PASSWORD}, headers={"Authorization": f"Bearer {token}"})
    client.get(ME, headers={"Authorization": f"Bearer {forged}", "Cookie": f"token={token}"})
    client.get(ME, headers={"Authorization": f"Basic {PASSWORD}"})
    client.get(ME, headers={"X-API-Key": KEY})
    client.get(ME, headers={"X-API-Key": f"{KEY}x"})
    client.post("/api/v1/books/process", json={"isbn": "9780306406157"}, headers={"X-API-Key": KEY})
    client.get("/health/ready")
    return [token, forged]


@contextmanager
def _process(home: Path) -> Iterator[tuple[httpx.Client, Path]]:
    """The API as it is started in production, and its log, complete once the block has ended."""
    port, log = free_port(), home / "log"
    chosen = {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG", "DEBUG": "true", "PORT": str(port), "DAGSTER_GRPC_PORT": "1"}
    secrets = {"AUTH_MODE": "api_key", "API_KEY": KEY, "JWT_SECRET_KEY": SECRET}
    with log.open("wb") as output:
        command = [sys.executable, "-m", "bookbytes_api"]
        process = subprocess.Popen(
            command, env=offline(home, **chosen, **secrets), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                wait_for(lambda: answers(client))
                yield client, log
        finally:
            process.terminate()
            process.wait(60)


def _verbose(home: Path) -> Settings:
    return offline_settings(home, log_level="DEBUG", log_format="json")


def _lines(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


def _without_times(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in {"timestamp", "seconds"}}
