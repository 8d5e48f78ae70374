"""What the log says of a request, and what it must never say."""

import json
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

PASSWORD = "a-password-that-nobody-may-read"  # noqa: S105 - so that it can be looked for
OTHER = "another-password-that-nobody-may-read"
KEY = "an-api-key-that-nobody-may-read"
SECRET = "a-signing-secret-that-nobody-may-read-" * 2
REGISTER, LOGIN, ME = "/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/me"


def test_each_request_has_two_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When it began and when it ended, with what and how long, under the id that the answer carries."""
    with serving_api(_verbose(tmp_path)) as api:
        answer = api.client.get("/schema/openapi.json?key=hidden", headers={"X-Request-ID": "number-1"})
    begun, ended = _lines(capsys.readouterr().out)

    asked = {"method": "GET", "path": "/schema/openapi.json", "request_id": "number-1", "level": "info"}
    assert answer.headers["X-Request-ID"] == "number-1"
    assert {"event": "request started", **asked} == _without_times(begun)
    assert {"event": "request ended", "status": 200, **asked} == _without_times(ended)
    assert 0 <= ended["seconds"] < 60


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/docs", 200), ("/api/v1/jobs", 401)])
def test_every_answer_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str, status: int) -> None:
    """Also one that no route gave."""
    with serving_api(_verbose(tmp_path)) as api:
        answer = api.client.get(path)
    lines = _lines(capsys.readouterr().out)

    assert status == answer.status_code
    assert [("request started", None), ("request ended", status)] == [
        (line["event"], line.get("status")) for line in lines
    ]
    assert {answer.headers["X-Request-ID"]} == {line["request_id"] for line in lines}


def test_a_request_does_not_write_into_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path with line ends, or with what a terminal obeys, is logged as it was sent."""
    with serving_api(_verbose(tmp_path)) as api:
        api.client.get("/a%0a%7B%22event%22:%22forged%22%7D%0d%0ab")
    lines = _lines(capsys.readouterr().out)

    assert ["request started", "request ended"] == [line["event"] for line in lines]
    assert "/a%0A%7B%22event%22%3A%22forged%22%7D%0D%0Ab" == lines[0]["path"]


def test_people_read_the_log_in_development(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a format of its own, development is for people and production for machines."""
    with serving_api(offline_settings(tmp_path, log_level="INFO")) as api:
        api.client.get("/docs")

    assert "request ended" in capsys.readouterr().out.splitlines()[-1]


def test_probes_are_only_told_to_who_asks_for_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They come every few seconds, and would bury what people do."""
    with serving_api(offline_settings(tmp_path, log_level="INFO", log_format="json")) as api:
        api.client.get("/health/live")
    quiet = capsys.readouterr().out
    with serving_api(_verbose(tmp_path)) as api:
        api.client.get("/health/live")

    assert quiet == ""
    assert ["debug", "debug"] == [line["level"] for line in _lines(capsys.readouterr().out)]


def test_what_is_below_the_level_is_not_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_LEVEL=WARNING leaves the requests out."""
    with serving_api(offline_settings(tmp_path, log_level="WARNING", log_format="json")) as api:
        api.client.get("/docs")

    assert capsys.readouterr().out == ""


def test_no_secret_is_ever_logged(tmp_path: Path) -> None:
    """A process that says all it can, of people who do all they can, names no password, token, or key."""
    with _process(tmp_path) as (client, log):
        tokens = _everything(client)
    told = log.read_text()
    lines = _lines(told)

    ended = [line for line in lines if line["event"] == "request ended"]
    assert {200, 201, 202, 400, 401, 409, 422, 429} <= {line["status"] for line in ended}
    assert all("request_id" in line for line in lines if line["event"].startswith("request "))
    for secret in (PASSWORD, OTHER, KEY, SECRET, *tokens, "Bearer", "$argon2"):
        assert secret not in told
    for part in tokens[0].split("."):
        assert part not in told


def _everything(client: httpx.Client) -> list[str]:
    """Sign up, log in, guess, forge, ask for a book, and fail at all of it; returns the tokens that were used."""
    known = {"email": "ada@example.org", "password": PASSWORD}
    client.post(REGISTER, json=known)
    client.post(REGISTER, json=known)
    client.post(REGISTER, json={"email": "bo@example.org", "password": PASSWORD * 5})
    client.post(REGISTER, json={"email": PASSWORD, "password": OTHER})
    token = str(client.post(LOGIN, json=known).json()["access_token"])
    client.post(LOGIN, data={"username": known["email"], "password": PASSWORD})
    client.post(LOGIN, content=f'{{"email": "ada@example.org", "password": "{OTHER}', headers={"Content-Type": "a/b"})
    client.post(LOGIN, content=f'{{"password": "{OTHER}', headers={"Content-Type": "application/json"})
    for _ in range(6):
        client.post(LOGIN, json={**known, "password": OTHER})
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
