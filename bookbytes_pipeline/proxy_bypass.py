"""Our own parts are never reached by way of a proxy, whatever HTTP_PROXY and its kin say.

Where an office sets them, gRPC asks the proxy even for 127.0.0.1, and Dagster never reaches the code server.
"""

from collections.abc import MutableMapping

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def bypass_proxies(environ: MutableMapping[str, str]) -> None:
    """Change this environment, and so that of processes started with it. Providers and S3 still go by the proxy.

    gRPC serves only to talk to our code servers. Empty, its own variable switches proxies off for it; it comes before
    `http_proxy`. HTTP clients read `no_proxy` in either spelling, and the lower case first.
    """
    environ["grpc_proxy"] = ""
    exceptions = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if exceptions.strip() == "*":  # nothing goes by the proxy; beside other names it would mean nothing
        return
    names = [name.strip() for name in exceptions.split(",") if name.strip()]
    missing = [name for name in LOOPBACK_NAMES if name not in names]
    environ["no_proxy"] = environ["NO_PROXY"] = ",".join([*names, *missing])
