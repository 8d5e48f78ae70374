"""What `bookbytes serve` prints while it starts and stops."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from bookbytes_pipeline.processes.serve.services import ServiceSpec
from bookbytes_pipeline.processes.serve.supervisor_run import ConsoleListener
from bookbytes_pipeline.settings import load_settings

UI = ServiceSpec("dagster-ui", "The Dagster UI", (), {})


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[ConsoleListener]:
    """A listener of a new home."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield ConsoleListener(load_settings(_env_file=None, bookbytes_home=tmp_path), instance)


def test_services_are_named_as_they_become_ready(listener: ConsoleListener, capsys: pytest.CaptureFixture[str]) -> None:
    """Starting can take a minute; each service gets a line with how many are ready."""
    listener.service_ready(UI, 2, 4)

    assert "The Dagster UI is ready (2 of 4).\n" == capsys.readouterr().out


def test_a_crash_is_reported_on_stderr(
    listener: ConsoleListener, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line says how it ended, that it is restarted, and where to read more."""
    listener.crashed(UI, -9)

    log = tmp_path / "logs" / "dagster-ui.log"
    assert f"The Dagster UI ended with SIGKILL; restarting it. Its log: {log}\n" == capsys.readouterr().err


@pytest.mark.parametrize(
    ("interrupted", "line"),
    [
        (0, "Stopped."),
        (1, "Stopped while 1 book was being made. BookBytes continues with it at the next start."),
        (2, "Stopped while 2 books were being made. BookBytes continues with them at the next start."),
    ],
)
def test_the_last_line_says_that_it_has_stopped(
    listener: ConsoleListener, capsys: pytest.CaptureFixture[str], interrupted: int, line: str
) -> None:
    """Also how many books were interrupted, and that none of them is lost."""
    listener.stopped(interrupted)

    assert f"{line}\n" == capsys.readouterr().out
