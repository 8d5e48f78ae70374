"""How long a book takes from the end of a fault to its own end, several times for each fault: median and worst.

`make faults` runs it; TRIALS in the environment says how often. The services are those of `tests/production`; two of
the three chapters are summarised when the fault begins, and the third answer is held back until it has happened.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.dagster_stack.books import Book
from tests.proc import descendants
from tests.production.composed import API, CODE, DAEMON
from tests.production.test_production import Production, running_production

TRIALS = int(os.environ.get("TRIALS", "3"))


@dataclass(frozen=True)
class Trial:
    """Seconds from the fault's end to the job's, and how often the model answered about each chapter."""

    seconds: float
    answers: tuple[int, ...]


def main() -> None:
    """Measure and print, a line for each fault."""
    with TemporaryDirectory() as folder, running_production(Path(folder)) as production:
        print(f"{'what is stopped':<44}{'median':>8}{'worst':>8}  answers by chapter, in {TRIALS} trials")
        for name, fault in _faults(production).items():
            trials = [_trial(production, fault) for _ in range(TRIALS)]
            seconds = [trial.seconds for trial in trials]
            answers = Counter(", ".join(map(str, trial.answers)) for trial in trials)
            counted = "; ".join(f"{text} ({times} times)" for text, times in answers.items())
            print(f"{name:<44}{median(seconds):>7.0f}s{max(seconds):>7.0f}s  {counted}", flush=True)


def _faults(production: Production) -> Mapping[str, Callable[[], None]]:
    services = production.services

    def postgres(seconds: float) -> None:
        services.postgres.stop()
        time.sleep(seconds)
        services.postgres.start()

    def s3(seconds: float) -> None:
        services.s3.kill()
        time.sleep(seconds)
        services.s3.start()

    def restart(name: str) -> None:
        services.kill(name)
        services.start(name)

    def kill_run() -> None:
        for pid in descendants(services.processes[CODE].pid):
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)

    return {
        "nothing": lambda: None,
        "PostgreSQL, for 5 seconds": lambda: postgres(5),
        "PostgreSQL, for 25 seconds": lambda: postgres(25),
        "SeaweedFS, for 5 seconds": lambda: s3(5),
        "SeaweedFS, for 20 seconds": lambda: s3(20),
        "the daemon": lambda: restart(DAEMON),
        "the API": lambda: restart(API),
        "the code server with its runs": lambda: restart(CODE),
        "the process of the run": kill_run,
    }


def _trial(production: Production, fault: Callable[[], None]) -> Trial:
    book: Book = production.books.book()
    held = book.chapters[-1]
    with production.books.held(held):
        job = production.request_book(book)
        production.wait_until(job, current_step="generating_summaries")
        while not all(production.requests_per_chapter(book)[:-1]):
            time.sleep(0.1)
        fault()
    ended_at = time.monotonic()
    production.wait_until(job, status="completed")
    return Trial(time.monotonic() - ended_at, tuple(production.requests_per_chapter(book)))


if __name__ == "__main__":
    main()
