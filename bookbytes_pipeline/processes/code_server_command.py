"""The command that starts Dagster's code server."""

import sys
from pathlib import Path

from bookbytes_pipeline.constants import LOCATION


def code_server_command(host: str, port: int, *, logs_as_json: bool = False) -> tuple[str, ...]:
    """Return the command that serves our code at this address. Each run is a child of that process.

    It is `dagster api grpc` and not `dagster code-server`, which would put a second process in front of it in order to
    load changed code without a restart.
    """
    dagster = str(Path(sys.executable).with_name("dagster"))
    address = f"[{host}]" if ":" in host else host  # gRPC wants IPv6 addresses in brackets
    code = ("-m", LOCATION, "--location-name", LOCATION, "-h", address, "-p", str(port))
    return (dagster, "api", "grpc", *code, *(("--log-format", "json") if logs_as_json else ()))
