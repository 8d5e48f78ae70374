"""Calls to providers, how long they took and what was spent on them: numbers that can be added up."""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self, TypeVar

BUCKET_BOUNDS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, math.inf)
"""From a record of a catalogue to a chapter by a language model that reasons."""


class Outcome(StrEnum):
    """How a call ended. An answer that could not be used counts as `UNAVAILABLE`: it is retried as well."""

    OK = "ok"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"


class Unit(StrEnum):
    """What providers charge by."""

    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    CHARACTERS = "characters"


@dataclass(frozen=True, slots=True, order=True)
class CallBucket:
    """Calls that are counted together: they took at most `max_seconds`, and more than the next lower bound.

    `model` is the language model or the voice that was used; empty for a provider that has none.
    """

    provider: str
    model: str
    outcome: Outcome
    max_seconds: float


@dataclass(frozen=True, slots=True, order=True)
class SpendingKey:
    """Spending that is counted together."""

    provider: str
    model: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class CallCount:
    """A number of calls, and how many seconds they took together."""

    number: int = 0
    seconds: float = 0.0

    def __add__(self, other: "CallCount") -> "CallCount":
        return CallCount(self.number + other.number, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class ProviderUsage:
    """Calls to providers, and what was spent on them."""

    calls: Mapping[CallBucket, CallCount] = field(default_factory=dict)
    spent: Mapping[SpendingKey, int] = field(default_factory=dict)

    def __add__(self, other: "ProviderUsage") -> "ProviderUsage":
        return ProviderUsage(_merged(self.calls, other.calls), _merged(self.spent, other.spent))


def bucket_bound(seconds: float) -> float:
    """Return the lowest bound that is no less than `seconds`."""
    return BUCKET_BOUNDS_S[bisect_left(BUCKET_BOUNDS_S, seconds)]


class _Addable(Protocol):
    def __add__(self, other: Self, /) -> Self: ...


KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT", bound=_Addable)


def _merged(left: Mapping[KeyT, ValueT], right: Mapping[KeyT, ValueT]) -> dict[KeyT, ValueT]:
    return {**left, **{key: left[key] + value if key in left else value for key, value in right.items()}}
