"""The four processes that make up BookBytes on one machine."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bookbytes_pipeline.constants import LOCATION
from bookbytes_pipeline.processes.serve.addresses import LOOPBACK
from bookbytes_pipeline.settings import Settings

DOWNLOADS = 20.0
"""Seconds that the API may take to end: somebody may be in the middle of a chapter."""
CODE_SERVER, DAEMON, UI, API = "code-server", "dagster-daemon", "dagster-ui", "api"


@dataclass(frozen=True)
class ServiceSpec:
    """One process. `name` names its log; `title` is for people; `needs` names the part that has to be ready first.

    When it is asked to end it has `patience` seconds.
    """

    name: str
    title: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    needs: str | None = None
    patience: float = 5.0


def services(settings: Settings) -> list[ServiceSpec]:
    """The parts in the order in which they start.

    The code server is `dagster api grpc` and not `dagster code-server`, which would put a second process before it in
    order to load changed code without a restart. Each run is a child of the code server. The daemon comes after it,
    and goes with it: a failed run that it cannot start again because there is no code it gives up for good.
    """
    workspace = ("-w", str(_workspace(settings)))
    code = ("-m", LOCATION, "--location-name", LOCATION, "-h", LOOPBACK, "-p", str(settings.dagster_grpc_port))
    ui = ("-h", LOOPBACK, "-p", str(settings.dagster_ui_port), *workspace)
    dagster_home = os.environ.get("DAGSTER_HOME") or str(settings.dagster_home)
    environment = os.environ | {"DAGSTER_HOME": dagster_home, "DAGSTER_GRPC_HOST": LOOPBACK, "PYTHONUNBUFFERED": "1"}
    quiet = environment | {"PYTHONWARNINGS": "ignore"}  # Dagster's own are nobody's to mend here
    return [
        ServiceSpec(CODE_SERVER, "Dagster's code server", (_beside("dagster"), "api", "grpc", *code), quiet),
        ServiceSpec(
            DAEMON, "The Dagster daemon", (_beside("dagster-daemon"), "run", *workspace), quiet, needs=CODE_SERVER
        ),
        ServiceSpec(UI, "The Dagster UI", (_beside("dagster-webserver"), *ui), quiet),
        ServiceSpec(API, "The API", (sys.executable, "-m", "bookbytes_api"), environment, patience=DOWNLOADS),
    ]


def _beside(command: str) -> str:
    return str(Path(sys.executable).with_name(command))


def _workspace(settings: Settings) -> Path:
    """The file that tells Dagster's processes where the code is. The name is part of every run's origin."""
    file = settings.dagster_home / "workspace.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    server = f"{{host: {LOOPBACK}, port: {settings.dagster_grpc_port}, location_name: {LOCATION}}}"
    file.write_text(f"load_from:\n  - grpc_server: {server}\n")
    return file
