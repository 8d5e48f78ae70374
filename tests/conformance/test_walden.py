"""A real book from end to end, offline."""

from pathlib import Path

import pytest

from tests.cli_runner import bookbytes, offline

SHARED = Path(__file__).parents[3] / "shared" / "data"
WALDEN = "9780451529459"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not beside this checkout")


def test_walden_becomes_eighteen_clips(tmp_path: Path) -> None:
    """Every real chapter can be heard, and the imprint is none."""
    run = bookbytes("process", WALDEN, "--epub", SHARED / "epub" / "walden.epub", env=offline(tmp_path))

    assert run.returncode == 0, run.stderr
    assert len(list((tmp_path / "store" / "chapter_audio" / WALDEN).glob("*.mp3"))) == 18
    assert "Imprint" not in run.stdout
    assert "Colophon" not in run.stdout
