"""Lengths in minutes as people write them."""

import pytest

from bookbytes_pipeline.domain.minutes import parse_minutes


@pytest.mark.parametrize(("said", "minutes"), [("1", 1.0), ("2.5", 2.5), ("10", 10.0), (" 3 ", 3.0)])
def test_a_length_is_read(said: str, minutes: float) -> None:
    """From one minute to ten."""
    assert minutes == parse_minutes(said)


@pytest.mark.parametrize("said", ["", "0.9", "10.1", "three", "nan", "inf", "-3"])
def test_any_other_length_is_refused(said: str) -> None:
    """The message says what it should be."""
    with pytest.raises(ValueError, match="from 1 to 10"):
        parse_minutes(said)
