"""Numbers of chapters."""

import pytest

from bookbytes_pipeline.domain.numerals import numeral_value, roman_value


@pytest.mark.parametrize(
    ("word", "value"),
    [
        *(("1", 1), ("007", 7), ("300", 300), ("I", 1), ("iv", 4), ("IX", 9), ("XIV", 14), ("xl", 40), ("XCIX", 99)),
        *(("CXX", None), ("0", None), ("1984", None), ("", None), ("IIII", 4), ("c", None), ("L", None)),
        *(("ix.", None), ("four", None), ("٣", 3)),
    ],
)
def test_digits_and_roman_numerals_have_a_value(word: str, value: int | None) -> None:
    assert value == numeral_value(word)


@pytest.mark.parametrize(
    ("numeral", "value"),
    [("I", 1), ("XIV", 14), ("CXXXV", 135), ("CCCXCIX", 399), ("IIII", None), ("MIX", None), ("xiv", None), ("", None)],
)
def test_well_formed_numerals_have_a_value(numeral: str, value: int | None) -> None:
    assert value == roman_value(numeral)
