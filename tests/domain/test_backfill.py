"""Which books a night asks for."""

from bookbytes_pipeline.domain.backfill import LastRun, candidates, requested

KEYS = [f"97800000000{number:02d}" for number in range(50)]


def test_books_that_are_missing_or_made_by_an_older_recipe_are_wanted() -> None:
    """What is published by today's recipe is left alone."""
    published = {KEYS[0]: "new", KEYS[1]: "old"}

    assert {KEYS[1], KEYS[2]} == set(candidates(KEYS[:3], published, {"new"}, "2026-11-22", 10))


def test_every_night_looks_at_others_first() -> None:
    """Books that fail again and again keep nobody from their turn; the same night always decides alike."""
    first, again, next_night = (candidates(KEYS, {}, {"r"}, night, 5) for night in ("a", "a", "b"))

    assert first == again
    assert first != next_night


def test_only_so_many_and_only_where_it_may_help_are_requested() -> None:
    """Books under way or refused for good are passed over without using up the night's number."""
    wanted = [("a", LastRun(unfinished=True)), ("b", LastRun()), ("c", LastRun(hopeless=True)), ("d", LastRun())]

    assert ["b", "d"] == list(requested([*wanted, ("e", LastRun())], 2))
