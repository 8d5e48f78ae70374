"""`python -m bookbytes_api`: the API alone, behind uvicorn."""

import asyncio
import warnings
from types import FrameType

import uvicorn

from bookbytes_api.app import create_app
from bookbytes_api.jobs.watching import Watches
from bookbytes_pipeline.cli.boundary import told
from bookbytes_pipeline.settings import load_settings

PATIENCE = 30
"""Seconds that requests in flight may take when the server is asked to stop."""


class Server(uvicorn.Server):
    """Lets those who listen to event streams go when it is asked to stop; uvicorn would wait for them to leave."""

    def __init__(self, config: uvicorn.Config, watches: Watches) -> None:
        super().__init__(config)
        self._watches = watches

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        asyncio.get_running_loop().call_soon_threadsafe(self._watches.close)
        super().handle_exit(sig, frame)


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    warnings.filterwarnings("ignore", "Error loading repository location")  # told in one sentence by the launcher
    settings = load_settings()
    app = create_app(settings)
    config = uvicorn.Config(
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
    Server(config, app.state.watches).run()


if __name__ == "__main__":
    with told():
        main()
