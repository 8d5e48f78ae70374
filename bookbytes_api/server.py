"""The API as a server: uvicorn, its shutdown, and the metrics beside it."""

import socket
from contextlib import ExitStack

import uvicorn
from litestar import Litestar

from bookbytes_api.app import services_of
from bookbytes_api.metrics.exporter import exposing
from bookbytes_pipeline.processes.ports import addresses_of, listen
from bookbytes_pipeline.settings import Settings

SHUTDOWN_TIMEOUT_S = 30
"""Seconds that requests in flight may take when the server is asked to stop."""


class Server(uvicorn.Server):
    """Ends event streams when it is asked to stop; uvicorn would wait for their clients to leave."""

    def __init__(self, app: Litestar, settings: Settings) -> None:
        self._services, self._settings = services_of(app), settings
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                timeout_keep_alive=settings.keep_alive_seconds,
                timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
                lifespan="on",
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
            )
        )

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve requests and metrics until asked to stop; raises `AddressInUse` if a port is in use."""
        host, port = self._settings.host, self._settings.port
        with exposing(self._settings, self._services.metrics), ExitStack() as listening:
            if sockets is None and len(addresses_of(host)) > 1:  # else uvicorn listens, at all addresses of a name
                sockets = [listening.enter_context(listen(address, port, "PORT")) for address in addresses_of(host)]
            await super().serve(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting requests, and return when those in flight are answered."""
        self._services.broadcaster.close()
        await super().shutdown(sockets)
