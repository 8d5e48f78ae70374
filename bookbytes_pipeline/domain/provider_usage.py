"""What was asked of providers, how long that took and what was spent on it: numbers that add up."""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self, TypeVar

BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, math.inf)
"""Seconds: a catalogue's record at the lower end, a chapter from a language model that thinks at the upper one."""


class Outcome(StrEnum):
    """How a call ended. An answer that could not be used counts as `UNAVAILABLE`: it is asked for again as well."""

    OK = "ok"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"


class Unit(StrEnum):
    """What providers charge by."""

    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    CHARACTERS = "characters"


@dataclass(frozen=True, slots=True, order=True)
class CallKind:
    """Calls that are counted together. They took more seconds than the next lower bound, and at most `within`.

    `model` is what the provider was asked with (a language model, or a voice); empty for one that has none.
    """

    provider: str
    model: str
    outcome: Outcome
    within: float


@dataclass(frozen=True, slots=True, order=True)
class SpendingKind:
    """What is counted together of that which was spent."""

    provider: str
    model: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls there were, and how many seconds they took together."""

    number: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Calls") -> "Calls":
        return Calls(self.number + other.number, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class ProviderUsage:
    """Calls, and what was spent on them, by kind."""

    calls: Mapping[CallKind, Calls] = field(default_factory=dict)
    spent: Mapping[SpendingKind, int] = field(default_factory=dict)

    def __add__(self, other: "ProviderUsage") -> "ProviderUsage":
        return ProviderUsage(_merged(self.calls, other.calls), _merged(self.spent, other.spent))


def bound_of(seconds: float) -> float:
    """The lowest bound that a call of so many seconds keeps."""
    return BOUNDS[bisect_left(BOUNDS, seconds)]


class _Summed(Protocol):
    def __add__(self, other: Self, /) -> Self: ...


Kind = TypeVar("Kind")
Sum = TypeVar("Sum", bound=_Summed)


def _merged(one: Mapping[Kind, Sum], other: Mapping[Kind, Sum]) -> dict[Kind, Sum]:
    return {**one, **{kind: one[kind] + more if kind in one else more for kind, more in other.items()}}
