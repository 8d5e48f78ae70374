"""What users read when something goes wrong, and which results are kept."""

import json
import os
import signal
import subprocess
from itertools import repeat
from pathlib import Path

import pytest

from tests.cli_runner import (
    CHAPTERS,
    CHAPTERS_ONLY,
    COMMANDS,
    ISBN,
    KEY,
    bookbytes,
    in_process,
    offline,
    online,
    providers,
)
from tests.fakes.google_translate import CAPTCHA, GoogleTranslate
from tests.fakes.openai_api import Canned, OpenAIApi

RAPIDS = "Chapter 2: Rapids"
UNKNOWN = {"known": False, "summary": ""}


def test_an_invalid_isbn_is_exit_code_2(tmp_path: Path) -> None:
    """The failed check is named, and nothing is created, not even a folder."""
    run = bookbytes("process", "978-0-306-40615-8", env=offline(tmp_path / "home"))

    assert run.returncode == 2
    assert run.stderr.strip() == (
        "bookbytes: '978-0-306-40615-8' is not an ISBN: wrong ISBN-13 check digit, 8 should be 7."
    )
    assert not (tmp_path / "home").exists()


def test_an_unknown_isbn_leaves_nothing_in_the_library(tmp_path: Path) -> None:
    """One line says that it was not found; the library stays empty."""
    with providers() as servers:
        run = bookbytes("process", "9780198526636", env=online(tmp_path, servers))
        listed = in_process("list", env=online(tmp_path, servers))

    assert run.returncode == 1
    assert "9780198526636 was not found at Open Library" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert "The library is empty" in listed.stdout


def test_without_a_key_and_without_text_both_remedies_are_named(tmp_path: Path) -> None:
    """One sentence names both: a key, or the book itself."""
    with providers() as servers:
        run = bookbytes("process", ISBN, env=online(tmp_path, servers, OPENAI_API_KEY="", LLM_PROVIDER=""))

    assert run.returncode == 1
    assert "OPENAI_API_KEY" in run.stderr
    assert f"bookbytes attach {ISBN} FILE" in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_chapter_that_keeps_failing_does_not_fail_the_others(tmp_path: Path) -> None:
    """The run fails naming chapter and cause; the next run requests that chapter only."""
    down = Canned(503, {"error": {"message": "Overloaded"}}, {"retry-after": "0"}, when=RAPIDS)
    with providers(model=OpenAIApi(KEY, script=[down] * 3)) as servers:
        failed = bookbytes("process", ISBN, env=online(tmp_path, servers, **CHAPTERS_ONLY))
        requests_before = servers.writings
        rerun = in_process("process", ISBN, env=online(tmp_path, servers, **CHAPTERS_ONLY))

    assert failed.returncode == 1
    assert "1 of 4 chapters failed. Chapter 2 (Rapids): " in failed.stderr
    assert requests_before == len(CHAPTERS) - 1 + 3
    assert rerun.returncode == 0, rerun.stderr
    assert servers.writings == requests_before + 1


def test_a_refused_key_is_reported_once_and_never_shown(tmp_path: Path) -> None:
    """All chapters fail for one reason, which is one sentence; the key is in no output and no file."""
    with providers() as servers:
        run = bookbytes("process", ISBN, env=online(tmp_path, servers, OPENAI_API_KEY="sk-wrong-0123456789abcdef"))

    assert run.returncode == 1
    assert run.stderr.count("OPENAI_API_KEY") == 1
    assert "sk-wrong-0123456789abcdef" not in run.stdout + run.stderr + _content_of_all_files(tmp_path)


def test_a_chapter_the_model_does_not_know_is_recorded_and_not_narrated(tmp_path: Path) -> None:
    """The others have audio; exit code 1 and a warning report the one that has none."""
    unknown_chapter = Canned(200, _completion(UNKNOWN), when=RAPIDS)
    with providers(model=OpenAIApi(KEY, script=[unknown_chapter])) as servers:
        run = bookbytes("process", ISBN, env=online(tmp_path, servers, **CHAPTERS_ONLY))

    assert run.returncode == 1
    assert "no clip for chapter 2" in run.stderr
    assert len(list((tmp_path / "store" / "chapter_audio" / ISBN).glob("*.mp3"))) == len(CHAPTERS) - 1


def test_a_text_chunk_without_audio_fails_its_chapter_only(tmp_path: Path) -> None:
    """A captcha instead of sound is an error with the chapter's name; the rerun narrates what is missing."""
    blocked = GoogleTranslate(failures={"Rapids": repeat(CAPTCHA, 3)})
    with providers(narrator=blocked) as servers:
        failed = bookbytes("process", ISBN, env=online(tmp_path, servers, **CHAPTERS_ONLY))
        clips_after_failure = len(list((tmp_path / "store" / "chapter_audio" / ISBN).glob("*.mp3")))
        rerun = in_process("process", ISBN, env=online(tmp_path, servers, **CHAPTERS_ONLY))

    assert failed.returncode == 1
    assert "Chapter 2 (Rapids): " in failed.stderr
    assert clips_after_failure == len(CHAPTERS) - 1
    assert rerun.returncode == 0, rerun.stderr
    assert servers.writings == len(CHAPTERS)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
def test_stopping_halfway_loses_nothing(tmp_path: Path, stop: signal.Signals) -> None:
    """Finished chapters are not requested again, however the process ended."""
    with providers(model=OpenAIApi(KEY, latency=0.5)) as servers:
        env = online(tmp_path, servers, MAX_CONCURRENT_LLM_CALLS="1", **CHAPTERS_ONLY)
        code, errors = _stop_after_two_chapters(env, stop)
        requests_before = servers.writings
        run = in_process("process", ISBN, env=env)

    assert run.returncode == 0, run.stderr
    assert requests_before < len(CHAPTERS)
    assert servers.writings <= len(CHAPTERS) + 1  # the interrupted call is repeated
    if stop == signal.SIGINT:
        assert code == 130
        assert errors.strip() == ("bookbytes: Stopped. Finished work is kept; run the same command again to continue.")


