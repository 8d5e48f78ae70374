"""The commands in the documentation whose blocks are marked with `run`, as people type them."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.instance.partitions import add_isbn
from bookbytes_pipeline.sample.epub import SAMPLE_ISBN, SAMPLE_TITLE, sample_epub
from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, free_port, offline_settings, serving_live
from tests.api.factories import RIVERS, publish_book
from tests.api.test_early_answers import NEEDS_CURL
from tests.cli_runner import COMMANDS, offline
from tests.doc_blocks import PAGES, Command, marked_commands

README = "README.md"
MARKED = [page for page in PAGES if page != README and marked_commands(page)]
SOUND = bytes(number % 251 for number in range(600_000))
END = "\x1e"


@dataclass(frozen=True)
class Reader:
    """A checkout with the API running, the sample book in the library, and its text attached to two ISBNs."""

    api: Api
    folder: Path

    def types(self, lines: list[str], *, before: str = "") -> list[tuple[int, str]]:
        """Return the exit code and the output of each line, typed in one shell."""
        script = before + "".join(f"{line}\nprintf '{END}%s{END}' $?\n" for line in lines)
        env = offline(self.api.settings.bookbytes_home, DAGSTER_GRPC_PORT=str(self.api.settings.dagster_grpc_port))
        shell = ["bash", "-o", "pipefail", "-c", f"exec 2>&1\n{self.here(script)}"]
        done = subprocess.run(shell, env=env, cwd=self.folder, capture_output=True, text=True, timeout=180, check=True)
        outputs, codes = done.stdout.split(END)[:-1:2], done.stdout.split(END)[1::2]
        return list(zip(map(int, codes), outputs, strict=True))

    def sees(self, command: Command, code: int, output: str) -> bool:
        """Return whether a command did what the page says."""
        shown = Command(command.line, self.here(command.output))
        return shown.printed(output) if shown.output else not _failed(code, output)

    def here(self, text: str) -> str:
        """Return a page's text with the addresses and folders of this reader."""
        places = {
            "http://127.0.0.1:8000": str(self.api.client.base_url).rstrip("/"),
            "/tmp/docs-demo": str(self.api.settings.bookbytes_home),  # noqa: S108 - as the pages name it
            "/tmp/ten-seconds.mp3": str(self.folder / "ten-seconds.mp3"),  # noqa: S108 - as above
        }
        for name, value in places.items():
            text = text.replace(name, value)
        return text


@contextmanager
def reading(folder: Path) -> Iterator[Reader]:
    """A reader who has run the demo, or nearly: its clips are none that anybody wants to hear."""
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(COMMANDS)
    settings = offline_settings(folder / "data", dagster_grpc_port=free_port())
    with serving_live(settings) as api:
        sample = replace(RIVERS, isbn=SAMPLE_ISBN, title=SAMPLE_TITLE, authors=("The BookBytes authors",))
        publish_book(settings, sample, {f"Chapter {number}": SOUND for number in range(1, 8)})
        for isbn in (SAMPLE_ISBN, ISBN("9780306406157")):
            open_store(settings.store_config).sources.write(isbn, sample_epub())
        yield Reader(api, folder)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader who has followed the README."""
    with reading(tmp_path_factory.mktemp("checkout")) as reader:
        with open_instance(reader.api.settings) as instance:
            add_isbn(instance, SAMPLE_ISBN)
        yield reader


@pytest.fixture(scope="module")
def logged_in(reader: Reader) -> str:
    """What the README has told a reader to type before other pages use it."""
    token = reader.api.user("ada").headers["Authorization"]
    return f"api=http://127.0.0.1:8000/api/v1; json='Content-Type: application/json'; auth='Authorization: {token}'\n"


@NEEDS_CURL
def test_the_readme_does_what_it_says(tmp_path: Path) -> None:
    """From the first account to ten seconds of a clip. No Dagster is running, so the book is in the library already."""
    commands = marked_commands(README)
    with reading(tmp_path) as reader:
        done = reader.types([each.line.replace('"force": true', '"force": false') for each in commands])

    assert [] == [each for each in done if _failed(*each)]
    assert any('"status":"completed"' in output for _, output in done)
    assert SOUND[480_000:560_000] == (tmp_path / "ten-seconds.mp3").read_bytes()


@NEEDS_CURL
@pytest.mark.parametrize("page", MARKED)
def test_a_page_prints_what_it_shows(reader: Reader, logged_in: str, page: str) -> None:
    """Its marked commands print what the page shows; those of which it shows nothing succeed."""
    commands = marked_commands(page)
    done = reader.types([each.line for each in commands], before=logged_in)
    outcomes = zip(commands, done, strict=True)
    wrong = [f"{each.line}\n{output}" for each, (code, output) in outcomes if not reader.sees(each, code, output)]

    assert [] == wrong


def test_there_are_pages_with_marked_blocks() -> None:
    """The marks are found."""
    assert {"docs/reference/command-line.md", "docs/how-to/run-a-server.md"} <= set(MARKED)


def _failed(code: int, output: str) -> bool:
    """Whether a command failed, or a request, of which curl does not say so."""
    return code != 0 or '"error":{' in output
