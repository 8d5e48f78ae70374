"""Clients generated from the OpenAPI document, as docs/how-to/generate-a-client.md says."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from shutil import which
from typing import Any

import pytest

from bookbytes_pipeline.sample.epub import SAMPLE_ISBN
from tests.api.client import Api, offline_settings, serving_live
from tests.api.factories import RIVERS, SOUND, publish_book
from tests.cli_runner import COMMANDS
from tests.doc_blocks import blocks

PAGE = "docs/how-to/generate-a-client.md"
PACKAGES = ["--package=openapi-typescript@7", "--package=typescript@5"]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API on a port, with the sample book in its library."""
    with serving_live(offline_settings(tmp_path_factory.mktemp("home"))) as running:
        publish_book(running.settings, replace(RIVERS, isbn=SAMPLE_ISBN))
        yield running


@pytest.fixture(scope="module")
def folder(live: Api, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the document and with the generator's configuration."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_bytes(live.client.get("/schema/openapi.json").content)
    (folder / "client.yaml").write_text(blocks(PAGE, "yaml")[0])
    return folder


@pytest.fixture(scope="module")
def python_client(folder: Path) -> Iterator[Path]:
    """The folder with a client in Python, which can be imported until the tests of this file end."""
    with pytest.MonkeyPatch.context() as patch:
        _fetch, generate = blocks(PAGE, "sh")[0].splitlines()
        name, *arguments = generate.split()
        subprocess.run([COMMANDS / name, *arguments, "--fail-on-warning"], cwd=folder, check=True)
        patch.syspath_prepend(folder)
        yield folder


def test_a_python_client_has_everything(python_client: Path) -> None:
    """Nothing is left out with a warning, and each of its modules can be imported."""
    package = import_module("bookbytes_client")
    modules = [module.name for module in walk_packages(package.__path__, "bookbytes_client.")]
    operations = [name.rpartition(".")[2] for name in modules if name.count(".") == 3]
    document = json.loads((python_client / "openapi.json").read_text())
    ids = {operation["operationId"] for item in document["paths"].values() for operation in item.values()}

    assert all(map(import_module, modules))
    assert ids == set(operations)


def test_a_python_client_requests_and_plays_a_book(
    live: Api, python_client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program registers, logs in, requests a book, waits for it, lists its chapters and saves their clips."""
    monkeypatch.chdir(python_client)
    program = blocks(PAGE, "python")[0].replace("http://127.0.0.1:8000", str(live.client.base_url).rstrip("/"))
    names: dict[str, object] = {}
    exec(program, names)  # noqa: S102 - the page is ours
    clips = {path.name: path.read_bytes() for path in python_client.glob("*.mp3")}

    assert {"01.mp3": SOUND, "03.mp3": SOUND[::-1]} == clips
    assert "completed" == names["state"].status


def test_a_python_client_reads_streams_and_errors(live: Api, python_client: Path) -> None:
    """An event stream is text, and an error has its code."""
    assert python_client
    token = live.user("eve").headers["Authorization"].removeprefix("Bearer ")
    wanted = import_module("bookbytes_client.models").ProcessBookRequest(SAMPLE_ISBN)
    with import_module("bookbytes_client").AuthenticatedClient(str(live.client.base_url), token) as client:
        job = _operation("jobs.process_book").sync(client=client, body=wanted)
        events = _operation("jobs.stream_job_events").sync(job.job_id, client=client)
        refused = _operation("jobs.cancel_job").sync(job.job_id, client=client)

    assert "event: end" in events
    assert "JOB_FINISHED" == refused.error.code


@pytest.mark.skipif(which("npx") is None, reason="Node is not on this machine: there is no npx")
def test_typescript_types_are_strict(folder: Path) -> None:
    """They are generated without an error, and the compiler accepts them and a program that uses them."""
    (folder / "client.ts").write_text(blocks(PAGE, "ts")[0])
    command = blocks(PAGE, "sh")[1].strip().removeprefix("npx ")
    done = _npx(f"{command} && tsc --strict --noEmit --target es2022 schema.ts client.ts", folder)
    if re.search(r"npm (error|ERR!) code E", done.stderr):
        pytest.skip("npm has no copy of openapi-typescript and TypeScript, and cannot fetch them")

    assert 0 == done.returncode, done.stdout + done.stderr


def _operation(name: str) -> Any:
    return import_module(f"bookbytes_client.api.{name}")


def _npx(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    npx = [
        "npx",
        "--yes",
        "--prefer-offline",
        "--fetch-retries=0",
        "--fetch-timeout=30000",
        *PACKAGES,
        "--call",
        command,
    ]
    return subprocess.run(npx, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
