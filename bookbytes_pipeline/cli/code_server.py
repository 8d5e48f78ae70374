"""`bookbytes code-server`: Dagster's code server, for machines and containers of its own."""

import click

from bookbytes_pipeline.settings import load_settings


@click.command(name="code-server")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; there is no password.")
def code_server(host: str) -> None:
    """Serve the code to Dagster's daemon, UI and the API, and execute the runs.

    Listens on DAGSTER_GRPC_PORT; the others find it at DAGSTER_GRPC_HOST. SIGTERM or Ctrl-C stop it once the runs in
    progress have ended, a second one stops it at once. Unfinished runs continue when it starts again.
    """
    from bookbytes_pipeline.processes.code_server import serve_code  # noqa: PLC0415 - Dagster takes seconds to import

    serve_code(load_settings(), host)


commands = {"code-server": code_server}
