"""`healthy.py ADDRESS`: exit 0 if the server there is healthy. For health checks inside the containers.

An HTTP server has to answer without an error. A `grpc://` one, here Dagster's code server, has to answer SERVING to a
gRPC health check. `dagster api grpc-health-check` does the same, but loads all of Dagster for it every time.
"""  # noqa: INP001 - a script

import sys
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

REQUEST_TIMEOUT_S = 4.0
_NO_PROXY = ProxyHandler({})
"""Servers in the same container are never reached by way of a proxy."""


def is_healthy(address: str) -> bool:
    """Return whether the server is healthy; raises if it answers with an error, or not at all."""
    if urlsplit(address).scheme == "grpc":
        return _is_serving(urlsplit(address).netloc)
    build_opener(_NO_PROXY).open(address, timeout=REQUEST_TIMEOUT_S).close()
    return True


def _is_serving(server: str) -> bool:
    import grpc  # noqa: PLC0415 - more work than the rest of this file, and HTTP does without
    from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse  # noqa: PLC0415 - as above
    from grpc_health.v1.health_pb2_grpc import HealthStub  # noqa: PLC0415 - as above

    with grpc.insecure_channel(server, options=[("grpc.enable_http_proxy", 0)]) as channel:
        answer = HealthStub(channel).Check(HealthCheckRequest(service="DagsterApi"), timeout=REQUEST_TIMEOUT_S)
        return bool(answer.status == HealthCheckResponse.SERVING)


if __name__ == "__main__":
    sys.exit(0 if is_healthy(sys.argv[1]) else "unhealthy")
