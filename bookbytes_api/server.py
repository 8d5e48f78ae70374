"""The API as a server: uvicorn, its shutdown, and the metrics beside it."""

import socket

import uvicorn
from litestar import Litestar

from bookbytes_api.jobs.broadcast import JobBroadcaster
from bookbytes_api.metrics.exporter import exposing
from bookbytes_pipeline.settings import Settings

SHUTDOWN_TIMEOUT_S = 30
"""Seconds that requests in flight may take when the server is asked to stop."""


class Server(uvicorn.Server):
    """Lets those who listen to event streams go when it is asked to stop; uvicorn would wait for them to leave."""

    def __init__(self, app: Litestar, settings: Settings) -> None:
        self._broadcaster: JobBroadcaster = app.state.broadcaster
        self._settings, self._metrics = settings, app.state.get("metrics")
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
        """Serve until asked to stop, and show the figures meanwhile; raises `AddressInUse` where these are to be."""
        with exposing(self._settings, self._metrics):
            await super().serve(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop taking requests, and end when those in flight are answered."""
        self._broadcaster.close()
        await super().shutdown(sockets)
