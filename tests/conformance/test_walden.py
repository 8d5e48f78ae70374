"""A real book from end to end, offline."""

from pathlib import Path

from tests.cli_runner import bookbytes, offline
from tests.conformance.shared import SHARED, needs_shared_data

WALDEN = "9780451529459"
pytestmark = needs_shared_data


def test_walden_becomes_eighteen_clips(tmp_path: Path) -> None:
    """Every real chapter can be heard, and the imprint is none."""
    run = bookbytes("process", WALDEN, "--epub", SHARED / "epub" / "walden.epub", env=offline(tmp_path))

    assert run.returncode == 0, run.stderr
    assert len(list((tmp_path / "store" / "chapter_audio" / WALDEN).glob("*.mp3"))) == 18
    assert "Imprint" not in run.stdout
    assert "Colophon" not in run.stdout
