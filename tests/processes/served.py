"""`bookbytes serve` as a user runs it: its own process on free ports, observed from outside."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

from bookbytes_pipeline.constants import JOB, LOCATION
from tests.api import client
from tests.cli_runner import COMMANDS

COMMAND = [COMMANDS / "bookbytes", "serve"]
LAUNCH = """mutation($params: ExecutionParams!) { launchPipelineExecution(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
RUNS = "{ runsOrError { ... on Runs { results { runId status tags { key value } } } } }"

T = TypeVar("T")


@dataclass
class Served:
    """One running `bookbytes serve`: its process, what it printed (stdout and stderr), and requests to it."""

    process: subprocess.Popen[bytes]
    output: Path
    env: Mapping[str, str]

    @property
    def printed(self) -> str:
        """Everything that was printed so far."""
        return self.output.read_text()

    def api(self, path: str) -> int:
        """The status code of the API's response."""
        with urlopen(f"http://127.0.0.1:{self.env['PORT']}{path}", timeout=60) as response:
            return int(response.status)

    def graphql(self, query: str, **variables: Any) -> Any:
        """The data that the Dagster UI's GraphQL returns."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        address = f"http://127.0.0.1:{self.env['DAGSTER_UI_PORT']}/graphql"
        with urlopen(Request(address, body, {"Content-Type": "application/json"}), timeout=60) as response:
            return json.load(response)["data"]

    def launch(self, isbn: str) -> None:
        """Launch a run of one book."""
        selector = {"repositoryLocationName": LOCATION, "repositoryName": "__repository__", "pipelineName": JOB}
        metadata = {"tags": [{"key": "dagster/partition", "value": isbn}]}
        params = {"selector": selector, "mode": "default", "runConfigData": {}, "executionMetadata": metadata}
        assert "LaunchRunSuccess" in str(self.graphql(LAUNCH, params=params))

    def runs(self) -> list[dict[str, Any]]:
        """All runs, newest first: `runId`, `status`, `tags`."""
        runs = self.graphql(RUNS)["runsOrError"]["results"]
        return [run | {"tags": {tag["key"]: tag["value"] for tag in run["tags"]}} for run in runs]

    def wait(self) -> int:
        """Wait at most 30 seconds for the exit code."""
        return self.process.wait(30)

    def stop(self) -> int:
        """Press Ctrl-C, which a terminal sends to the whole group; returns the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait()

    def processes(self, text: str = "") -> list[int]:
        """The processes of this home that have `text` in their command line, except `bookbytes serve` itself."""
        home = f"BOOKBYTES_HOME={self.env['BOOKBYTES_HOME']}\0".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment, command = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if home in environment and text.encode() in command.replace(b"\0", b" "):
                found.append(int(folder.name))
        return [pid for pid in found if pid != self.process.pid]


@contextmanager
def served(
    env: Mapping[str, str],
    cwd: Path | None = None,
    command: Sequence[str | Path] = COMMAND,
    ready: str = "The Dagster UI is ready",
) -> Iterator[Served]:
    """Run `bookbytes serve` with `env`, in the folder `cwd`, until the block ends, then kill all that it left.

    The block begins when it has printed `ready`.
    """
    output = Path(env["BOOKBYTES_HOME"]) / f"serve.{time.time()}.txt"
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as file:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdout=file, stderr=file, start_new_session=True)
    running = Served(process, output, env)
    try:
        wait_for(lambda: ready in running.printed or process.poll() is not None)
        assert process.poll() is None, running.printed
        yield running
    finally:
        process.kill()
        process.wait()
        for pid in running.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def on_free_ports(env: Mapping[str, str]) -> dict[str, str]:
    """Add three ports that are free now to the environment."""
    names = ("PORT", "DAGSTER_UI_PORT", "DAGSTER_GRPC_PORT")
    with ExitStack() as open_together:
        sockets = [open_together.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {**env, **{name: str(bound.getsockname()[1]) for name, bound in zip(names, sockets, strict=True)}}


def wait_for(poll: Callable[[], T]) -> T:
    """Call `poll` until it returns something true, for at most two minutes, and return that."""
    return client.wait_for(poll, seconds=240)
