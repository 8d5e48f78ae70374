"""Numbers of chapters in digits and in Roman numerals."""

import re

_ROMAN = re.compile(r"(?=[ivxlc])(xc|xl|l?x{0,4})(ix|iv|v?i{0,4})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_LETTERS = frozenset("cl")
MAX_DIGITS = 3
"""A number of four digits is a year."""

_WELL_FORMED = re.compile(r"(?=[IVXLC])C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")


def numeral_value(word: str) -> int | None:
    """Return the value of `4`, `007`, `IV` or `iv`; None for others, nought, and C and L alone."""
    if word.isdecimal():
        return int(word) or None if len(word) <= MAX_DIGITS else None
    letters = word.lower()
    return _roman(letters) if _ROMAN.fullmatch(letters) and letters not in _LETTERS else None


def roman_value(numeral: str) -> int | None:
    """Return the value of a well-formed Roman numeral in capitals, such as `XIV` or `CXXXV`, up to 399; else None."""
    return _roman(numeral.lower()) if _WELL_FORMED.fullmatch(numeral) else None


def _roman(word: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in word]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))
