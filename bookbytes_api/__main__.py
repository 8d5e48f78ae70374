"""`python -m bookbytes_api`: the API alone."""

import os
import signal
import sys
import warnings

from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.garbage_collection import collect_less_often
from bookbytes_pipeline.processes.output import unblocked_output
from bookbytes_pipeline.proxy_bypass import bypass_proxies
from bookbytes_pipeline.settings import Settings, load_settings


def main() -> None:
    """Serve until SIGINT or SIGTERM; the exit code is 0 then."""
    collect_less_often()
    warnings.filterwarnings("ignore", "Error loading repository location")  # the launcher says it in one sentence
    bypass_proxies(os.environ)
    try:
        settings = load_settings()
        with unblocked_output(as_json=settings.logs_as_json):
            _serve(settings)
    except BookBytesError as error:
        sys.exit(f"bookbytes: {error}")


def _serve(settings: Settings) -> None:
    from bookbytes_api.app import create_app  # noqa: PLC0415 - once the collector is set
    from bookbytes_api.server import Server  # noqa: PLC0415 - as above

    server = Server(create_app(settings), settings)
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn raises it again when all is done, and would die of it
        signal.signal(number, server.handle_exit)
    server.run()


if __name__ == "__main__":
    main()
