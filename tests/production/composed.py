"""The services of `docker/compose.yaml` as processes of this machine: its commands, its environment, no containers.

What differs is where the servers are: in containers each has a name, here each has a port of 127.0.0.1. PostgreSQL and
SeaweedFS are the real ones, set up as the compose file sets them up.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.cli_runner import COMMANDS
from tests.free_ports import lasting_port
from tests.postgres import PASSWORD, PostgresServer, postgres_server
from tests.proc import descendants
from tests.s3 import BUCKET, KEYS, S3Server, s3_server

PROJECT = Path(__file__).parents[2]
API, CODE, DAEMON, UI, MIGRATE = "api", "code", "dagster-daemon", "dagster-webserver", "migrate"
SECRETS: Mapping[str, str] = {
    "POSTGRES_PASSWORD": PASSWORD,
    "BOOKBYTES_PG_PASSWORD": "of-the-library",
    "DAGSTER_PG_PASSWORD": "of-dagster",
    "JWT_SECRET_KEY": "0123456789abcdef" * 2,
    "S3_ACCESS_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"],
    "S3_SECRET_ACCESS_KEY": KEYS["AWS_SECRET_ACCESS_KEY"],
    "S3_BUCKET": BUCKET,
}


@dataclass
class Composed:
    """The running services. Each has a log in `folder`, which is also their working directory."""

    folder: Path
    postgres: PostgresServer
    s3: S3Server
    ports: Mapping[str, int]
    services: Mapping[str, Mapping[str, Any]]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def api(self) -> str:
        """The API's address."""
        return f"http://127.0.0.1:{self.ports[API]}"

    @property
    def ui(self) -> str:
        """The Dagster UI's address."""
        return f"http://127.0.0.1:{self.ports[UI]}"

    def start(self, *names: str) -> None:
        """Start services, and wait until each is healthy."""
        for name in names:
            with self.log(name).open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    self._command(name),
                    env=self._environment(name),
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        for name in names:
            self.wait_for(self._is_ready(name), name)

    def run(self, name: str) -> str:
        """Run a service that ends by itself, and return its output."""
        ended = subprocess.run(
            self._command(name),
            env=self._environment(name),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def stop(self, name: str) -> int:
        """Stop a service as `docker stop` with a long timeout does, and return its exit code."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(120)

    def kill(self, name: str) -> None:
        """Kill a service with all of its processes, as a power failure does."""
        process = self.processes.pop(name)
        for pid in (process.pid, *descendants(process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> Path:
        """The file of a service's output."""
        return self.folder / f"{name}.log"

    def wait_for(self, condition: Callable[[], bool], name: str, seconds: float = 240) -> None:
        """Return once `condition` is true; fail with the service's output if it has died or takes too long."""
        deadline = time.monotonic() + seconds
        while not condition():
            dead = name in self.processes and self.processes[name].poll() is not None
            assert not dead, self.log(name).read_text()[-3000:]
            assert time.monotonic() < deadline, self.log(name).read_text()[-3000:]
            time.sleep(0.3)

    def _command(self, name: str) -> list[str]:
        program, *arguments = self.services[name]["command"]
        ports = {"3000": str(self.ports[UI])}
        return [str(COMMANDS / program), *(ports.get(argument, argument) for argument in arguments)]

    def _environment(self, name: str) -> dict[str, str]:
        """The image's environment, then the service's, with the containers' names replaced by this machine's ports."""
        configured = {
            name: value for name, value in self.services[name].get("environment", {}).items() if value is not None
        }
        local_addresses = {
            "@postgres:5432/": f"@127.0.0.1:{self.postgres.port}/",
            "http://s3:8333": self.s3.url,
        }
        replaced = {
            key: _replaced(value, local_addresses) for key, value in (_image_environment() | configured).items()
        }
        local_values = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "BOOKBYTES_HOME": str(self.folder / "homes" / name),
            "DAGSTER_HOME": str(self.folder / "docker"),
            "HOST": "127.0.0.1",
            "PORT": str(self.ports[API]),
            "DAGSTER_GRPC_HOST": "127.0.0.1",
            "DAGSTER_GRPC_PORT": str(self.ports[CODE]),
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": str(self.postgres.port),
            "METRICS_PORT": str(self.ports["metrics"]),
        }
        return replaced | {
            key: value for key, value in local_values.items() if key in replaced or key in {"PATH", "HOME"}
        }

    def _is_ready(self, name: str) -> Callable[[], bool]:
        """The health check of the compose file, or an equivalent one."""
        if name == CODE:
            return lambda: self._is_healthy(f"grpc://127.0.0.1:{self.ports[CODE]}")
        if name == DAEMON:
            return lambda: self._succeeds([str(COMMANDS / "dagster-daemon"), "liveness-check"], DAEMON)
        return lambda: self._is_healthy(f"{self.ui}/server_info" if name == UI else f"{self.api}/health/live")

    def _is_healthy(self, address: str) -> bool:
        if address.startswith("grpc"):
            return self._succeeds([str(COMMANDS / "python"), "docker/healthy.py", address], CODE)
        try:
            return httpx.get(address, timeout=5).is_success
        except httpx.TransportError:
            return False

    def _succeeds(self, command: list[str], name: str) -> bool:
        ended = subprocess.run(
            command, env=self._environment(name), cwd=self.folder, capture_output=True, timeout=180, check=False
        )
        return ended.returncode == 0


