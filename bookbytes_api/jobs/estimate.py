"""How much of a run's time has passed, and how long the rest takes. Pure.

Clips are made while summaries are still being written, so of the two whichever takes longer counts.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bookbytes_api.jobs.countdown import Countdown, revise
from bookbytes_api.jobs.paces import BY_CHAPTER, Paces
from bookbytes_pipeline.constants import ASSET_NAMES, BOOK_SUMMARY, CHAPTER_AUDIO, CHAPTER_SUMMARIES

if TYPE_CHECKING:
    from bookbytes_api.jobs.progress import Progress

LEARNED_CHAPTERS = 3
"""As much as so many chapters counts what is known from earlier books: the first chapter of a step says little."""
MIN_CHAPTERS = 2
"""Of a step, without which its pace is unknown: of several that are made at once, the first takes as long as all."""
WRITING = (CHAPTER_SUMMARIES, BOOK_SUMMARY)
"""The steps during which clips are made as well."""


def estimate(before: "Progress", after: "Progress", at: datetime, learned: Paces) -> tuple[float, Countdown | None]:
    """Return the share and the countdown after an event; the countdown is None where there is nothing to base it on.

    What is left to 100 percent shrinks as the time that is left does, so that percents take equally long.
    """
    chapters = learned.chapters if after.chapters_total is None else after.chapters_total
    paces = _corrected(learned, after)
    was_left, left = (_seconds_left(progress, chapters, paces) for progress in (before, after))
    shrunk = min(1.0, left / was_left) if was_left else 1.0
    countdown = None
    if _is_predictable(after, learned):
        countdown = revise(before.countdown, at, left, 0.0 if after.is_made else paces.pace(after.asset))
    return 1 - (1 - before.share) * shrunk, countdown


def seconds_of_book(chapters: int, learned: Paces) -> float | None:
    """Return how long a book with so many chapters takes from its start; None until earlier books have shown it."""
    if not all(map(learned.knows, BY_CHAPTER)):
        return None
    return _seconds_of(ASSET_NAMES, {}, chapters, learned)


def _corrected(paces: Paces, progress: "Progress") -> Paces:
    """The paces with those of the chapters in hand as they are in this run."""
    for asset, measured in progress.measurements.items():
        if measured.chapters:
            learned = LEARNED_CHAPTERS if paces.knows(asset) else 0
            seconds = paces.pace(asset) * learned + measured.seconds
            paces = paces.with_pace(asset, seconds / (learned + measured.chapters))
    return paces


def _is_predictable(progress: "Progress", learned: Paces) -> bool:
    """Whether it is known how many chapters there are, and how long each takes in the steps that are left."""
    measured = {asset for asset, each in progress.measurements.items() if each.chapters >= MIN_CHAPTERS}
    return progress.chapters_total is not None and all(
        learned.knows(asset) or asset in measured for asset in _steps_left(progress) if asset in BY_CHAPTER
    )


def _seconds_left(progress: "Progress", chapters: int, paces: Paces) -> float:
    return _seconds_of(_steps_left(progress), progress.done, chapters, paces)


def _seconds_of(steps: Iterable[str], done: Mapping[str, int], chapters: int, paces: Paces) -> float:
    left = {asset: paces.step(asset, max(0, chapters - done.get(asset, 0))) for asset in steps}
    writing = sum(left.pop(asset, 0.0) for asset in WRITING)
    return max(writing, left.pop(CHAPTER_AUDIO, 0.0)) + sum(left.values())


def _steps_left(progress: "Progress") -> tuple[str, ...]:
    """The steps that are not over, with the present one."""
    return ASSET_NAMES[ASSET_NAMES.index(progress.asset) + progress.is_made :] if progress.asset else ASSET_NAMES
