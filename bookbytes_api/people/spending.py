"""What was spent, in figures for people and in dollars."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from bookbytes_pipeline.domain.cost import FREE_NARRATORS
from bookbytes_pipeline.domain.provider_usage import SpendingKey, Unit
from bookbytes_pipeline.library.usage import Spending
from bookbytes_pipeline.settings import Settings

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Tokens that models read and wrote, characters that were spoken, and US dollars for that at today's prices.

    `dollars` is None where the settings lack a price. Nothing was spent where all answers came from the cache.
    """

    input_tokens: int
    output_tokens: int
    characters: int
    dollars: float | None

    @classmethod
    def of(cls, spent: Iterable[Spending], settings: Settings) -> Self:
        """Return the cost of several runs together."""
        total: Counter[SpendingKey] = Counter()
        for each in spent:
            total.update(each)
        units: Counter[Unit] = Counter()
        for key, amount in total.items():
            units[key.unit] += amount
        return cls(
            units[Unit.INPUT_TOKENS], units[Unit.OUTPUT_TOKENS], units[Unit.CHARACTERS], _dollars(total, settings)
        )

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was spent."""
        return not (self.input_tokens or self.output_tokens or self.characters)


def _dollars(spent: Spending, settings: Settings) -> float | None:
    total = 0.0
    for key, amount in spent.items():
        price = _price(key, settings)
        if price is None:
            return None
        total += amount * price / _MILLION
    return total


def _price(key: SpendingKey, settings: Settings) -> float | None:
    match key.unit:
        case Unit.INPUT_TOKENS:
            return settings.llm_input_price
        case Unit.OUTPUT_TOKENS:
            return settings.llm_output_price
        case Unit.CHARACTERS:
            return 0.0 if key.provider in FREE_NARRATORS else settings.tts_price
