"""The numbers of chapters: `4`, `IV`, `Four`, `Chapter 4`."""

import re

from bookbytes_pipeline.domain.numerals import numeral_value
from bookbytes_pipeline.epub.matter import is_chapter_title, is_number, plain

_SPELT = {
    word: number
    for number, words in enumerate(
        (
            *("one first", "two second", "three third", "four fourth", "five fifth", "six sixth", "seven seventh"),
            *("eight eighth", "nine ninth", "ten tenth", "eleven eleventh", "twelve twelfth", "thirteen", "fourteen"),
            *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
        ),
        start=1,
    )
    for word in words.split()
}
_NUMBER_IN_FRONT = re.compile(r"(\d{1,3}|[ivxlc]{1,7}) (?!\d)(?=\S)")
_DIGITS = re.compile(r"\d+|[一二三四五六七八九十]+")
_CHINESE = "〇一二三四五六七八九十"
_SUBDIVIDED = re.compile(r"\s*\d+[.-]\d+")


def number_of(title: str) -> int | None:
    """Return the number of a title that is a number or calls itself a chapter's; None if it says none."""
    if not (is_number(title) or is_chapter_title(title)):
        return None
    words = [*plain(title).split(), *_DIGITS.findall(plain(title))]
    return next((value for word in words if (value := _value(word))), None)


def leading_number(title: str) -> int | None:
    """Return the number at the front of a title, such as 7 for `7. The Storm` or `Chapter 7`; None for `7.1 Rain`."""
    if _SUBDIVIDED.match(title):
        return None
    found = _NUMBER_IN_FRONT.match(plain(title))
    return _value(found[1]) if found else number_of(title)


def without_number(title: str) -> str:
    """Return the words of a title, for comparing, without the number in front: `the storm` for `7. The Storm`."""
    words = plain(title)
    return _NUMBER_IN_FRONT.sub("", words, count=1) if leading_number(title) else words


def _value(word: str) -> int | None:
    return _SPELT.get(word) or numeral_value(word) or _chinese(word)


def _chinese(word: str) -> int | None:
    """Return the value of a number up to 99 in Chinese characters, as in 第十二章."""
    if not word or set(word) - set(_CHINESE):
        return None
    tens, ten, units = word.rpartition("十")
    return (_CHINESE.index(tens[-1]) if tens else int(bool(ten))) * 10 + (_CHINESE.index(units[-1]) if units else 0)
