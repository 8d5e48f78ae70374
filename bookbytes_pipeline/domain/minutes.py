"""How long the summary of a chapter is to be when it is spoken."""

MIN_MINUTES, MAX_MINUTES, DEFAULT_MINUTES = 1.0, 10.0, 3.0


def parse_minutes(said: str) -> float:
    """Return a length in minutes; raises `ValueError` with what it should be."""
    try:
        minutes = float(said)
    except ValueError:
        minutes = 0.0
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise ValueError(f"it should be a number of minutes from {MIN_MINUTES:g} to {MAX_MINUTES:g}")
    return minutes
