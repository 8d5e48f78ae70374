"""How runs share the slots for calls to one provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Claim:
    """The slots that one holder has and wants.

    `since` is when its turn began, if it has any, else when it began to wait for one.
    """

    holder: str
    held: int
    wanted: int
    since: datetime


def fair_shares(limit: int, claims: Sequence[Claim], now: datetime, turn: timedelta) -> dict[str, int]:
    """Return how many of `limit` slots each holder should have: never more than it wants, and as even as possible.

    With fewer slots than holders that want one, whoever has waited longest comes before those whose turn has taken
    `turn`. Of slots that cannot be divided evenly, those who hold more keep them.
    """
    shares = dict.fromkeys((claim.holder for claim in claims), 0)
    wanting = sorted((claim for claim in claims if claim.wanted), key=lambda claim: _turn_order(claim, now, turn))
    free = limit
    while free and wanting:
        served = wanting[:free]
        for claim in served:
            shares[claim.holder] += 1
        free -= len(served)
        unserved = (claim for claim in wanting if claim.wanted > shares[claim.holder])
        wanting = sorted(unserved, key=lambda claim: (-claim.held, claim.since, claim.holder))
    return shares


def _turn_order(claim: Claim, now: datetime, turn: timedelta) -> tuple[int, float, str]:
    """Sort those whose turn is not over, then those who wait, then the others, of whom the newest give way last."""
    since = claim.since.timestamp()
    if not claim.held:
        return 1, since, claim.holder
    return (0, since, claim.holder) if now - claim.since < turn else (2, -since, claim.holder)
