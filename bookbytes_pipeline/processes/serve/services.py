"""The four processes that make up BookBytes on one machine."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bookbytes_pipeline.constants import LOCATION
from bookbytes_pipeline.processes.code_server_command import code_server_command
from bookbytes_pipeline.processes.ports import LOOPBACK
from bookbytes_pipeline.settings import Settings

API_STOP_TIMEOUT_S = 20.0
"""How long the API may take to stop: somebody may be in the middle of downloading a chapter."""
STOP_TIMEOUT_S = 5.0
Probe = Callable[[], bool]
"""Whether a service is ready."""

CODE_SERVER, DAEMON, UI, API = "code-server", "dagster-daemon", "dagster-ui", "api"


@dataclass(frozen=True)
class ServiceSpec:
    """How to run one service. `name` is that of its log file, `title` is for people.

    It starts once the service that it `depends_on` is ready, and crashes with it. What `is_needed` by nobody who
    requests books starts when all others are ready.
    """

    name: str
    title: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    depends_on: str | None = None
    is_needed: bool = True
    stop_timeout_s: float = STOP_TIMEOUT_S


def services(settings: Settings) -> list[ServiceSpec]:
    """Return the services in the order in which they start.

    The daemon starts after the code server and is restarted with it: a failed run that it cannot retry, because there
    is no code server, is never retried.
    """
    workspace = ("-w", str(_write_workspace(settings)))
    code_server = code_server_command(LOOPBACK, settings.dagster_grpc_port)
    daemon = (_beside_python("dagster-daemon"), "run", *workspace)
    ui = (_beside_python("dagster-webserver"), "-h", LOOPBACK, "-p", str(settings.dagster_ui_port), *workspace)
    api = (sys.executable, "-m", "bookbytes_api")
    dagster_home = os.environ.get("DAGSTER_HOME") or str(settings.dagster_home)
    env = os.environ | {"DAGSTER_HOME": dagster_home, "DAGSTER_GRPC_HOST": LOOPBACK, "PYTHONUNBUFFERED": "1"}
    dagster_env = env | {"PYTHONWARNINGS": "ignore"}  # nobody here can fix what Dagster is warned of
    return [
        ServiceSpec(CODE_SERVER, "Dagster's code server", code_server, dagster_env),
        ServiceSpec(DAEMON, "The Dagster daemon", daemon, dagster_env, depends_on=CODE_SERVER),
        ServiceSpec(UI, "The Dagster UI", ui, dagster_env, is_needed=False),
        ServiceSpec(API, "The API", api, env, stop_timeout_s=API_STOP_TIMEOUT_S),
    ]


def _beside_python(command: str) -> str:
    return str(Path(sys.executable).with_name(command))


def _write_workspace(settings: Settings) -> Path:
    """Write the file that tells Dagster's processes where the code is. The name is part of every run's origin."""
    file = settings.dagster_home / "workspace.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    server = f"{{host: {LOOPBACK}, port: {settings.dagster_grpc_port}, location_name: {LOCATION}}}"
    file.write_text(f"load_from:\n  - grpc_server: {server}\n")
    return file
