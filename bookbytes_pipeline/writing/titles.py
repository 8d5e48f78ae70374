"""The title of a chapter as a person says it: what its number counts is said with it."""

import re

from bookbytes_pipeline.domain.numerals import numeral_value
from bookbytes_pipeline.domain.sentences import DOTTED_ORDINALS
from bookbytes_pipeline.writing.chapter_names import numbered_chapter

_IN_FRONT = re.compile(
    r"(?P<number>\d{1,3}|[IVXLC]{1,8}|[ivxlc]{2,8})(?P<mark>[.)]|\s[-–—])?\s(?![A-Z]\.)(?=\W{0,3}[^\W\d_])"  # noqa: RUF001
)


def numbered(title: str, place: int, language: str) -> str:
    """Return the title with "Chapter" before a number that stands alone, in front, or behind the name of a part.

    `place` is that of the chapter in the book, `language` one such as "en".
    """
    found = _IN_FRONT.match(title)
    number = numeral_value(found["number"]) if found else None
    if found and number and _is_the_chapters(found, number, place, language):
        rest = title[found.end() :]
        chapter = numbered_chapter(number, language)
        return f"{chapter}: {rest}" if chapter else f"{number}. {rest}"
    if found and number and found["mark"] == "." and not found["number"].isdecimal():
        return f"{number}. {title[found.end() :]}"  # an ordinal, as in "II. Weltkrieg"
    return ": ".join(_counted(part, language) for part in title.split(": "))


def _is_the_chapters(found: re.Match[str], number: int, place: int, language: str) -> bool:
    """Return whether the title begins with the chapter's number: not "20. Juli", "24 - The Series" or "II Samuel"."""
    mark, is_roman = found["mark"], not found["number"].isdecimal()
    if mark is None:
        return is_roman and found["number"].isupper() and number == place
    if mark == "." and language in DOTTED_ORDINALS:
        return number == place
    return is_roman or mark in {".", ")"} or number <= place


def _counted(part: str, language: str) -> str:
    number = numeral_value(part.rstrip(".")) if part.isupper() or part.rstrip(".").isdecimal() else None
    return (numbered_chapter(number, language) if number else None) or part
