"""What goes into the image, as far as that can be checked without building it."""

import re
from pathlib import Path

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
