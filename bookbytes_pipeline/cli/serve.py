"""`bookbytes serve`: everything on this machine, with one command."""

import sys

import click

from bookbytes_pipeline.settings import load_settings


@click.command
def serve() -> None:
    """Start everything on this machine: API, Dagster's code server, daemon and UI.

    Prints the addresses when all of them are ready. Ctrl-C stops everything; unfinished books continue at the next
    start.
    """
    from bookbytes_pipeline.processes.serve.serve import serve as serve_all  # noqa: PLC0415 - HTTP and locks, only here

    sys.exit(serve_all(load_settings()))


commands = {"serve": serve}
