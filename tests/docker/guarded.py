"""The Dagster UI behind the proxy of `docker/`: the real webserver and the real Caddy, on loopback."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.api.client import wait_for
from tests.cli_runner import COMMANDS
from tests.free_ports import lasting_port

CADDYFILE = Path(__file__).parents[2] / "docker" / "Caddyfile"
OPERATOR = ("ada", "correct horse battery")


@dataclass(frozen=True)
class GuardedUI:
    """The UI itself at `inside`, and the proxy before it at `outside`."""

    inside: str
    outside: str

    def request(self, method: str, path: str, **more: object) -> httpx.Response:
        """The proxy's response to a user who is logged in."""
        return httpx.request(method, f"{self.outside}{path}", **{"auth": OPERATOR, "timeout": 30, **more})  # type: ignore[arg-type]

    @property
    def pools(self) -> set[str]:
        """The concurrency pools that mutations have created."""
        query = {"query": "{ instance { concurrencyLimits { concurrencyKey } } }"}
        response = httpx.post(f"{self.inside}/graphql", json=query, timeout=30).json()
        return {limit["concurrencyKey"] for limit in response["data"]["instance"]["concurrencyLimits"]}


@contextmanager
def guarded_ui(home: Path) -> Iterator[GuardedUI]:
    """Run both until the block ends, the UI without any code."""
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\nnux: {enabled: false}\n")
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ui, proxy, health = lasting_port(), lasting_port(), lasting_port()
    webserver = [COMMANDS / "dagster-webserver", "--host", "127.0.0.1", "--port", str(ui), "--empty-workspace"]
    caddy = [COMMANDS / "caddy", "run", "--config", CADDYFILE, "--adapter", "caddyfile"]
    caddy_variables = {
        "UI_ADDRESS": f"http://127.0.0.1:{proxy}",
        "UI_UPSTREAM": f"127.0.0.1:{ui}",
        "UI_USER": OPERATOR[0],
        "UI_PASSWORD_HASH": _hashed(OPERATOR[1]),
        "HEALTH_PORT": str(health),
        "XDG_DATA_HOME": str(home),
    }
    with (
        _running(webserver, inherited | {"DAGSTER_HOME": str(home)}, home / "webserver.log"),
        _running(caddy, inherited | caddy_variables, home / "caddy.log"),
    ):
        guarded = GuardedUI(f"http://127.0.0.1:{ui}", f"http://127.0.0.1:{proxy}")
        for address in (f"http://127.0.0.1:{health}/", f"{guarded.inside}/server_info"):
            wait_for(lambda address=address: _is_up(address))  # type: ignore[misc]
        yield guarded


def _hashed(password: str) -> str:
    """Hash it as `docker/.env.example` says, but at a lower cost."""
    hashed = subprocess.run(
        [COMMANDS / "caddy", "hash-password", "--bcrypt-cost", "4", "--plaintext", password],
        capture_output=True,
        text=True,
        check=True,
    )
    return hashed.stdout.strip()


@contextmanager
def _running(command: list[str | Path], env: Mapping[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _is_up(address: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(address, timeout=5).is_success
    return False
