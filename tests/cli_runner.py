"""Making books as people do: `bookbytes` as its own process, its providers on loopback."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from aiohttp import web

from bookbytes_pipeline.cli import main
from tests.fakes.google_translate import GoogleTranslate
from tests.fakes.open_library import ASKED, book_documents, open_library_app
from tests.fakes.openai_api import OpenAIApi
from tests.fakes.server import serving

COMMANDS = Path(sys.executable).parent
ISBN = "9780306406157"
TITLE = "On Rivers"
CHAPTERS = ("Springs and Sources", "Rapids", "Lakes on the Way", "Deltas")
KEY = "sk-test"
TIMEOUT_S = 180.0
ODD_NAME = """my 'books" 100% #1: $HOME {ü} %(here)s;&@\\ """
"""A folder may have this name. None of it may be taken for a URL, a quote, a variable or a placeholder."""
CHAPTERS_ONLY = {"BOOK_SUMMARY": "false"}
"""For tests that count what is made for chapters: no call and no clip for the whole book."""


@dataclass
class Servers:
    """The providers of one test: what they were asked, and where they are."""

    catalogue: web.Application
    model: OpenAIApi
    narrator: GoogleTranslate
    addresses: Mapping[str, str] = field(default_factory=dict)

    @property
    def lookups(self) -> int:
        """How many documents Open Library was asked for."""
        return len(self.catalogue[ASKED])

    @property
    def writings(self) -> int:
        """How many calls the language model answered."""
        return len(self.model.requests)

    @property
    def recordings(self) -> int:
        """How many parts were spoken."""
        return len(self.narrator.script.texts)


@contextmanager
def providers(
    *,
    chapters: Sequence[str] = CHAPTERS,
    model: OpenAIApi | None = None,
    narrator: GoogleTranslate | None = None,
    latency: float = 0,
) -> Iterator[Servers]:
    """Open Library that knows one book, a language model and a narrator, until the block ends."""
    documents = book_documents(isbn=ISBN, title=TITLE, author="Ada Ford", contents=chapters, number_of_pages=180)
    servers = Servers(
        open_library_app(documents, latency=latency),
        model or OpenAIApi(KEY, latency=latency),
        narrator or GoogleTranslate(latency=latency),
    )
    with (
        serving(servers.catalogue) as catalogue,
        serving(servers.model.application()) as writing,
        serving(servers.narrator.application()) as speaking,
    ):
        servers.addresses = {
            "OPENLIBRARY_BASE_URL": catalogue,
            "OPENAI_BASE_URL": f"{writing}/v1",
            "TTS_BASE_URL": speaking,
        }
        yield servers


def online(home: Path, servers: Servers, **more: str) -> dict[str, str]:
    """The environment of a laptop with a key, whose providers are these servers. Short summaries are soon encoded."""
    chosen = {"LLM_PROVIDER": "openai", "OPENAI_API_KEY": KEY, "TTS_PROVIDER": "gtts", "SUMMARY_MINUTES": "1"}
    chosen |= servers.addresses
    return _plain() | {"BOOKBYTES_HOME": str(home)} | chosen | more


def offline(home: Path, **more: str) -> dict[str, str]:
    """The environment of a laptop without network or keys."""
    chosen = {"OPENLIBRARY_BASE_URL": "", "LLM_PROVIDER": "extractive", "TTS_PROVIDER": "espeak"}
    return _plain() | {"BOOKBYTES_HOME": str(home)} | chosen | more


def bookbytes(
    *arguments: str | Path, env: Mapping[str, str], cwd: Path | None = None, timeout_s: float = TIMEOUT_S
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return command("bookbytes", *arguments, env=env, cwd=cwd, timeout_s=timeout_s)


def in_process(*arguments: str | Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one command to its end in this process, which has imported what it needs.

    For tests about what becomes of a book; those about the process, its streams and its end run it as people do.
    """
    output, errors, code = StringIO(), StringIO(), 0
    typed = patch.object(sys, "argv", ["bookbytes", *map(str, arguments)])
    with patch.dict(os.environ, env, clear=True), typed, redirect_stdout(output), redirect_stderr(errors):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return subprocess.CompletedProcess(arguments, code, output.getvalue(), errors.getvalue())


def command(
    name: str, *arguments: str | Path, env: Mapping[str, str], cwd: Path | None = None, timeout_s: float = TIMEOUT_S
) -> subprocess.CompletedProcess[str]:
    """Run one of the environment's commands to its end, for three minutes at most unless told otherwise."""
    return subprocess.run(
        [COMMANDS / name, *arguments], env=env, cwd=cwd, capture_output=True, text=True, timeout=timeout_s, check=False
    )


def _plain() -> dict[str, str]:
    """This process's environment without anything that BookBytes or Dagster would read."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")
    return {name: os.environ[name] for name in kept if name in os.environ}
