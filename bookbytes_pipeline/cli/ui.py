"""`make serve`: the Dagster UI and daemon on this machine's instance, as the settings say."""

import os
import sys
from pathlib import Path

import click

from bookbytes_pipeline.cli.boundary import told
from bookbytes_pipeline.instance import open_instance
from bookbytes_pipeline.settings import load_settings

if __name__ == "__main__":
    with told():
        settings = load_settings()
        with open_instance(settings):
            dagster = str(Path(sys.executable).with_name("dagster"))
        address = f"http://127.0.0.1:{settings.dagster_ui_port}/assets"
        click.echo(f"The Dagster UI will be at {address} in some seconds; Ctrl-C stops it.")
        arguments = ("dev", "--port", str(settings.dagster_ui_port), "--log-level", "warning")
        # Dagster would send its users to another command, and to another dagster.yaml than the one in use
        os.execve(dagster, [dagster, *arguments], os.environ | {"PYTHONWARNINGS": "ignore"})  # noqa: S606 - ours
