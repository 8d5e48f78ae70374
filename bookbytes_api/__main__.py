"""`python -m bookbytes_api`: the API alone, behind uvicorn."""

import signal
import socket
import sys
import warnings

import uvicorn
from litestar import Litestar

from bookbytes_api.app import create_app
from bookbytes_api.jobs.broadcast import Watches
from bookbytes_api.metrics.exporter import exposing
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.settings import Settings, load_settings

PATIENCE = 30
"""Seconds that requests in flight may take when the server is asked to stop."""


class Server(uvicorn.Server):
    """Lets those who listen to event streams go when it is asked to stop; uvicorn would wait for them to leave."""

    def __init__(self, app: Litestar, settings: Settings) -> None:
        self._watches: Watches = app.state.watches
        self._settings, self._metrics = settings, app.state.get("metrics")
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                timeout_graceful_shutdown=PATIENCE,
                lifespan="on",
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
            )
        )

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until asked to stop, and show the figures meanwhile; raises `AddressTaken` where these are to be."""
        with exposing(self._settings, self._metrics):
            await super().serve(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop taking requests, and end when those in flight are answered."""
        self._watches.close()
        await super().shutdown(sockets)


def main() -> None:
    """Serve until SIGINT or SIGTERM; the exit code is 0 then."""
    warnings.filterwarnings("ignore", "Error loading repository location")  # told in one sentence by the launcher
    try:
        settings = load_settings()
        server = Server(create_app(settings), settings)
        for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn raises it again when all is done, and would die of it
            signal.signal(number, server.handle_exit)
        server.run()
    except BookBytesError as error:
        sys.exit(f"bookbytes: {error}")


if __name__ == "__main__":
    main()
