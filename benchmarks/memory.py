"""How much memory the run of a long book takes, offline: a process that reads, summarizes and speaks all of it.

`make bench` runs it last; it takes 150 seconds of CPU.
"""

import sys
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory

from benchmarks.measuring import timed
from benchmarks.reader import CHAPTER_WORDS, CHAPTERS, long_book
from tests.cli_runner import COMMANDS, ISBN, offline

MAX_MB = 350.0


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder:
        book = Path(folder, "book.epub")
        book.write_bytes(long_book())
        command = (COMMANDS / "bookbytes", "process", ISBN, "--epub", book)
        try:
            run = timed(*command, env=offline(Path(folder, "home")), cwd=Path(folder))
        except CalledProcessError as error:
            sys.exit(f"{error} Its output:\n{error.output}")
    title = f"a run of {CHAPTERS * CHAPTER_WORDS:,} words"
    verdict = "ok" if run.megabytes <= MAX_MB else "over"
    print(f"\n{title:<36}{'measured':>9}{'limit':>9}{'ratio':>7}")
    print(f"{'peak memory, MB':<36}{run.megabytes:>9.1f}{MAX_MB:>9.1f}{run.megabytes / MAX_MB:>7.2f}  {verdict}")


if __name__ == "__main__":
    main()
