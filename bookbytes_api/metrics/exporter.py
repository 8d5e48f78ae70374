"""Serving the metrics at a port of their own, which users do not reach."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server

from bookbytes_pipeline.processes.ports import address_in_use
from bookbytes_pipeline.settings import Settings


@contextmanager
def exposing(settings: Settings, registry: CollectorRegistry | None) -> Iterator[None]:
    """Answer scrapes at `METRICS_PORT` until the block ends; without a registry nothing listens.

    Raises `AddressInUse`.
    """
    if registry is None or settings.metrics_port is None:
        yield
        return
    try:
        server, thread = start_http_server(settings.metrics_port, settings.host, registry)
    except OSError as error:
        raise address_in_use(settings.host, settings.metrics_port, "METRICS_PORT", error) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
