"""The usage of providers, on each kind of database."""

import math
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.provider_usage import CallBucket, CallCount, Outcome, ProviderUsage, SpendingKey, Unit
from bookbytes_pipeline.library.usage import add_run_spending, add_usage, spending_of_runs, total_usage

QUICK = CallBucket("openai", "gpt", Outcome.OK, 0.1)
SLOWEST = CallBucket("openai", "gpt", Outcome.UNAVAILABLE, math.inf)
CATALOGUE = CallBucket("open_library", "", Outcome.OK, 0.5)
TOKENS = SpendingKey("openai", "gpt", Unit.INPUT_TOKENS)
USAGE = ProviderUsage(
    {QUICK: CallCount(2, 0.125), SLOWEST: CallCount(1, 400.0), CATALOGUE: CallCount(1, 0.25)}, {TOKENS: 5_000_000_000}
)


def test_usage_is_added_up(database: Database) -> None:
    """Existing keys are increased, new ones get new rows, and amounts may be large."""
    more = ProviderUsage({QUICK: CallCount(1, 0.0625)}, {TOKENS: 1, SpendingKey("gtts", "voice", Unit.CHARACTERS): 7})
    for usage in (USAGE, more, ProviderUsage()):
        with database.session() as session:
            add_usage(session, usage)

    with database.session() as session:
        assert USAGE + more == total_usage(session)


def test_the_spending_of_each_run_is_added_up(database: Database) -> None:
    """Those of other runs stay apart; a run that has spent nothing is not there."""
    spoken = SpendingKey("gtts", "voice", Unit.CHARACTERS)
    for run_id, spent in (("a", {TOKENS: 5, spoken: 7}), ("b", {TOKENS: 1}), ("a", {TOKENS: 2}), ("c", {})):
        with database.session() as session:
            add_run_spending(session, run_id, spent)

    with database.session() as session:
        assert {"a": {TOKENS: 7, spoken: 7}} == spending_of_runs(session, ["a", "c"])


def test_a_new_library_has_no_usage(database: Database) -> None:
    """No provider has been called."""
    with database.session() as session:
        assert ProviderUsage() == total_usage(session)


def test_workers_that_add_concurrently_lose_nothing(database: Database) -> None:
    """Nor do they deadlock, in whatever order each of them adds its keys."""
    reversed_order = ProviderUsage(dict(reversed(USAGE.calls.items())), USAGE.spent)
    start = Barrier(8, timeout=120)

    def add(number: int) -> None:
        start.wait()
        for _ in range(5):
            with database.session() as session:
                add_usage(session, reversed_order if number % 2 else USAGE)

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(add, range(8)))

    with database.session() as session:
        assert sum([USAGE] * 40, ProviderUsage()) == total_usage(session)
