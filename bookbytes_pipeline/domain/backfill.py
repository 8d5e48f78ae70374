"""Which books the nightly backfill asks for: a decision without I/O."""

import random
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class LastRun:
    """How the latest run of one book ended, as far as the backfill minds."""

    unfinished: bool = False
    hopeless: bool = False


def candidates(
    asked: Iterable[str], published: Mapping[str, str], fresh: Collection[str], night: str, most: int
) -> list[str]:
    """The ISBNs of books that are missing from the library, or were made by none of today's recipes, `fresh`.

    At most `most`, a different choice every `night` (a date), so that books which fail again and again keep nobody
    else from their turn.
    """
    wanted = sorted(isbn for isbn in asked if published.get(isbn) not in fresh)
    random.Random(night).shuffle(wanted)  # noqa: S311 - fairness, not secrecy
    return wanted[:most]


def requested(wanted: Iterable[tuple[str, LastRun]], limit: int) -> Iterator[str]:
    """Of the candidates, the first `limit` that are not under way and that trying again may help."""
    worth = (isbn for isbn, last in wanted if not (last.unfinished or last.hopeless))
    yield from (isbn for _, isbn in zip(range(limit), worth, strict=False))
