"""Which books the nightly backfill makes: a decision without I/O."""

import random
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from bookbytes_pipeline.domain.isbn import ISBN


@dataclass(frozen=True)
class LastRun:
    """How the latest run of one book ended; `failed_for_good` if trying again would not help."""

    is_unfinished: bool = False
    failed_for_good: bool = False


def backfill_candidates(
    isbns: Iterable[ISBN],
    published: Mapping[ISBN, str],
    current_fingerprints: Collection[str],
    *,
    night: str,
    limit: int,
) -> list[ISBN]:
    """Return the books that are not in the library, or whose fingerprint there is none of the current ones.

    At most `limit`, and a different choice every `night` (a date), so that books that fail again and again do not
    keep others from being made.
    """
    outdated = sorted(isbn for isbn in isbns if published.get(isbn) not in current_fingerprints)
    random.Random(night).shuffle(outdated)  # noqa: S311 - fairness, not secrecy
    return outdated[:limit]


def books_to_make(candidates: Iterable[tuple[ISBN, LastRun]], *, limit: int) -> Iterator[ISBN]:
    """Yield the first `limit` candidates that are not being made and that may succeed; no more of them are read."""
    promising = (isbn for isbn, last in candidates if not (last.is_unfinished or last.failed_for_good))
    return islice(promising, limit)
