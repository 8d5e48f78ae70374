"""`docker/compose.yaml` as Docker Compose itself reads it."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.cli_runner import COMMANDS

DOCKER = Path(__file__).parents[2] / "docker"
EXAMPLE = DOCKER / ".env.example"
REQUIRED = tuple(re.findall(r"(?m)^(\w+)=$", EXAMPLE.read_text()))
"""The variables that have no value in the example and must be set."""
EXAMPLE_VALUES: Mapping[str, str] = {name: f"value-of-{name}" for name in REQUIRED}


def compose_config(variables: Mapping[str, str] = EXAMPLE_VALUES) -> subprocess.CompletedProcess[str]:
    """Run `docker compose config` for every profile, with the example and these variables."""
    return subprocess.run(
        [
            *(COMMANDS / "docker-compose", "--file", DOCKER / "compose.yaml", "--env-file", EXAMPLE),
            *("--profile", "*", "config", "--format", "json"),
        ],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def composition(**more: str) -> dict[str, Any]:
    """Services, networks and volumes, with the required variables and `more` set."""
    rendered: dict[str, Any] = json.loads(compose_config({**EXAMPLE_VALUES, **more}).stdout)
    return rendered
