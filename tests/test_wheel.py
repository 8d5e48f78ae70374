"""BookBytes as `pip install` leaves it: packages without a checkout around them."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from bookbytes_pipeline.sample.epub import SAMPLE_TITLE
from tests.cli_runner import CHAPTERS_ONLY, bookbytes, command, offline
from tests.processes.served import on_free_ports, served

ROOT = Path(__file__).parents[1]
FAST = {"SUMMARY_MINUTES": "1", **CHAPTERS_ONLY}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installed wheel; what it depends on is that of the tests."""
    built, folder = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", built]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = built.iterdir()
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def env(installed: Path, tmp_path: Path) -> Mapping[str, str]:
    """The environment of somebody who works in an empty folder."""
    return on_free_ports(offline(tmp_path / "home", PYTHONPATH=str(installed), **FAST))


def test_the_packages_are_those_of_the_wheel(installed: Path, env: Mapping[str, str], tmp_path: Path) -> None:
    """Otherwise the other tests here would be about the checkout."""
    run = command("python", "-c", "import bookbytes_pipeline as it; print(it.__file__)", env=env, cwd=tmp_path)

    assert str(installed / "bookbytes_pipeline" / "__init__.py") == run.stdout.strip()


def test_the_demo_works_in_an_empty_folder(env: Mapping[str, str], tmp_path: Path) -> None:
    """And the library lists the book: `dagster.yaml` and the migrations are inside the package."""
    demo = bookbytes("demo", env=env, cwd=tmp_path)
    listed = bookbytes("list", env=env, cwd=tmp_path)

    assert 0 == demo.returncode, demo.stderr
    assert "TTS_PROVIDER=espeak bookbytes serve" in demo.stdout
    assert SAMPLE_TITLE in listed.stdout


def test_it_serves_in_an_empty_folder(env: Mapping[str, str], tmp_path: Path) -> None:
    """Everything gets ready, and the pages have their templates and styles."""
    with served(env, cwd=tmp_path) as running:
        assert (200, 200) == (running.api("/health/ready"), running.api("/sign-in"))
        assert 0 == running.stop()
