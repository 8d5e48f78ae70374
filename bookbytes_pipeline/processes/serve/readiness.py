"""Whether each part does its work yet."""

import socket
from collections.abc import Callable, Mapping
from functools import partial

import dagster as dg
import httpx

from bookbytes_pipeline.constants import LOCATION
from bookbytes_pipeline.processes.serve.addresses import LOOPBACK, api_address, ui_address
from bookbytes_pipeline.processes.serve.services import API, CODE_SERVER, DAEMON, UI
from bookbytes_pipeline.settings import Settings

Probe = Callable[[], bool]

_LOCATIONS = "{ repositoriesOrError { ... on RepositoryConnection { nodes { location { name } } } } }"


def probes(settings: Settings, instance: dg.DagsterInstance, since: float) -> Mapping[str, Probe]:
    """For each part the question whether it is ready; `since` is when it was started, in seconds since 1970."""
    return {
        CODE_SERVER: partial(_listens, settings.dagster_grpc_port),
        DAEMON: partial(_daemon_is_at_work, instance, since),
        UI: partial(_shows_the_location, ui_address(settings)),
        API: partial(_answers, f"{api_address(settings)}/health/ready"),
    }


def _listens(port: int) -> bool:
    """Whether the code server listens, which it does once it has loaded the code."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def _shows_the_location(ui: str) -> bool:
    try:
        answer = httpx.post(f"{ui}/graphql", json={"query": _LOCATIONS}, timeout=5, trust_env=False)
    except httpx.TransportError:
        return False
    return LOCATION in answer.text


def _daemon_is_at_work(instance: dg.DagsterInstance, since: float) -> bool:
    beats = instance.get_daemon_heartbeats()
    needed = instance.get_required_daemon_types()
    return all(kind in beats and beats[kind].timestamp >= since for kind in needed)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False
