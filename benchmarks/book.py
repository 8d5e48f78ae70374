"""How fast a book is made, as ratios measured side by side in one run: `make bench`, about four minutes.

The providers answer every call after a second, in a process of their own. Exit code 0 says that everything was
measured, not that it was within its limit.
"""

import os
import sys
from collections import Counter
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.measuring import Run, encoding_cpu, timed
from benchmarks.upstreams import CHAPTERS, LATENCY, Call, Upstreams, upstreams
from tests.making import COMMANDS, ISBN, KEY, offline

ROOT = Path(__file__).parents[1]
IMPORT_DAGSTER = (sys.executable, "-c", "import dagster")
PROCESS = (COMMANDS / "bookbytes", "process", ISBN)
ONE_BY_ONE = (sys.executable, ROOT / "benchmarks" / "one_by_one.py", ISBN)
DEMO = ("make", "-C", ROOT, "-o", ".venv/synced", "demo")
"""As when installed: whatever `make` thinks of the environment's age, nothing is set up first."""

CHAINS, CPU_LIMIT, DEMO_LIMIT = 1.5, 6.0, 15.0
"""What a book may take: so many times the chain of its calls; seconds of CPU beside encoding. Seconds of a demo."""

WRITERS = 5
SPEAKERS = {"openai": 4, "gtts": 32}
"""Calls at once to the language model and to each narrator; a chapter takes OpenAI's three, Google's more than forty."""


@dataclass(frozen=True, slots=True)
class Made:
    """A book that was made: the run, and the calls that reached the providers."""

    run: Run
    calls: list[Call]

    @property
    def start(self) -> float:
        """Seconds from the command to its first call."""
        return min(moment for _, moment in self.calls) - self.run.began

    @property
    def paid(self) -> int:
        """Calls to the language model and the narrator."""
        return sum(whom != "catalogue" for whom, _ in self.calls)

    @property
    def chain(self) -> float:
        """Seconds that these calls take at least, with as many at once as was set."""
        at_once = {"catalogue": 1, "model": WRITERS, **SPEAKERS}
        counted = Counter(whom for whom, _ in self.calls)
        return sum(ceil(count / at_once[whom]) * LATENCY for whom, count in counted.items())


def main() -> None:
    """Measure and print, each line as soon as it is known."""
    print(f"{len(CHAPTERS)} chapters, {LATENCY:g} s a call, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(f"{'':<42}{'measured':>9}{'against':>9}{'ratio':>7}")
    with TemporaryDirectory() as folder, upstreams() as servers:
        _measure(servers, Path(folder))
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")


def _measure(servers: Upstreams, folder: Path) -> None:
    dagster = median(timed(*IMPORT_DAGSTER, env=offline(folder), cwd=folder).seconds for _ in range(3))
    books = {narrator: _made(servers, folder / narrator, narrator, *PROCESS) for narrator in SPEAKERS}
    again = _made(servers, folder / "openai", "openai", *PROCESS)
    start = median(book.start for book in (*books.values(), again))
    _row("from the command to its first call", start, dagster, "python -c 'import dagster'")
    for narrator, book in books.items():
        _tell_book(narrator, book, dagster, encoding_cpu(_speeches(folder / narrator)))
    _tell_second(books["openai"], again)
    plain = _made(servers, folder / "plain", "openai", *ONE_BY_ONE)
    _row(
        "openai: time", books["openai"].run.seconds, plain.run.seconds, f"{len(plain.calls)} calls one after the other"
    )
    demo = timed(*DEMO, env=offline(folder / "demo"), cwd=folder)
    _row("make demo: time", demo.seconds, DEMO_LIMIT, "limit when installed", limited=True)


def _made(servers: Upstreams, home: Path, narrator: str, *command: str | Path) -> Made:
    where = servers.addresses
    environment = offline(
        home,
        OPENLIBRARY_BASE_URL=where["catalogue"],
        LLM_PROVIDER="openai",
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL=f"{where['model']}/v1",
        MAX_CONCURRENT_LLM_CALLS=str(WRITERS),
        TTS_PROVIDER=narrator,
        TTS_BASE_URL=where[narrator] + {"openai": "/v1", "gtts": ""}[narrator],
        TTS_MODEL="tts-1",
        TTS_VOICE="alloy",
        TTS_API_KEY=KEY,
        MAX_CONCURRENT_TTS_CALLS=str(SPEAKERS[narrator]),
    )
    run = timed(*command, env=environment, cwd=home.parent)
    return Made(run, servers.calls())


def _speeches(home: Path) -> list[Path]:
    return sorted((home / "store" / "remembered" / "speech").iterdir())


def _tell_book(narrator: str, book: Made, dagster: float, encoding: float) -> None:
    limit = CHAINS * book.chain + dagster
    sentence = f"{CHAINS} x its chain of {book.chain:g} s of calls + import dagster"
    _row(f"{narrator}: time", book.run.seconds, limit, sentence, limited=True)
    sentence = f"limit; {book.run.cpu:.1f} s less {encoding:.1f} s for encoding the same speech again"
    _row(f"{narrator}: CPU beside encoding", book.run.cpu - encoding, CPU_LIMIT, sentence, limited=True)


def _tell_second(first: Made, again: Made) -> None:
    _row("made again: time", again.run.seconds, first.run.seconds, "the first time")
    _row("made again: CPU", again.run.cpu, first.run.cpu, "the first time")
    _row("made again: paid calls", again.paid, first.paid, "the first time; none is the limit")


def _row(what: str, measured: float, against: float, sentence: str, *, limited: bool = False) -> None:
    ratio = measured / against
    verdict = ("ok" if ratio <= 1 else "over") if limited else ""
    print(f"{what:<42}{measured:>9.1f}{against:>9.1f}{ratio:>7.2f}  {verdict:<6}{sentence}", flush=True)


if __name__ == "__main__":
    main()
