"""A real llama.cpp and a model far too small for the task: whatever it answers, nothing bad is published as good."""

import json
import re
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import html

from bookbytes_pipeline.sample.epub import SAMPLE_ISBN, SAMPLE_TITLE, sample_epub
from tests.cli_runner import bookbytes, offline
from tests.free_ports import lasting_port
from tests.real_model.recheck import faults, words

PROJECT = Path(__file__).parents[2]
PYTHON = PROJECT / ".venv-real-model" / "bin" / "python"
SERVER = Path(__file__).with_name("llama_server.py")
START_S = 180
RUN_S = 5400

ROOM_FOR_A_CHAPTER = 4096
"""Tokens, for a chapter of the sample and its summary. A larger context only lets a model that finds no end go on."""
TOO_LITTLE, ENOUGH_FOR_PARTS = 2048, 2560
"""Three chapters together are more than either."""
CHAPTERS = ("chapter-1.xhtml", "chapter-2.xhtml", "chapter-3.xhtml")
LATER = (*CHAPTERS, "galil", "chapter-5", "chapter-6", "chapter-7")
CHAPTER_TITLES = "Shadows on the Ground Water, Fire and Sand The Wheel That Hesitates"
TITLES = f"{SAMPLE_TITLE} The BookBytes authors {CHAPTER_TITLES}"
FAILED = r"(?:Chapters? \d+ \(.+\):|All \d+ chapters failed:|finds no chapter in the text of)"
MAX_ASKED = 540
"""Words: three minutes of eSpeak."""


@dataclass(frozen=True)
class Published:
    """A summary as the library has it; number 0 is that of the whole book."""

    number: int
    summary: str | None
    review_reasons: Sequence[str]
    audio_key: str | None


def test_nothing_that_a_tiny_model_answers_is_published_as_good_unless_it_is(tmp_path: Path) -> None:
    """Each chapter is right, or marked for review with reasons, or has no clip; or the run says what failed and why."""
    with llama_server(tmp_path, ROOM_FOR_A_CHAPTER) as address:
        env = with_model(tmp_path, address)
        book = first_chapters(tmp_path, 2)
        run = bookbytes("process", str(SAMPLE_ISBN), "--epub", book, env=env, timeout_s=RUN_S)

    assert_nothing_bad_is_good(run, tmp_path, dict(enumerate(map(chapter_text, CHAPTERS), start=1)))


@pytest.mark.parametrize("context", [TOO_LITTLE, ENOUGH_FOR_PARTS])
def test_a_chapter_beyond_the_context_is_read_in_parts_or_said_to_be_too_long(context: int, tmp_path: Path) -> None:
    """llama.cpp's own overflow is no outage: nobody is told to try again later, and what is made of it is checked."""
    with llama_server(tmp_path, context) as address:
        env = with_model(tmp_path, address)
        attached = bookbytes("attach", str(SAMPLE_ISBN), first_chapters(tmp_path, len(CHAPTERS)), env=env)
        merged = bookbytes("chapters", str(SAMPLE_ISBN), "--merge", "1", str(len(CHAPTERS)), env=env)
        run = bookbytes("process", str(SAMPLE_ISBN), env=env, timeout_s=RUN_S)

    assert (attached.returncode, merged.returncode) == (0, 0)
    assert "exceeds the available context size" in (tmp_path / "server.log").read_text()
    assert_nothing_bad_is_good(run, tmp_path, {1: " ".join(map(chapter_text, CHAPTERS))})


@contextmanager
def llama_server(folder: Path, context: int) -> Iterator[str]:
    """llama.cpp with the tiny model and this context, until the block ends; its address ends in `/v1`."""
    port = lasting_port()
    with (
        (folder / "server.log").open("w") as log,
        subprocess.Popen([PYTHON, SERVER, str(port), str(context)], stdout=log, stderr=log) as process,
    ):
        try:
            wait_until_healthy(port, process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


def wait_until_healthy(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "llama.cpp ended before it was ready"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(f"llama.cpp was not ready within {START_S} seconds")


def with_model(folder: Path, address: str) -> dict[str, str]:
    """The environment of a laptop with a llama.cpp of its own, and no key."""
    calls = {"MAX_CONCURRENT_LLM_CALLS": "1", "OPENAI_TIMEOUT": "600"}
    return offline(folder / "home", LLM_PROVIDER="openai", OPENAI_BASE_URL=address, **calls)


def first_chapters(folder: Path, count: int) -> Path:
    """The sample book with so many chapters."""
    later = re.compile(rf".*(?:{'|'.join(LATER[count:])}).*\n")
    book = folder / "first-chapters.epub"
    with ZipFile(BytesIO(sample_epub())) as sample, ZipFile(book, "w") as shorter:
        for entry in sample.infolist():
            content = sample.read(entry)
            if entry.filename.endswith(("content.opf", "nav.xhtml")):
                content = later.sub("", content.decode()).encode()
            if not later.match(f"{entry.filename}\n"):
                shorter.writestr(entry, content)
    return book


def chapter_text(name: str) -> str:
    """A chapter of the sample, not read by the product's reader."""
    with ZipFile(BytesIO(sample_epub())) as sample:
        return " ".join(html.document_fromstring(sample.read(f"EPUB/text/{name}")).text_content().split())


def assert_nothing_bad_is_good(run: subprocess.CompletedProcess[str], folder: Path, texts: dict[int, str]) -> None:
    rows = published(folder / "home" / "library.db")
    tell(run, rows)
    assert "try again later" not in run.stderr.lower()
    assert "Unexpected" not in run.stderr
    assert rows or explains_a_failure(run.stderr)
    assert {number: found for number, found in published_as_good(rows, texts) if found} == {}


def published_as_good(rows: Sequence[Published], texts: dict[int, str]) -> Iterator[tuple[int, list[str]]]:
    """What is wrong with each summary that is not marked for review; the book's is made of those of its chapters."""
    chapters = " ".join(row.summary or "" for row in rows if row.number)
    for row in rows:
        if not row.summary:
            yield row.number, ["a clip of nothing"] if row.audio_key else []
        elif not row.review_reasons:
            source = texts.get(row.number, chapters)
            asked = min(MAX_ASKED, len(words(source)) // 3)
            yield row.number, faults(row.summary, source, asked, TITLES)


def explains_a_failure(message: str) -> bool:
    """Whether a run that published nothing names its chapters and says what was wrong with them."""
    return re.search(rf"{FAILED} \S.{{20}}", message) is not None


def published(library: Path) -> list[Published]:
    """The summaries in the library."""
    if not library.exists():
        return []
    with closing(sqlite3.connect(library)) as connection:
        rows = connection.execute(
            "SELECT chapter_number, summary, review_reasons, audio_key FROM chapters ORDER BY chapter_number"
        )
        return [Published(number, summary, json.loads(reasons), clip) for number, summary, reasons, clip in rows]


def tell(run: subprocess.CompletedProcess[str], rows: Sequence[Published]) -> None:
    """Print what came of it; pytest shows that with `-rP`."""
    print(f"exit code {run.returncode}\n{run.stdout}\n{run.stderr}")  # noqa: T201 - as above
    for row in rows:
        print(f"{row.number}: {row.review_reasons or 'as good'}, {row.audio_key}\n{row.summary}\n")  # noqa: T201
