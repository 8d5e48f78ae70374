"""How fast a book is made: times and CPU beside their limits and baselines, all from one run of about four minutes.

`make bench` runs it. Exit code 0 says that everything was measured, not that it kept its limit.
"""

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.fakes import CHAPTERS, LATENCY, RUSHING, SPEAKING, Call, Upstreams, upstreams
from benchmarks.measuring import Run, encoding_cpu, timed
from tests.cli_runner import COMMANDS, ISBN, KEY, offline

ROOT = Path(__file__).parents[1]
IMPORT_DAGSTER = (sys.executable, "-c", "import dagster")
PROCESS = (COMMANDS / "bookbytes", "process", ISBN)
ONE_BY_ONE = (sys.executable, ROOT / "benchmarks" / "one_by_one.py", ISBN)
DEMO = ("make", "-C", ROOT, "-o", ".venv/synced", "demo")
"""As where everything is installed: `make` is told not to look whether the environment is up to date."""

MOST_CHAINS, MOST_CPU, LONGEST_DEMO = 1.5, 6.0, 15.0
"""The limits: of a book's time, in chains of its calls; of its CPU beside encoding and of the demo, in seconds."""

AT_ONCE = {"catalogue": 1, "model": 5, "openai": 4, "gtts": 32}
"""How many calls may be under way. `openai` makes three for a chapter and `gtts` forty, so it is given more than its
default of four: ten minutes of waiting would show nothing new."""

NARRATORS = {"openai": "/v1", "gtts": ""}
"""What stands behind the address of each."""


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
        """Seconds that these calls take at least: one provider after the other, each as busy as it may be."""
        counted = Counter(whom for whom, _ in self.calls)
        return sum(ceil(count / AT_ONCE[whom]) * LATENCY for whom, count in counted.items())


def main() -> None:
    """Measure and print, each line as soon as it is known."""
    load = f"load {os.getloadavg()[0]:.1f} before the start"
    print(f"{len(CHAPTERS)} chapters, {LATENCY:g} s for a call, {os.cpu_count()} cores, {load}\n")
    print(f"{'seconds':<36}{'measured':>9}{'against':>9}{'ratio':>7}", flush=True)
    try:
        with TemporaryDirectory() as folder, upstreams(SPEAKING) as servers, upstreams(RUSHING) as rushing:
            _measure(servers, rushing, Path(folder))
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed} It said:\n{failed.output}")


def _measure(servers: Upstreams, rushing: Upstreams, folder: Path) -> None:
    dagster = median(timed(*IMPORT_DAGSTER, env=offline(folder), cwd=folder).seconds for _ in range(3))
    books = {narrator: _made(servers, folder / narrator, narrator, *PROCESS) for narrator in NARRATORS}
    again = _made(servers, folder / "openai", "openai", *PROCESS)
    start = median(book.start for book in (*books.values(), again))
    _compare("from command to first call", start, dagster, "python -c 'import dagster'")
    for narrator, book in books.items():
        _tell_time(narrator, book, dagster)
    _tell_again(books["openai"], again)
    with ThreadPoolExecutor() as aside:  # it does little but wait, and beside it only CPU is measured
        plain = aside.submit(_made, servers, folder / "plain", "openai", *ONE_BY_ONE)
        for narrator, book in books.items():
            home = folder / f"rushing-{narrator}"
            _tell_cpu(narrator, book, _made(rushing, home, narrator, *PROCESS), encoding_cpu(_speeches(home)))
        calls = f"its {len(plain.result().calls)} calls one by one"
        _compare("openai: time", books["openai"].run.seconds, plain.result().run.seconds, calls)
    demo = timed(*DEMO, env=offline(folder / "demo"), cwd=folder)
    _limit("make demo: time", demo.seconds, LONGEST_DEMO, "where it is installed")


def _made(servers: Upstreams, home: Path, narrator: str, *command: str | Path) -> Made:
    environment = offline(
        home,
        OPENLIBRARY_BASE_URL=servers.addresses["catalogue"],
        LLM_PROVIDER="openai",
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL=f"{servers.addresses['model']}/v1",
        MAX_CONCURRENT_LLM_CALLS=str(AT_ONCE["model"]),
        TTS_PROVIDER=narrator,
        TTS_BASE_URL=servers.addresses[narrator] + NARRATORS[narrator],
        TTS_MODEL="tts-1",
        TTS_VOICE="alloy",
        MAX_CONCURRENT_TTS_CALLS=str(AT_ONCE[narrator]),
    )
    run = timed(*command, env=environment, cwd=home.parent)
    return Made(run, servers.calls())


def _speeches(home: Path) -> list[Path]:
    return sorted((home / "store" / "remembered" / "speech").iterdir())


def _tell_time(narrator: str, book: Made, dagster: float) -> None:
    chain = f"{MOST_CHAINS} x {book.chain:g} s of calls at {AT_ONCE[narrator]} at once, and import dagster"
    _limit(f"{narrator}: time", book.run.seconds, MOST_CHAINS * book.chain + dagster, chain)


def _tell_cpu(narrator: str, book: Made, rushed: Made, encoding: float) -> None:
    parts = f"{rushed.run.cpu:.1f} s less {encoding:.1f} s for short recordings; {book.run.cpu:.1f} s with whole ones"
    _limit(f"{narrator}: CPU beside encoding", rushed.run.cpu - encoding, MOST_CPU, parts)


def _tell_again(first: Made, again: Made) -> None:
    _compare("made again: time", again.run.seconds, first.run.seconds, "openai, the first time")
    _compare("made again: CPU", again.run.cpu, first.run.cpu, "openai, the first time")
    verdict = "over" if again.paid else "ok"
    _row("made again: paid calls (a number)", again.paid, first.paid, verdict, "openai, the first time; now none")


def _limit(what: str, measured: float, limit: float, explained: str) -> None:
    _row(what, measured, limit, "ok" if measured <= limit else "over", explained)


def _compare(what: str, measured: float, baseline: float, explained: str) -> None:
    _row(what, measured, baseline, "", explained)


def _row(what: str, measured: float, against: float, verdict: str, explained: str) -> None:
    print(f"{what:<36}{measured:>9.1f}{against:>9.1f}{measured / against:>7.2f}  {verdict:<6}{explained}", flush=True)


if __name__ == "__main__":
    main()
