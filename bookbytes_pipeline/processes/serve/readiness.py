"""Whether each service is ready."""

from collections.abc import Mapping
from functools import partial

import dagster as dg
import httpx

from bookbytes_pipeline.constants import LOCATION
from bookbytes_pipeline.processes.ports import LOOPBACK, is_listening
from bookbytes_pipeline.processes.serve.addresses import api_address, ui_address
from bookbytes_pipeline.processes.serve.services import API, CODE_SERVER, DAEMON, UI, Probe
from bookbytes_pipeline.settings import Settings

HTTP_TIMEOUT_S = 5.0
_LOCATIONS = "{ repositoriesOrError { ... on RepositoryConnection { nodes { location { name } } } } }"


def probes(settings: Settings, instance: dg.DagsterInstance, started_at: float) -> Mapping[str, Probe]:
    """Return each service's readiness probe; `started_at` is in seconds since 1970.

    The code server listens once it has loaded the code.
    """
    return {
        CODE_SERVER: partial(is_listening, LOOPBACK, settings.dagster_grpc_port),
        DAEMON: partial(_has_heartbeats, instance, started_at),
        UI: partial(_shows_the_location, ui_address(settings)),
        API: partial(_is_successful, f"{api_address(settings)}/health/ready"),
    }


def _has_heartbeats(instance: dg.DagsterInstance, started_at: float) -> bool:
    try:
        heartbeats = instance.get_daemon_heartbeats()
    except Exception:  # noqa: BLE001 - a daemon whose heartbeats cannot be read is not known to be ready
        return False
    required = instance.get_required_daemon_types()
    return all(kind in heartbeats and heartbeats[kind].timestamp >= started_at for kind in required)


def _shows_the_location(ui: str) -> bool:
    try:
        answer = httpx.post(f"{ui}/graphql", json={"query": _LOCATIONS}, timeout=HTTP_TIMEOUT_S, trust_env=False)
    except httpx.TransportError:
        return False
    return LOCATION in answer.text


def _is_successful(address: str) -> bool:
    try:
        return httpx.get(address, timeout=HTTP_TIMEOUT_S, trust_env=False).is_success
    except httpx.TransportError:
        return False
