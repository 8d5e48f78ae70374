"""`bookbytes prune` on what real runs have left behind."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bookbytes_pipeline.cli import bookbytes
from bookbytes_pipeline.cli.foreground_run import run_book
from bookbytes_pipeline.domain.book_choices import BookChoices
from bookbytes_pipeline.settings import load_settings
from tests.cli_runner import CHAPTERS, CHAPTERS_ONLY, ISBN, KEY, Servers, offline, online, providers
from tests.cli_runner import bookbytes as run_bookbytes
from tests.fakes.openai_api import OpenAIApi


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Providers that know a book of three chapters, of which there is little to say."""
    with providers(chapters=CHAPTERS[:3], model=OpenAIApi(KEY, longest=30)) as running:
        yield running


def test_a_book_loses_what_it_was_made_of_before_and_nothing_that_was_paid_for(
    tmp_path: Path, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made, then made again, longer and pronounced otherwise. Another run then finds all answers and clips."""
    for name, value in online(tmp_path, servers, **CHAPTERS_ONLY).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    (tmp_path / "words.txt").write_text("Springs = Sprints\nRapids = Rabbits\nLakes = Lakers\n")
    usual = load_settings(_env_file=None)
    settings = load_settings(_env_file=None, pronunciations=tmp_path / "words.txt")
    for minutes, chosen in ((1, usual), (2, settings)):
        run_book(chosen, ISBN, BookChoices(minutes, None))
        _let_days_pass(tmp_path / "store", 2)
    assert 6 == _files(tmp_path, f"chapter_audio/{ISBN}")
    paid = servers.writings, servers.recordings
    answers = _files(tmp_path, "remembered/chapter_summary")

    counted = _prune("--dry-run")
    pruned = _prune()
    again = _prune()
    run_book(settings, ISBN, BookChoices())

    assert pruned.output.startswith("clips: 3, ")
    assert "\ncached answers: " in pruned.output
    assert counted.output == pruned.output.replace("deleted.", "would be deleted; nothing was.")
    assert "There is nothing to delete." in again.output
    assert 3 == _files(tmp_path, f"chapter_audio/{ISBN}")
    assert answers > _files(tmp_path, "remembered/chapter_summary")
    assert paid == (servers.writings, servers.recordings)


def test_a_store_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    """As every error."""
    (tmp_path / "file").write_text("in the way")

    run = run_bookbytes("prune", env=offline(tmp_path, LOCAL_STORAGE_PATH=str(tmp_path / "file")))

    assert (1, "", 1) == (run.returncode, run.stdout, len(run.stderr.splitlines()))
    assert "file: Not a directory. Check BOOKBYTES_HOME and LOCAL_STORAGE_PATH" in run.stderr


def _prune(*options: str) -> Result:
    return CliRunner().invoke(bookbytes, ["prune", *options], catch_exceptions=False)


def _files(home: Path, folder: str) -> int:
    return sum(1 for _ in (home / "store" / folder).iterdir())


def _let_days_pass(folder: Path, days: int) -> None:
    for file in folder.rglob("*"):
        then = file.stat().st_mtime_ns - int(timedelta(days=days).total_seconds()) * 1_000_000_000
        os.utime(file, ns=(then, then))