def test_a_store_that_cannot_be_written_is_reported_before_anything_is_paid(tmp_path: Path) -> None:
    """The folder and the setting are named; no provider was called."""
    (tmp_path / "in-the-way").write_text("a file where the folder should be")
    with providers() as servers:
        run = bookbytes("process", ISBN, env=online(tmp_path, servers, LOCAL_STORAGE_PATH=f"{tmp_path}/in-the-way"))

    assert run.returncode == 1
    assert "in-the-way" in run.stderr
    assert "LOCAL_STORAGE_PATH" in run.stderr
    assert "Traceback" not in run.stderr
    assert (servers.lookups, servers.writings, servers.recordings) == (0, 0, 0)


def test_an_artefact_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """Dagster wraps what its IO managers raise; users see the cause and the remedy."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "chapter_list").write_text("a file where the folder should be")
    with providers() as servers:
        run = bookbytes("process", ISBN, env=online(tmp_path, servers))

    assert run.returncode == 1
    assert run.stderr.startswith(f"bookbytes: The store cannot use {tmp_path}/store/chapter_list/{ISBN}.json: ")
    assert len(run.stderr.splitlines()) == 1
    assert servers.writings == 0


def test_a_book_is_not_processed_twice_at_the_same_time(tmp_path: Path) -> None:
    """A second process is refused while the first one runs, so that nothing is paid for twice."""
    with providers(model=OpenAIApi(KEY, latency=1)) as servers:
        env = online(tmp_path, servers, **CHAPTERS_ONLY)
        first = subprocess.Popen([COMMANDS / "bookbytes", "process", ISBN], env=env, stdout=subprocess.PIPE, text=True)
        assert first.stdout is not None
        next(line for line in first.stdout if line.startswith("Summaries"))
        second = bookbytes("process", ISBN, env=env)
        first.communicate(timeout=240)

    assert first.returncode == 0
    assert second.returncode == 1
    assert f"{ISBN} is being made already, by another bookbytes command" in second.stderr
    assert servers.writings == len(CHAPTERS)


def test_a_wrong_setting_stops_the_process_with_one_sentence(tmp_path: Path) -> None:
    """The variable, its value and the choices are named."""
    run = bookbytes("process", ISBN, env=offline(tmp_path, TTS_PROVIDER="alexa"))

    assert run.returncode == 1
    assert run.stderr.strip() == (
        "bookbytes: TTS_PROVIDER is 'alexa'; it should be one of 'gtts', 'openai', 'piper' or 'espeak'."
    )


def test_tracebacks_are_for_debugging_only(tmp_path: Path) -> None:
    """DEBUG=true shows where an error came from."""
    assert "Traceback" in bookbytes("show", "1", env=offline(tmp_path, DEBUG="true")).stderr
    assert "Traceback" not in bookbytes("show", "1", env=offline(tmp_path)).stderr


def _stop_after_two_chapters(env: dict[str, str], stop: signal.Signals) -> tuple[int, str]:
    process = subprocess.Popen(
        [COMMANDS / "bookbytes", "process", ISBN], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Summaries 2/4"):
            process.send_signal(stop)
            break
    _, errors = process.communicate(timeout=180)
    return process.returncode, errors


def _completion(content: object) -> dict[str, object]:
    message = {"role": "assistant", "content": json.dumps(content), "refusal": None}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return {"id": "c", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}


def _content_of_all_files(home: Path) -> str:
    files = (path.read_bytes() for path in home.rglob("*") if path.is_file())
    return b"".join(files).decode(errors="replace")


def test_a_home_that_may_only_be_read_is_one_sentence(tmp_path: Path) -> None:
    """As after a command by `sudo`: nothing is begun that cannot be recorded."""
    home = tmp_path / "home"
    assert in_process("isbn", "--add", ISBN, env=offline(home)).returncode == 0
    (home / "dagster" / "history" / "runs.db").chmod(0o444)
    recording = _without_privileges("isbn", "--add", ISBN, home=home)
    (home / "dagster" / "history" / "runs.db").chmod(0o644)
    (home / "locks" / "dagster.lock").chmod(0o444)
    locking = _without_privileges("isbn", "--add", ISBN, home=home)
    home.chmod(0o555)
    opening = _without_privileges("list", home=home)

    remedy = "cannot be used: Permission denied. Check BOOKBYTES_HOME"
    assert f"bookbytes: {home}/dagster/history/runs.db {remedy} and who may write there.\n" == recording
    assert f"bookbytes: {home} {remedy} and who may write there.\n" == locking
    assert (
        f"bookbytes: The library at sqlite:///{home}/library.db {remedy} or DATABASE_URL, and who may write there.\n"
        == opening
    )


def _without_privileges(*arguments: str, home: Path) -> str:
    """The errors of a command for which the modes of files count, also if the tests run as root."""
    privileges = "-dac_override,-dac_read_search"
    ordinary = ["setpriv", f"--bounding-set={privileges}", f"--inh-caps={privileges}"] if os.geteuid() == 0 else []
    if ordinary and subprocess.run([*ordinary, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root cannot give up its privileges here")
    command = [*ordinary, COMMANDS / "bookbytes", *arguments]
    return subprocess.run(command, env=offline(home), capture_output=True, text=True, check=False).stderr
