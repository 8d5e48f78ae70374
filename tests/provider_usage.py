"""What was counted, as tests compare it: without the seconds, which are never the same."""

from collections import Counter

from bookbytes_pipeline.domain.provider_usage import ProviderUsage


def calls(consumption: ProviderUsage) -> dict[tuple[str, str, str], int]:
    """How many calls there were, by provider, model and outcome."""
    numbers: Counter[tuple[str, str, str]] = Counter()
    for kind, counted in consumption.calls.items():
        numbers[kind.provider, kind.model, kind.outcome.value] += counted.number
    return dict(numbers)


def spent(consumption: ProviderUsage) -> dict[str, int]:
    """What was spent, by unit."""
    amounts: Counter[str] = Counter()
    for kind, amount in consumption.spent.items():
        amounts[kind.unit.value] += amount
    return dict(amounts)
