"""A book of which one chapter fails: the others are in the library, which says that it is not finished."""

from itertools import repeat
from pathlib import Path

from tests.cli_runner import CHAPTERS, CHAPTERS_ONLY, ISBN, bookbytes, online, providers
from tests.fakes.google_translate import CAPTCHA, GoogleTranslate


def test_finished_chapters_are_kept_where_another_fails(tmp_path: Path) -> None:
    """They are listed, shown and exported, each time with how many there are to be; the next run completes the book."""
    blocked = GoogleTranslate(failures={"Rapids": repeat(CAPTCHA, 3)})
    with providers(narrator=blocked) as servers:
        env = online(tmp_path / "home", servers, **CHAPTERS_ONLY)
        failed = bookbytes("process", ISBN, env=env)
        listed, shown = bookbytes("list", env=env), bookbytes("show", ISBN, env=env)
        exported = bookbytes("export", ISBN, tmp_path / "player", env=env)
        completed = bookbytes("process", ISBN, env=env)
        listed_after = bookbytes("list", env=env)

    finished = f"{len(CHAPTERS) - 1} of {len(CHAPTERS)}"
    assert (1, 0, 0, 0) == tuple(run.returncode for run in (failed, shown, exported, completed))
    assert "Chapter 2 (Rapids): " in failed.stderr
    assert finished in listed.stdout
    assert f"{finished} chapters are finished. The others: bookbytes process {ISBN}" in shown.stdout
    assert f"bookbytes: warning: On Rivers is not finished: {finished} chapters.\n" == exported.stderr
    assert len(CHAPTERS) - 1 == len(list((tmp_path / "player").glob("*.mp3")))
    assert " of " not in listed_after.stdout
    assert servers.writings == len(CHAPTERS)
