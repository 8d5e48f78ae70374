"""`make serve`: the Dagster UI and daemon on this machine's instance, as the settings say."""

import os
import sys
from pathlib import Path

from bookbytes_pipeline.instance import open_instance
from bookbytes_pipeline.settings import load_settings

if __name__ == "__main__":
    settings = load_settings()
    with open_instance(settings):
        dagster = Path(sys.executable).with_name("dagster")
    os.execv(dagster, [str(dagster), "dev", "--port", str(settings.dagster_ui_port)])  # noqa: S606 - our own command
