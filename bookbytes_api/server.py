"""The API as a server: uvicorn, its shutdown, and the metrics beside it."""

import socket

import uvicorn
from litestar import Litestar

from bookbytes_api.app import services_of
from bookbytes_api.metrics.exporter import exposing
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
                timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
                lifespan="on",
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
            )
        )

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve requests and metrics until asked to stop; raises `AddressInUse` if the metrics port is in use."""
        with exposing(self._settings, self._services.metrics):
            await super().serve(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting requests, and return when those in flight are answered."""
        self._services.broadcaster.close()
        await super().shutdown(sockets)
