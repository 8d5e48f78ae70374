"""What goes into the image, as far as that can be told without building it."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
DOCKERFILE = (PROJECT / "docker" / "Dockerfile").read_text()


def test_the_image_is_built_with_the_uv_of_the_makefile() -> None:
    """uv.lock is that version's; docker/build.sh hands it on, others build with the default."""
    assert re.findall(r"(?m)^UV_VERSION := (\S+)$", (PROJECT / "Makefile").read_text()) == re.findall(
        r"(?m)^ARG UV_VERSION=(\S+)$", DOCKERFILE
    )


def test_everything_that_is_copied_is_let_in_and_nothing_else() -> None:
    """The builder sees what .dockerignore names, so that no secret lying about gets into a layer."""
    copied = {
        source for sources in re.findall(r"(?m)^COPY (?!--from)(.*) \S+$", DOCKERFILE) for source in sources.split()
    }
    let_in = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert copied == let_in
