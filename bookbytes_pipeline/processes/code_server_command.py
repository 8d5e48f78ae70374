"""The command that starts Dagster's code server."""

import sys

from bookbytes_pipeline.constants import LOCATION

PROGRAM = "bookbytes_pipeline.processes.grpc_server"


def code_server_command(host: str, port: int, *, logs_as_json: bool = False) -> tuple[str, ...]:
    """Return the command that serves our code at this address. Each run descends from that process.

    It is `dagster api grpc` and not `dagster code-server`, which would put a second process in front of it in order to
    load changed code without a restart.
    """
    address = f"[{host}]" if ":" in host else host  # gRPC wants IPv6 addresses in brackets
    code = ("-m", LOCATION, "--location-name", LOCATION, "-h", address, "-p", str(port))
    log_format = ("--log-format", "json") if logs_as_json else ()
    return (sys.executable, "-m", PROGRAM, "api", "grpc", *code, *log_format)
