"""The API as an operator runs it: a process of its own, tested from outside."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.api.client import PASSWORD, answers, free_port, wait_for


@dataclass(frozen=True)
class ApiProcess:
    """`python -m bookbytes_api`, its output, and a client of it."""

    process: subprocess.Popen[bytes]
    output: Path
    client: httpx.Client

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.client.base_url.port or 0

    def log_in(self, email: str = "ada@example.org") -> str:
        """Register and log in; returns the value of `Authorization`."""
        credentials = {"email": email, "password": PASSWORD}
        self.client.post("/api/v1/auth/register", json=credentials).raise_for_status()
        return f"Bearer {self.client.post('/api/v1/auth/login', json=credentials).json()['access_token']}"

    def printed(self, part: str) -> bool:
        """Whether its output contains this."""
        return part in self.output.read_text()


@contextmanager
def api_process(env: Mapping[str, str], output: Path) -> Iterator[ApiProcess]:
    """Start it on a free port; it is stopped at the end of the block, unless it has ended before."""
    port = free_port()
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "bookbytes_api"], env={**env, "PORT": str(port)}, stdout=file, stderr=file
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            wait_for(lambda: answers(client))
            yield ApiProcess(process, output, client)
    finally:
        process.kill()
        process.wait()
