"""The same book through Dagster's own commands: `dg launch`, and the server of `dg dev` behind its UI."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from bookbytes_pipeline.constants import ASSET_NAMES, JOB, LOCATION
from bookbytes_pipeline.sample.epub import SAMPLE_ISBN, sample_epub
from tests.api.client import free_port
from tests.cli_runner import COMMANDS, ISBN, command, in_process, offline
from tests.processes.served import LAUNCH, wait_for

ROOT = Path(__file__).parents[2]
STATUS = "query($run: ID!) { runOrError(runId: $run) { ... on Run { status stepStats { stepKey status } } } }"

LINEAGE = """query($keys: [AssetKeyInput!]!) { assetNodes(assetKeys: $keys) {
  assetKey { path } partitionStats { numFailed }
  assetChecksOrError { ... on AssetChecks { checks { executionForLatestMaterialization { status } } } }
} }"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the sample book is attached and has a partition, but no results yet."""
    home = tmp_path_factory.mktemp("home")
    (home / "sample.epub").write_bytes(sample_epub())
    for step in (("attach", SAMPLE_ISBN, home / "sample.epub"), ("isbn", "--add", SAMPLE_ISBN)):
        assert in_process(*step, env=offline(home)).returncode == 0
    return home


@pytest.fixture(scope="module")
def graphql(home: Path) -> Iterator[Any]:
    """What queries the GraphQL API of `dg dev` in this home."""
    with _dg_dev(home) as query:
        yield query


def test_dg_launch_processes_the_book(home: Path) -> None:
    """`dg launch` needs nothing but the job and the partition: pyproject.toml says where the definitions are."""
    run = command("dg", "launch", "--job", JOB, "--partition", SAMPLE_ISBN, env=_with_dagster(home), cwd=ROOT)

    assert run.returncode == 0, run.stderr[-3000:]
    assert in_process("show", SAMPLE_ISBN, env=offline(home)).stdout.count("full text") == 8


@pytest.mark.parametrize(
    "run_by", [("dagster", "asset", "materialize", "-m", LOCATION, "--select"), ("dg", "launch", "--assets")]
)
def test_a_command_without_its_home_says_which_one_it_needs(home: Path, run_by: tuple[str, ...]) -> None:
    """Dagster would use a temporary instance, and end in a traceback that does not name it."""
    name, *arguments = run_by
    run = command(name, *arguments, "book_metadata", "--partition", SAMPLE_ISBN, env=offline(home), cwd=ROOT)

    assert 1 == run.returncode
    assert (
        f"DAGSTER_HOME is not set, so this command knows no ISBN. Run it again after: export DAGSTER_HOME={home}"
        in run.stderr
    )
    assert "Traceback" not in run.stderr


def test_one_asset_of_one_book_is_rerun_from_the_ui(graphql: Any) -> None:
    """`dg dev` loads the location, queues what the UI requests, with the config of the asset, and runs it."""
    params = {
        "selector": {
            "repositoryLocationName": LOCATION,
            "repositoryName": "__repository__",
            "pipelineName": JOB,
            "assetSelection": [{"path": ["chapter_list"]}],
        },
        "mode": "default",
        "runConfigData": {"ops": {"chapter_list": {"config": {"force": True}}}},
        "executionMetadata": {"tags": [{"key": "dagster/partition", "value": SAMPLE_ISBN}]},
    }
    launched = graphql(LAUNCH, {"params": params})["launchPipelineExecution"]
    ended = wait_for(lambda: _ended(graphql, launched["run"]["runId"]))

    assert {"status": "SUCCESS", "stepStats": [{"stepKey": "chapter_list", "status": "SUCCESS"}]} == ended


def test_a_book_that_failed_makes_all_assets_red_until_it_is_removed(home: Path, graphql: Any) -> None:
    """By their partitions and by their checks, which the lineage goes by, although another book has succeeded."""
    assert in_process("process", ISBN, env=offline(home)).returncode == 1
    failed = _lineage(graphql)
    assert in_process("isbn", "--remove", ISBN, env=offline(home)).returncode == 0
    removed = _lineage(graphql)

    assert [{"EXECUTION_FAILED"}] * 6 + [set()] == [checks for _, checks in failed]
    assert not [checks for _, checks in removed if "EXECUTION_FAILED" in checks]
    assert [number - 1 for number, _ in failed] == [number for number, _ in removed]


def _with_dagster(home: Path) -> dict[str, str]:
    return offline(home, SUMMARY_MINUTES="1") | {"DAGSTER_HOME": str(home / "dagster")}


def _lineage(graphql: Any) -> list[tuple[int, set[str | None]]]:
    """How many partitions of each asset failed, and how its checks ended last; the published book has none."""
    keys = [{"path": [name]} for name in ASSET_NAMES]
    nodes = {node["assetKey"]["path"][0]: node for node in graphql(LINEAGE, {"keys": keys})["assetNodes"]}
    return [_shown(nodes[name]) for name in ASSET_NAMES]


def _shown(node: Any) -> tuple[int, set[str | None]]:
    checks = [check["executionForLatestMaterialization"] for check in node["assetChecksOrError"].get("checks", [])]
    return node["partitionStats"]["numFailed"], {check and check["status"] for check in checks}


@contextmanager
def _dg_dev(home: Path) -> Iterator[Any]:
    """`dg dev` on a free port, ended with all its children; yields a function that queries its GraphQL API."""
    port = free_port()
    with (home / "dev.log").open("w") as log:
        process = subprocess.Popen(
            [COMMANDS / "dg", "dev", "--port", str(port)],
            cwd=ROOT,
            env=_with_dagster(home),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_for(lambda: _is_up(port))
        yield lambda query, variables: _graphql(port, query, variables)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(180)
        finally:
            _kill_group(process.pid)


def _graphql(port: int, query: str, variables: dict[str, Any]) -> Any:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = Request(f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as response:
        return json.load(response)["data"]


def _is_up(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5):
            return True
    except (URLError, ConnectionError):
        return False


def _ended(graphql: Any, run: str) -> Any:
    state = graphql(STATUS, {"run": run})["runOrError"]
    return state if state["status"] in {"SUCCESS", "FAILURE", "CANCELED"} else None


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
