"""Provider usage in the form that tests compare: without durations, which always differ."""

from collections import Counter

from bookbytes_pipeline.domain.provider_usage import ProviderUsage


def calls(usage: ProviderUsage) -> dict[tuple[str, str, str], int]:
    """Return the number of calls by provider, model and outcome."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for kind, bucket in usage.calls.items():
        counts[kind.provider, kind.model, kind.outcome.value] += bucket.number
    return dict(counts)


def spent(usage: ProviderUsage) -> dict[str, int]:
    """Return what was spent, by unit."""
    amounts: Counter[str] = Counter()
    for kind, amount in usage.spent.items():
        amounts[kind.unit.value] += amount
    return dict(amounts)
