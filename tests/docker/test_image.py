"""What goes into the image, as far as that can be checked without building it."""

import os
import re
import shlex
from pathlib import Path

import psutil

from tests.cli_runner import COMMANDS
from tests.doc_blocks import blocks
from tests.processes.served import on_free_ports, served

PROJECT = Path(__file__).parents[2]
DOCKERFILE = (PROJECT / "docker" / "Dockerfile").read_text()


def test_the_image_is_built_with_the_uv_of_the_makefile() -> None:
    """uv.lock was written by that version; docker/build.sh passes it on, others build with the default."""
    assert re.findall(r"(?m)^UV_VERSION := (\S+)$", (PROJECT / "Makefile").read_text()) == re.findall(
        r"(?m)^ARG UV_VERSION=(\S+)$", DOCKERFILE
    )


def test_the_build_context_is_exactly_what_is_copied() -> None:
    """The builder sees what .dockerignore allows, so that no stray secret gets into a layer."""
    copied = {
        source for sources in re.findall(r"(?m)^COPY (?!--from)(.*) \S+$", DOCKERFILE) for source in sources.split()
    }
    allowed = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert copied == allowed


def test_the_image_serves_everything_without_secrets(tmp_path: Path) -> None:
    """The command of the page, in the image's environment: API and Dagster UI respond, on loopback alone."""
    script = shlex.split(_docker_run())[-1]
    places = {"PATH": f"{COMMANDS}:{os.environ['PATH']}", "HOME": str(tmp_path), "BOOKBYTES_HOME": str(tmp_path)}
    env = on_free_ports({**_environment_of_the_image(), **places, "OPENLIBRARY_BASE_URL": ""})
    with served(env, cwd=tmp_path, command=[PROJECT / script]) as running:
        served_by = psutil.Process(running.process.pid).children(recursive=True)
        listening = {
            connection.laddr.ip.removeprefix("::ffff:")
            for process in served_by
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        ready, runs = running.api("/health/ready"), running.runs()
        stopped = running.stop()

    assert script in DOCKERFILE.rpartition("\nFROM ")[0]
    assert (200, [], 0) == (ready, runs, stopped)
    assert {"127.0.0.1"} == listening


def _docker_run() -> str:
    shown = blocks("docs/how-to/run-in-containers.md", "console")[0].splitlines()
    return next(line for line in shown if line.startswith("$ docker run"))


def _environment_of_the_image() -> dict[str, str]:
    final_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    [block] = re.findall(r"(?m)^ENV ((?:.*\\\n)*.*)$", final_stage)
    return dict(each.split("=", 1) for each in block.replace("\\\n", " ").split())
