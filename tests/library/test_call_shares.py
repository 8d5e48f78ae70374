"""The shares of runs in the calls to a provider, on each kind of database."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.library.call_shares import (
    Ask,
    CallShareRow,
    Grant,
    LeaseTimes,
    give_up_share,
    lock_of,
    renew_share,
)

SPEECH = "gtts speech"
TIMES = LeaseTimes(lease=60.0)
NO_TURNS = LeaseTimes(lease=60.0, turn=0.0)
EXPIRED = LeaseTimes(lease=0.0)


def renew(
    database: Database,
    holder: str,
    wanted: int,
    *,
    limit: int = 5,
    keep: int = 0,
    pause: float = 0.0,
    provider: str = SPEECH,
    times: LeaseTimes = TIMES,
) -> Grant:
    with database.session(lock_of(provider)) as session:
        return renew_share(session, Ask(provider, holder, limit, keep, wanted, pause), times)


def granted(database: Database, holder: str, wanted: int, keep: int = 0) -> tuple[int, int]:
    """Return the slots that are held, and the share that they should become."""
    grant = renew(database, holder, wanted, keep=keep)
    return grant.held, grant.share


def give_up(database: Database, holder: str) -> None:
    with database.session(lock_of(SPEECH)) as session:
        give_up_share(session, SPEECH, holder)


def slots(database: Database) -> dict[str, int]:
    """Return how many slots each holder has."""
    with database.session() as session:
        return {row.holder: row.slots for row in session.scalars(select(CallShareRow))}


def test_who_is_alone_has_all_slots_at_once(database: Database) -> None:
    """One call is enough to get them, and one renewal without calls to leave them to others."""
    assert (5, 5) == granted(database, "a", 1)
    assert (0, 0) == granted(database, "a", 0)
    assert {} == slots(database)


def test_a_newcomer_gets_what_the_others_give_back(database: Database) -> None:
    """Who has too many learns it, keeps what is in use, and gives back the rest."""
    renew(database, "a", 5)

    assert (0, 2) == granted(database, "b", 5)
    assert (5, 3) == granted(database, "a", 5, keep=5)
    assert (4, 3) == granted(database, "a", 5, keep=4)
    assert (1, 2) == granted(database, "b", 5)
    assert (3, 3) == granted(database, "a", 5, keep=3)
    assert (2, 2) == granted(database, "b", 5, keep=1)
    assert {"a": 3, "b": 2} == slots(database)


def test_slots_that_are_given_up_are_free(database: Database) -> None:
    """A run that has ended leaves nothing, also one that never had a share."""
    renew(database, "a", 5)
    give_up(database, "a")
    give_up(database, "nobody")

    assert (5, 5) == granted(database, "b", 2)
    assert {"b": 5} == slots(database)


def test_an_expired_share_is_dropped_by_the_next_who_asks(database: Database) -> None:
    """Nobody waits for a process that was killed."""
    renew(database, "killed", 5, times=EXPIRED)

    assert (5, 5) == granted(database, "b", 5)
    assert {"b": 5} == slots(database)


def test_who_comes_back_keeps_only_what_is_in_use(database: Database) -> None:
    """A run that was stopped for long has lost its share; its calls in flight count, and no other may begin."""
    renew(database, "stopped", 5, times=EXPIRED)
    renew(database, "b", 5)

    assert (1, 2) == granted(database, "stopped", 5, keep=1)


def test_providers_do_not_share(database: Database) -> None:
    """Each has a limit and pauses of its own."""
    renew(database, "a", 5, pause=30.0)

    elsewhere = Grant(held=3, share=3, pause=0.0, is_alone=True)
    assert elsewhere == renew(database, "b", 3, limit=3, provider="openai speech")


def test_a_pause_holds_for_all(database: Database) -> None:
    """Whoever renews learns how long it still lasts; a shorter one does not end it."""
    renew(database, "a", 1, pause=30.0)
    renew(database, "b", 1, pause=1.0)

    assert 1.0 < renew(database, "c", 1).pause <= 30.0
    assert 30.0 < renew(database, "a", 1, pause=40.0).pause <= 40.0


def test_a_single_slot_goes_around(database: Database) -> None:
    """Three holders have it one after the other, in the order in which they came."""
    held = []
    for holder in "abcabcabc":
        renew(database, holder, 3, limit=1, times=NO_TURNS)
    for _ in range(6):
        [current] = [holder for holder, number in slots(database).items() if number]
        held.append(current)
        renew(database, current, 3, limit=1, times=NO_TURNS)
        for holder in "abc":
            renew(database, holder, 3, limit=1, times=NO_TURNS)

    assert len(set(held[:3])) == 3
    assert held[:3] == held[3:]


def test_no_more_slots_are_held_than_there_are(database: Database) -> None:
    """However many ask at the same time, and whatever they want and keep."""
    start = Barrier(6, timeout=120)

    def run(number: int) -> list[int]:
        held, sums = 0, []
        start.wait()
        for step in range(8):
            wanted = (number * 3 + step * 5) % 7
            held = renew(database, f"{number}", wanted, keep=min(held, step % 3), times=NO_TURNS).held
            with database.session() as session:
                sums.append(session.scalar(select(func.sum(CallShareRow.slots))) or 0)
        return sums

    with ThreadPoolExecutor(6) as workers:
        sums = [total for totals in workers.map(run, range(6)) for total in totals]

    assert max(sums) == 5
