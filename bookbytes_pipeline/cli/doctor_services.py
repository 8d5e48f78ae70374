"""The doctor's checks of our own services: Dagster's storage, its code server and daemon, and Valkey."""

import time

import dagster as dg
import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from bookbytes_pipeline.constants import PARTITIONS
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.instance.storage import InstanceStorageUnavailable, schema_versions
from bookbytes_pipeline.processes.ports import is_listening
from bookbytes_pipeline.settings import Settings

REQUEST_TIMEOUT_S = 2.0
MAX_HEARTBEAT_AGE_S = 120.0
"""Each daemon sends a heartbeat every 30 seconds."""


class ServiceDown(BookBytesError):
    """A service that books need is down. Trying again helps once it is up."""

    code = "SERVICE_DOWN"
    try_again = True


def check_storage(instance: dg.DagsterInstance) -> str:
    """Return where Dagster keeps its records; raises `InstanceStorageUnavailable` for tables of an older version."""
    versions = schema_versions(instance)
    if versions.current != versions.latest:
        raise InstanceStorageUnavailable(
            f"Dagster's tables have version {versions.current}, not {versions.latest}: run `bookbytes migrate`."
        )
    on_postgresql = "Postgres" in type(instance.run_storage).__name__
    where = "Dagster's PostgreSQL database" if on_postgresql else instance.root_directory
    return f"{where}; partitions: {len(instance.get_dynamic_partitions(PARTITIONS))}"


def check_code_server(settings: Settings) -> str:
    """Check the code server's health; raises `ServiceDown` if it is not healthy though it should be running."""
    host, port = settings.dagster_grpc_host, settings.dagster_grpc_port
    if not _is_expected(settings) and not is_listening(host, port):
        return f"not running at {host}:{port}; `bookbytes serve` starts it"
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    with grpc.insecure_channel(address) as channel:
        try:
            answer = HealthStub(channel).Check(HealthCheckRequest(service="DagsterApi"), timeout=REQUEST_TIMEOUT_S)
        except grpc.RpcError as error:
            raise ServiceDown(
                f"not reachable at {host}:{port} ({error.code().name}). Start it with `bookbytes code-server`, and "
                "check DAGSTER_GRPC_HOST and DAGSTER_GRPC_PORT."
            ) from error
    if answer.status != HealthCheckResponse.SERVING:
        raise ServiceDown(f"the one at {host}:{port} is not healthy yet. Its log says why.")
    return f"answers at {host}:{port}"


def check_daemon(settings: Settings, instance: dg.DagsterInstance) -> str:
    """Check the daemon's heartbeats; raises `ServiceDown` if they are missing though it should be running."""
    heartbeats = instance.get_daemon_heartbeats()
    required = instance.get_required_daemon_types()
    ages = {kind: time.time() - heartbeats[kind].timestamp if kind in heartbeats else None for kind in required}
    silent = {kind: age for kind, age in ages.items() if age is None or age > MAX_HEARTBEAT_AGE_S}
    if not silent:
        return f"running, last heartbeat {max(age for age in ages.values() if age is not None):.0f} seconds ago"
    if not _is_expected(settings) and not is_listening(settings.dagster_grpc_host, settings.dagster_grpc_port):
        return "not running; `bookbytes serve` starts it"
    kind, age = max(silent.items(), key=lambda item: item[1] or float("inf"))
    since = "never sent a heartbeat" if age is None else f"sent no heartbeat for {age / 60:.0f} minutes"
    raise ServiceDown(
        f"{since} ({kind}): nothing leaves the queue without it. Start one `dagster-daemon run`, and only one, and "
        "check its log."
    )


def check_valkey(url: str) -> str:
    """Check that Valkey answers; raises `ServiceDown`."""
    from valkey import Valkey  # noqa: PLC0415 - where it is used
    from valkey.exceptions import ValkeyError  # noqa: PLC0415 - as above

    try:
        tls = {"ssl_check_hostname": True} if url.startswith("valkeys") else {}
        with Valkey.from_url(
            url, socket_timeout=REQUEST_TIMEOUT_S, socket_connect_timeout=REQUEST_TIMEOUT_S, **tls
        ) as client:
            client.ping()
    except (ValkeyError, OSError) as error:
        raise ServiceDown(f"does not answer ({error}). Nobody can log in without it; check VALKEY_URL.") from error
    except (ValueError, TypeError):  # not shown: either may contain the password
        raise ServiceDown("VALKEY_URL is not valid; it should be like valkey://:password@host:6379/0.") from None
    return "answers; it counts login attempts"


def _is_expected(settings: Settings) -> bool:
    """Return whether the services should always run. At home they run while `bookbytes serve` does."""
    return settings.app_env == "production"
