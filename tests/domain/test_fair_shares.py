"""How runs share the slots of a provider."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bookbytes_pipeline.domain.fair_shares import Claim, fair_shares

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TURN = timedelta(seconds=2)
LONG_AGO = 60


def claim(holder: str, held: int, wanted: int, seconds: float = LONG_AGO) -> Claim:
    """A claim that has been as it is for so many seconds."""
    return Claim(holder, held, wanted, NOW - timedelta(seconds=seconds))


def shares(limit: int, *claims: Claim) -> dict[str, int]:
    return fair_shares(limit, claims, NOW, TURN)


def many_claims() -> Sequence[tuple[Claim, ...]]:
    """Four holders that hold and want little or much, for a short or a long time."""
    kinds = list(product((0, 1, 3), (0, 1, 4, 9), (1, LONG_AGO)))
    return [
        tuple(claim(holder, *kind) for holder, kind in zip("abcd", chosen, strict=True))
        for chosen in product(kinds[::5], kinds[::7], kinds[::4], kinds[::3])
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 16, 64])
def test_no_slot_is_left_over_and_none_is_given_twice(limit: int) -> None:
    """All slots are shared out unless fewer are wanted, and nobody gets more than it wants."""
    for claims in many_claims():
        found = shares(limit, *claims)

        assert min(limit, sum(each.wanted for each in claims)) == sum(found.values())
        assert all(0 <= found[each.holder] <= each.wanted for each in claims)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 16, 64])
def test_shares_are_even(limit: int) -> None:
    """Nobody has two more than one who wants more, and what one does not want goes to the others."""
    for claims in many_claims():
        found = shares(limit, *claims)

        unserved = [found[each.holder] for each in claims if found[each.holder] < each.wanted]
        assert not unserved or max(found.values()) <= min(unserved) + 1


@pytest.mark.parametrize(
    ("limit", "claims", "expected"),
    [
        (5, [claim("a", 5, 5)], {"a": 5}),
        (5, [claim("a", 5, 5), claim("b", 0, 5)], {"a": 3, "b": 2}),
        (5, [claim("a", 2, 5), claim("b", 3, 5)], {"a": 2, "b": 3}),
        (5, [claim("a", 3, 9), claim("b", 2, 9), claim("c", 0, 9, 1)], {"a": 2, "b": 2, "c": 1}),
        (5, [claim("a", 1, 1), claim("b", 2, 9)], {"a": 1, "b": 4}),
        (5, [claim("a", 1, 0), claim("b", 2, 9)], {"a": 0, "b": 5}),
        (4, [], {}),
    ],
)
def test_who_has_more_keeps_what_cannot_be_divided(
    limit: int, claims: Sequence[Claim], expected: dict[str, int]
) -> None:
    """So that slots do not go to and fro between runs that want the same."""
    assert expected == shares(limit, *claims)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([claim("a", 1, 5, 1), claim("b", 0, 5, 30), claim("c", 0, 5, 40)], "a"),
        ([claim("a", 1, 5, 3), claim("b", 0, 5, 30), claim("c", 0, 5, 40)], "c"),
        ([claim("a", 1, 5, 3), claim("b", 0, 5, 30), claim("c", 0, 0, 40)], "b"),
        ([claim("a", 1, 5, 3), claim("b", 0, 0, 30), claim("c", 0, 0, 40)], "a"),
        ([claim("a", 0, 5, 0), claim("b", 0, 5, 1), claim("c", 1, 5, 3)], "b"),
    ],
)
def test_a_single_slot_goes_around(claims: Sequence[Claim], expected: str) -> None:
    """Whoever has it keeps it for a turn; then it is given to the one who has waited longest, if anybody waits."""
    assert {expected} == {holder for holder, share in shares(1, *claims).items() if share}


def test_of_two_whose_turn_is_over_the_older_one_gives_way() -> None:
    """Only as many give way as there are others who wait."""
    assert {"a": 0, "b": 1, "c": 1} == shares(2, claim("a", 1, 5, 9), claim("b", 1, 5, 5), claim("c", 0, 5, 1))
