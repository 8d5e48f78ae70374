"""The figures of calls to providers, on each kind of database."""

import math
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.provider_usage import CallKind, Calls, Outcome, ProviderUsage, SpendingKind, Unit
from bookbytes_pipeline.library.usage import add, consumed

QUICK = CallKind("openai", "gpt", Outcome.OK, 0.1)
ENDLESS = CallKind("openai", "gpt", Outcome.UNAVAILABLE, math.inf)
CATALOGUE = CallKind("open_library", "", Outcome.OK, 0.5)
TOKENS = SpendingKind("openai", "gpt", Unit.INPUT_TOKENS)
SOME = ProviderUsage(
    {QUICK: Calls(2, 0.125), ENDLESS: Calls(1, 400.0), CATALOGUE: Calls(1, 0.25)}, {TOKENS: 5_000_000_000}
)


def test_figures_only_grow(database: Database) -> None:
    """What is entered again is added; what is new stands beside it; amounts may be large."""
    more = ProviderUsage({QUICK: Calls(1, 0.0625)}, {TOKENS: 1, SpendingKind("gtts", "voice", Unit.CHARACTERS): 7})
    for one in (SOME, more, ProviderUsage()):
        with database.session() as session:
            add(session, one)

    with database.session() as session:
        assert SOME + more == consumed(session)


def test_nothing_is_consumed_at_first(database: Database) -> None:
    """A library that is new has no figures."""
    with database.session() as session:
        assert ProviderUsage() == consumed(session)


def test_workers_that_enter_at_once_lose_nothing(database: Database) -> None:
    """Nor do they wait for each other in a ring, in whatever order each of them counted."""
    backwards = ProviderUsage(dict(reversed(SOME.calls.items())), SOME.spent)
    start = Barrier(8, timeout=30)

    def enter(number: int) -> None:
        start.wait()
        for _ in range(5):
            with database.session() as session:
                add(session, backwards if number % 2 else SOME)

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(enter, range(8)))

    with database.session() as session:
        assert sum([SOME] * 40, ProviderUsage()) == consumed(session)
