"""A book whose process is killed again and again, while its summaries and its clips are made side by side."""

import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bookbytes_pipeline.domain.narration import SpokenPiece
from tests.cli_runner import COMMANDS, ISBN, KEY, Servers, bookbytes, online, providers
from tests.fakes.google_translate import GoogleTranslate
from tests.fakes.openai_api import OpenAIApi

CHAPTERS = tuple(f"Reach {number}" for number in range(1, 17))
KILLS = 10
JUST_NOW_S = 1.0
"""An answer that was sent so shortly before the end may not have been kept: a busy machine takes its time."""
ARRIVAL_S = 0.5
"""What was asked at the end has arrived at busy servers after that, too."""


def test_nothing_is_asked_again_that_was_answered(tmp_path: Path) -> None:
    """Each question is asked once, and once more at most for each time that it was in flight at a kill."""
    model, narrator = OpenAIApi(KEY, latency=0.2), GoogleTranslate(latency=0.05)
    with providers(chapters=CHAPTERS, model=model, narrator=narrator) as servers:
        env = online(tmp_path, servers, MAX_CONCURRENT_LLM_CALLS="2", MAX_CONCURRENT_TTS_CALLS="2")
        unkept: Counter[str] = Counter()
        codes = [_kill_after_calls(env, servers, unkept, calls=10 + 10 * (number % 3)) for number in range(KILLS)]
        kept_before = _kept(tmp_path)
        last = bookbytes("process", ISBN, env=env)
        shown = bookbytes("show", ISBN, env=env)

    assert 0 == last.returncode, last.stderr
    assert {-9} == set(codes)
    assert kept_before
    assert all(chapter in shown.stdout for chapter in CHAPTERS)
    assert "no audio" not in shown.stdout
    too_often = {question: asked for question, asked in _asked(servers).items() if asked > 1 + unkept[question]}
    assert {} == too_often


def _kill_after_calls(env: Mapping[str, str], servers: Servers, unkept: Counter[str], *, calls: int) -> int:
    """Begin the book, kill it after so many more calls, and count what could not be kept; returns the exit code.

    Of the model that is what was in flight, of the narrator the parts of chapters that were not spoken to their end.
    """
    before = sum(_asked(servers).values())
    process = subprocess.Popen([COMMANDS / "bookbytes", "process", ISBN], env=env, stdout=subprocess.DEVNULL)
    while sum(_asked(servers).values()) < before + calls:
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.01)
    process.kill()
    code = process.wait()
    time.sleep(ARRIVAL_S)
    unkept.update(set(servers.model.in_flight.since(JUST_NOW_S + ARRIVAL_S)))
    unkept.update(set(servers.narrator.script.texts) - _kept(Path(env["BOOKBYTES_HOME"])))
    return code


def _kept(home: Path) -> set[str]:
    files = (home / "store" / "remembered" / "speech_pieces").glob("[!.]*")
    return {piece.text for file in files for piece in msgspec.msgpack.decode(file.read_bytes(), type=list[SpokenPiece])}


def _asked(servers: Servers) -> Counter[str]:
    questions = (body["messages"][-1]["content"] for body in servers.model.requests)
    return Counter([*questions, *servers.narrator.script.texts])
