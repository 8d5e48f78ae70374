"""How long the steps of a book take: as long as they took for the books before it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median

from bookbytes_pipeline.constants import STAGES

USUAL_CHAPTERS = 12
"""Of a book, before there is anything to go by."""
MAX_BOOKS = 5
"""From which paces are learned: enough that one odd book does not count, and few enough to follow a new provider."""
MIN_SECONDS = 0.001
"""No step takes no time: what is left of a book is divided by what was left."""

BY_CHAPTER = tuple(asset for asset, stage in STAGES.items() if stage.by_chapter)
"""The steps that go through the chapters, and take nearly all of the time."""


@dataclass(frozen=True, slots=True)
class BookTimes:
    """How long the steps of one book took, in seconds: for each chapter where a step goes through the chapters.

    `ended_at` is when the run ended that took so long. A step is left out if it had nothing new to do.
    """

    run_id: str
    ended_at: datetime
    chapters: int
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Paces:
    """How long each step of a book should take, in the unit of `BookTimes`, and how many chapters a book should have.

    What is not in `seconds` is only guessed, from `STAGES`.
    """

    seconds: Mapping[str, float] = field(default_factory=dict)
    chapters: int = USUAL_CHAPTERS

    def knows(self, asset: str) -> bool:
        """Whether the pace of this step is more than a guess."""
        return asset in self.seconds

    def pace(self, asset: str) -> float:
        """Return the seconds that this step takes, for each chapter where it goes through the chapters."""
        return max(self.seconds.get(asset, STAGES[asset].seconds), MIN_SECONDS)

    def with_pace(self, asset: str, seconds: float) -> "Paces":
        """Return the same with another pace of this step."""
        return replace(self, seconds={**self.seconds, asset: seconds})

    def step(self, asset: str, chapters: int) -> float:
        """Return the seconds that this step takes with so many chapters to go."""
        return self.pace(asset) * (chapters if STAGES[asset].by_chapter else 1)


NOT_LEARNED = Paces()


def learn(books: Sequence[BookTimes], before: datetime | None) -> Paces:
    """Return the paces of the last few books that ended `before` a run began, so that they stay the same for it.

    Where `books`, which are the last ones, are all newer, the oldest of them count. A run counts once.
    """
    runs = sorted({book.run_id: book for book in books}.values(), key=lambda book: book.ended_at, reverse=True)
    earlier = [book for book in runs if before is None or book.ended_at < before][:MAX_BOOKS]
    chosen = earlier or runs[-MAX_BOOKS:]
    if not chosen:
        return NOT_LEARNED
    seconds = {asset: _median(book.seconds.get(asset) for book in chosen) for asset in STAGES}
    return Paces(
        {asset: value for asset, value in seconds.items() if value is not None},
        round(median(book.chapters for book in chosen)),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
