"""What of one book nothing needs any more. Pure: facts go in, files come out."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookbytes_pipeline.constants import BOOK_METADATA, PUBLISHED_BOOK
from bookbytes_pipeline.pruning.inventory import Item, Kind

KEPT_FOR = timedelta(hours=24)
"""What is younger stays: a run may have just made it, somebody may still listen to it, and a backup may be copying it.
A run in the foreground may take as long as that."""
TEXTS_KEPT_FOR = timedelta(days=30)
"""Nobody can make a text anew, and somebody may attach many before the first is processed."""


@dataclass(frozen=True)
class Limits:
    """Only what is older is deleted, in seconds since 1970."""

    others: float
    texts: float

    @classmethod
    def at(cls, now: datetime) -> "Limits":
        """The limits of a pruning at that time."""
        return cls((now - KEPT_FOR).timestamp(), (now - TEXTS_KEPT_FOR).timestamp())


def is_finished(items: Sequence[Item]) -> bool:
    """Return whether the book's last run came to its end, so that there is nothing to be continued."""
    made = {item.key: item.modified for item in items if _is_asset(item)}
    published = [when for key, when in made.items() if key.startswith(f"{PUBLISHED_BOOK}/")]
    return bool(published) and published[0] >= max(made.values())


def remains_of_forgotten_book(items: Sequence[Item], published: AbstractSet[str], limits: Limits) -> list[Item]:
    """Return what is left of a book that neither the library nor Dagster knows; `published` clips are played."""
    texts = [item for item in items if item.kind is Kind.TEXT]
    unneeded = texts if all(text.modified < limits.texts for text in texts) else []
    others = (item for item in items if item.kind in {Kind.CLIP, Kind.COVER, Kind.ARTEFACT})
    return [*unneeded, *(item for item in others if item.modified < limits.others and item.key not in published)]


def replaced_clips(items: Sequence[Item], needed: AbstractSet[str], limits: Limits) -> list[Item]:
    """Return the clips of a book that it had before it was made anew, once its new ones are long enough published."""
    published = [item.modified for item in items if item.key.startswith(f"{PUBLISHED_BOOK}/")]
    if not is_finished(items) or published[0] >= limits.others:
        return []
    clips = (item for item in items if item.kind is Kind.CLIP)
    return [clip for clip in clips if clip.key not in needed and clip.modified < limits.others]


def unused_files(items: Sequence[Item], needed: AbstractSet[str], limits: Limits) -> list[Item]:
    """Return the files of the whole book that the library does not offer: a run was killed before it noted one."""
    files = (item for item in items if item.kind is Kind.FILE)
    return [file for file in files if file.key not in needed and file.modified < limits.others]


def stale_marks(items: Sequence[Item], limits: Limits, *, is_known: bool) -> list[Item]:
    """Return the marks of answers that the book was not made of when it was made last."""
    begun = [item.modified for item in items if item.key.startswith(f"{BOOK_METADATA}/")]
    if is_known and not (begun and is_finished(items)):
        return []
    until = min(begun[0], limits.others) if is_known else limits.others
    return [item for item in items if item.kind is Kind.MARK and item.modified < until]


def may_use_unmarked_answers(items: Sequence[Item]) -> bool:
    """Return whether a version that marked no answers may have made the book, and no later one from end to end."""
    begun = [item.modified for item in items if item.key.startswith(f"{BOOK_METADATA}/")]
    marked = [item.modified for item in items if item.kind is Kind.MARK]
    is_marked = is_finished(items) and any(when >= begun[0] for when in marked if begun)
    return any(_is_asset(item) for item in items) and not is_marked


def _is_asset(item: Item) -> bool:
    return item.kind is Kind.ARTEFACT and not item.key.startswith("remembered/")
