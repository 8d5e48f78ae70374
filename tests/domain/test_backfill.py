"""Which books the nightly backfill requests."""

from collections.abc import Iterator

import pytest

from bookbytes_pipeline.domain.backfill import LastRun, backfill_candidates, books_to_make
from bookbytes_pipeline.domain.isbn import ISBN

ISBNS = [ISBN(f"97800000000{number:02d}") for number in range(50)]


def test_books_that_are_missing_or_have_an_old_fingerprint_are_candidates() -> None:
    """Books published with any of the current fingerprints are not."""
    published = {ISBNS[0]: "new", ISBNS[1]: "old", ISBNS[3]: "also new"}

    candidates = backfill_candidates(ISBNS[:4], published, {"new", "also new"}, night="2026-11-22", limit=10)

    assert {ISBNS[1], ISBNS[2]} == set(candidates)


def test_there_are_no_more_candidates_than_the_limit() -> None:
    """Their last runs have to be looked up within one tick of the schedule."""
    assert 5 == len(backfill_candidates(ISBNS, {}, {"new"}, night="2026-11-22", limit=5))


def test_every_night_starts_with_different_books() -> None:
    """Books that fail repeatedly do not block others; a repeated tick makes the same choice."""
    shuffled = [ISBNS[::-1], ISBNS, ISBNS]
    first, repeated, next_night = (
        backfill_candidates(isbns, {}, {"new"}, night=night, limit=5)
        for isbns, night in zip(shuffled, ("2026-11-22", "2026-11-22", "2026-11-23"), strict=True)
    )

    assert first == repeated
    assert first != next_night


@pytest.mark.parametrize("last", [LastRun(is_unfinished=True), LastRun(failed_for_good=True)])
def test_a_book_in_progress_or_failed_permanently_is_skipped(last: LastRun) -> None:
    """It does not count towards the night's limit."""
    candidates = [(ISBNS[0], last), (ISBNS[1], LastRun()), (ISBNS[2], LastRun())]

    assert [ISBNS[1], ISBNS[2]] == list(books_to_make(candidates, limit=2))


def test_no_more_last_runs_are_looked_up_than_needed() -> None:
    """Each is a query of Dagster's storage."""
    looked_up = []

    def candidates() -> Iterator[tuple[ISBN, LastRun]]:
        for isbn in ISBNS:
            looked_up.append(isbn)
            yield isbn, LastRun()

    assert ISBNS[:2] == list(books_to_make(candidates(), limit=2)) == looked_up
