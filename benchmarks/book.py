"""How fast a book is processed: time and CPU beside their limits and baselines, in one run of about four minutes.

`make bench` runs it. Exit code 0 means that everything was measured, not that it is within its limit.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.fakes import CHAPTERS, LATENCY, SPEAKING, Call, FakeProviders, chain, fake_providers
from benchmarks.measuring import Run, encoding_cpu, minute_cpu, timed
from bookbytes_pipeline.domain.narration import SpokenPiece
from tests.cli_runner import COMMANDS, ISBN, KEY, offline

ROOT = Path(__file__).parents[1]
IMPORT_DAGSTER = (sys.executable, "-c", "import dagster")
PROCESS = (COMMANDS / "bookbytes", "process", ISBN)
ONE_BY_ONE = (sys.executable, ROOT / "benchmarks" / "one_by_one.py", ISBN)
DEMO = ("make", "-C", ROOT, "-o", ".venv/synced", "demo")
"""As where everything is installed: `make` does not check whether the environment is up to date."""

MAX_CHAIN, START_S, MAX_DEMO_S, MAX_MINUTE_S = 1.15, 2.0, 15.0, 0.30
"""The limits: a book's time in chains of its calls, and so many seconds; the demo's time and the CPU for a minute of
audio, in seconds."""
MAX_CPU_S = {"openai": 4.0, "gtts": 5.0}
"""Of a book beside encoding; `gtts` makes a thousand requests."""

CONCURRENCY = {"catalogue": 1, "model": 5, "openai": 4, "gtts": 32}
"""How many calls may run at once. `openai` makes three for a chapter and `gtts` forty, so it is given more than its
default of four: ten minutes of waiting would show nothing new."""

NARRATORS = {"openai": "/v1", "gtts": ""}
"""The path of each base URL."""


@dataclass(frozen=True, slots=True)
class ProcessedBook:
    """A processed book: the run, and the calls that reached the providers."""

    run: Run
    calls: list[Call]

    @property
    def start(self) -> float:
        """Seconds from the command to its first call."""
        return min(called_at for _, called_at in self.calls) - self.run.began

    @property
    def paid(self) -> int:
        """The number of calls to the language model and the narrator."""
        return sum(provider != "catalogue" for provider, _ in self.calls)


def main() -> None:
    """Measure and print, each line as soon as it is measured."""
    load = f"load {os.getloadavg()[0]:.1f} before the start"
    print(f"{len(CHAPTERS)} chapters, {LATENCY:g} s for a call, {os.cpu_count()} cores, {load}\n")
    print(f"{'seconds':<36}{'measured':>9}{'against':>9}{'ratio':>7}", flush=True)
    try:
        with TemporaryDirectory() as folder, fake_providers(SPEAKING) as servers:
            _measure(servers, Path(folder))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error} Its output:\n{error.output}")


def _measure(servers: FakeProviders, folder: Path) -> None:
    _limit("encoding: CPU for a minute", minute_cpu(), MAX_MINUTE_S, "from the recording to the finished clip")
    dagster = median(timed(*IMPORT_DAGSTER, env=offline(folder), cwd=folder).seconds for _ in range(3))
    books = {narrator: _process(servers, folder / narrator, narrator, *PROCESS) for narrator in NARRATORS}
    again = _process(servers, folder / "openai", "openai", *PROCESS)
    start = median(book.start for book in (*books.values(), again))
    _compare("from command to first call", start, dagster, "python -c 'import dagster'")
    for narrator, book in books.items():
        _print_time(narrator, book)
    _print_repeat(books["openai"], again)
    for narrator, book in books.items():
        _print_cpu(narrator, book, encoding_cpu(_recordings(folder / narrator)))
    plain = _process(servers, folder / "plain", "openai", *ONE_BY_ONE)
    calls = f"its {len(plain.calls)} calls in sequence"
    _compare("openai: time", books["openai"].run.seconds, plain.run.seconds, calls)
    demo = timed(*DEMO, env=offline(folder / "demo"), cwd=folder)
    _limit("make demo: time", demo.seconds, MAX_DEMO_S, "where it is installed")


def _process(servers: FakeProviders, home: Path, narrator: str, *command: str | Path) -> ProcessedBook:
    environment = offline(
        home,
        OPENLIBRARY_BASE_URL=servers.addresses["catalogue"],
        LLM_PROVIDER="openai",
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL=f"{servers.addresses['model']}/v1",
        MAX_CONCURRENT_LLM_CALLS=str(CONCURRENCY["model"]),
        TTS_PROVIDER=narrator,
        TTS_BASE_URL=servers.addresses[narrator] + NARRATORS[narrator],
        TTS_MODEL="tts-1",
        TTS_VOICE="alloy",
        MAX_CONCURRENT_TTS_CALLS=str(CONCURRENCY[narrator]),
    )
    run = timed(*command, env=environment, cwd=home.parent)
    return ProcessedBook(run, servers.calls())


def _recordings(home: Path) -> list[list[bytes]]:
    """The recordings of each narration, as they are cached."""
    files = sorted((home / "store" / "remembered" / "speech_pieces").iterdir())
    narrations = [msgspec.msgpack.decode(file.read_bytes(), type=list[SpokenPiece]) for file in files]
    return [[piece.audio for piece in pieces] for pieces in narrations]


def _print_time(narrator: str, book: ProcessedBook) -> None:
    least = chain(book.calls, CONCURRENCY, narrator)
    note = f"{MAX_CHAIN} x {least:g} s of calls at {CONCURRENCY[narrator]} at once, and {START_S:g}"
    _limit(f"{narrator}: time", book.run.seconds, MAX_CHAIN * least + START_S, note)


def _print_cpu(narrator: str, book: ProcessedBook, encoding: float) -> None:
    parts = f"{book.run.cpu:.1f} s less {encoding:.1f} s from recordings to clips"
    _limit(f"{narrator}: CPU beside encoding", book.run.cpu - encoding, MAX_CPU_S[narrator], parts)


def _print_repeat(first: ProcessedBook, again: ProcessedBook) -> None:
    _compare("repeated: time", again.run.seconds, first.run.seconds, "openai, the first time")
    _compare("repeated: CPU", again.run.cpu, first.run.cpu, "openai, the first time")
    verdict = "over" if again.paid else "ok"
    _row("repeated: paid calls (a number)", again.paid, first.paid, verdict, "openai, the first time; should be none")


def _limit(label: str, measured: float, limit: float, note: str) -> None:
    _row(label, measured, limit, "ok" if measured <= limit else "over", note)


def _compare(label: str, measured: float, baseline: float, note: str) -> None:
    _row(label, measured, baseline, "", note)


def _row(label: str, measured: float, against: float, verdict: str, note: str) -> None:
    print(f"{label:<36}{measured:>9.2f}{against:>9.2f}{measured / against:>7.2f}  {verdict:<6}{note}", flush=True)


if __name__ == "__main__":
    main()
