"""What the doctor asks of the services that make books: Dagster's records, its code server and daemon, and Valkey."""

import time

import dagster as dg
import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from bookbytes_pipeline.constants import PARTITIONS
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.instance.storage import InstanceStorageUnavailable, tables
from bookbytes_pipeline.processes.ports import answers
from bookbytes_pipeline.settings import Settings

PATIENCE = 2.0
"""Seconds for a server to answer."""
QUIET = 120.0
"""Seconds. Each part of the daemon is to be heard of every 30."""


class ServiceDown(BookBytesError):
    """A service that makes books does not do its work. Trying again helps once it does."""

    code = "SERVICE_DOWN"
    try_again = True


def about_records(instance: dg.DagsterInstance) -> str:
    """Where Dagster keeps its records; raises `InstanceStorageUnavailable` for tables of an older version."""
    at = tables(instance)
    if at.current != at.latest:
        raise InstanceStorageUnavailable(
            f"Dagster's tables are of version {at.current}, not {at.latest}: `bookbytes migrate`."
        )
    on_postgresql = "Postgres" in type(instance.run_storage).__name__
    where = "Dagster's PostgreSQL database" if on_postgresql else instance.root_directory
    return f"{where} knows {len(instance.get_dynamic_partitions(PARTITIONS))} books"


def about_code_server(settings: Settings) -> str:
    """Whether the code server is well; raises `ServiceDown` where one is to be."""
    host, port = settings.dagster_grpc_host, settings.dagster_grpc_port
    if not _is_expected(settings) and not answers(host, port):
        return f"none at {host}:{port} now; `bookbytes serve` starts it"
    with grpc.insecure_channel(f"{host}:{port}") as channel:
        try:
            answer = HealthStub(channel).Check(HealthCheckRequest(service="DagsterApi"), timeout=PATIENCE)
        except grpc.RpcError as error:
            raise ServiceDown(
                f"there is none at {host}:{port} ({error.code().name}). Start it with `bookbytes code-server`, and "
                "check DAGSTER_GRPC_HOST and DAGSTER_GRPC_PORT."
            ) from error
    if answer.status != HealthCheckResponse.SERVING:
        raise ServiceDown(f"the one at {host}:{port} is not well yet. Its log says why.")
    return f"answers at {host}:{port}"


def about_daemon(settings: Settings, instance: dg.DagsterInstance) -> str:
    """When the daemon was heard of; raises `ServiceDown` where it is to be at work and has been quiet."""
    beats = instance.get_daemon_heartbeats()
    needed = instance.get_required_daemon_types()
    ages = {kind: time.time() - beats[kind].timestamp if kind in beats else None for kind in needed}
    quiet = {kind: age for kind, age in ages.items() if age is None or age > QUIET}
    if not quiet:
        return f"at work, heard of {max(age for age in ages.values() if age is not None):.0f} seconds ago"
    if not _is_expected(settings) and not answers(settings.dagster_grpc_host, settings.dagster_grpc_port):
        return "not running now; `bookbytes serve` starts it"
    kind, age = max(quiet.items(), key=lambda one: one[1] or float("inf"))
    since = "ever" if age is None else f"for {age / 60:.0f} minutes"
    raise ServiceDown(
        f"has not been heard of {since} ({kind}): nothing leaves the queue without it. Start `dagster-daemon run`, "
        "once only, and look into its log."
    )


def about_valkey(url: str) -> str:
    """Whether Valkey counts attempts; raises `ServiceDown`."""
    from valkey import Valkey  # noqa: PLC0415 - where it is used
    from valkey.exceptions import ValkeyError  # noqa: PLC0415 - as above

    try:
        named = {"ssl_check_hostname": True} if url.startswith("valkeys") else {}
        with Valkey.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, **named) as client:
            client.ping()
    except (ValkeyError, OSError) as error:
        raise ServiceDown(f"does not answer ({error}). Nobody can log in without it; check VALKEY_URL.") from error
    except (ValueError, TypeError):  # neither is shown: both may name the password
        raise ServiceDown("VALKEY_URL cannot be read; it should be like valkey://:password@host:6379/0.") from None
    return "counts attempts to log in"


def _is_expected(settings: Settings) -> bool:
    """Whether books are made by services that always run. At home they run while `bookbytes serve` does."""
    return settings.app_env == "production"