@contextmanager
def composed(folder: Path, variables: Mapping[str, str]) -> Iterator[Composed]:
    """Start PostgreSQL with its databases and S3, and nothing else yet; `variables` are added to `docker/.env`."""
    shutil.copytree(PROJECT / "docker", folder / "docker", ignore=shutil.ignore_patterns("kubernetes", ".env"))
    with ExitStack() as running:
        postgres = running.enter_context(postgres_server())
        s3 = running.enter_context(s3_server())
        ports: dict[str, int] = {}
        for name in (API, CODE, UI, "metrics"):
            ports[name] = lasting_port(*ports.values())
        services = _rendered(folder, {**SECRETS, "S3_PUBLIC_URL": s3.url, **variables})
        services_of_compose = Composed(folder, postgres, s3, ports, services)
        _create_databases(postgres)
        try:
            yield services_of_compose
        finally:
            for name in list(services_of_compose.processes):
                services_of_compose.kill(name)


def _rendered(folder: Path, variables: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]:
    """The services, as Docker Compose itself reads the file."""
    (folder / "docker" / ".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    rendered = subprocess.run(
        [COMMANDS / "docker-compose", "-f", "docker/compose.yaml", "config", "--format", "json"],
        env={"PATH": os.environ["PATH"]},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    services: Mapping[str, Mapping[str, Any]] = json.loads(rendered.stdout)["services"]
    return services


def _image_environment() -> dict[str, str]:
    """The variables that the Dockerfile sets for every role."""
    last_stage = (PROJECT / "docker" / "Dockerfile").read_text().rpartition("\nFROM ")[2].replace("\\\n", "")
    (line,) = re.findall(r"(?m)^ENV (.*)$", last_stage)
    return dict(re.findall(r"(\w+)=(\S+)", line))


def _create_databases(postgres: PostgresServer) -> None:
    """Run the script that PostgreSQL's image runs when its volume is new."""
    connection = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGPASSWORD": PASSWORD}
    path = f"{postgres.programs}:{os.environ['PATH']}"
    subprocess.run(
        ["bash", PROJECT / "docker" / "postgres-roles.sh"], env={"PATH": path, **connection, **SECRETS}, check=True
    )


def _replaced(value: str, addresses: Mapping[str, str]) -> str:
    for name, address in addresses.items():
        value = value.replace(name, address)
    return value
