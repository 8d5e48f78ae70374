"""ISBNs as people write them, normalized to the form used everywhere else: 13 digits (ISO 2108)."""

import re
import unicodedata
from typing import NewType

from bookbytes_pipeline.domain.errors import InvalidISBN

ISBN = NewType("ISBN", str)
"""A canonical ISBN-13: 13 ASCII digits whose check digit is right. Only `parse_isbn` returns one."""

_LABEL = re.compile(r"^(?:URN:)?ISBN(?:-?1[03](?=[\s:=])|\s1[03](?=\s*[:=]))?\s*[:=]?", re.IGNORECASE)
_REMARK = re.compile(r"\([^()]*\)|\s:\s.*")
"""What catalogues (MARC 020, ISBD) write after an ISBN: binding or volume in brackets, terms after a colon."""
_ADD_ON = re.compile(r"(?<=[0-9])\s+(?:[0-9]{5}|[0-9]{2})$")
"""The small bar code beside that of the ISBN: price or issue, which scanners send after it."""
_SEPARATORS = frozenset("\u00ad\u2212\u200b.")  # soft hyphen, minus sign, zero width space: pasted from PDFs
_MAX_CHARS = 64
_DIGITS = 13
_SHORTEST = 9
"""Digits of an SBN, which became an ISBN by a zero in front."""


def parse_isbn(text: str) -> ISBN:
    """Return the canonical ISBN-13 of `text`: 13 ASCII digits.

    Accepts ISBN-10 (last place may be X) and ISBN-13 with hyphens, spaces, Unicode dashes, full-width digits, a label
    (`ISBN-13:`, `urn:isbn:`), a catalogue's remark (`(pbk.)`, `: £12`) and a scanner's add-on of 2 or 5 digits after
    13. Raises `InvalidISBN` naming the check that failed.
    """
    digits = _compact(text)
    if re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        return _from_isbn_10(digits, text)
    if re.fullmatch(r"[0-9]{13}", digits):
        return _checked_isbn_13(digits, text)
    raise InvalidISBN(f"{_quoted(text)} is not an ISBN: {_shape_fault(digits)}.")


def isbn_10(isbn: ISBN) -> str | None:
    """Return the ISBN-10 of a canonical ISBN-13; None for the 979 range, which has none."""
    body = isbn[3:12]
    return body + _check_digit_10(body) if isbn.startswith("978") else None


def _compact(text: str) -> str:
    if len(text) > _MAX_CHARS:
        raise InvalidISBN(
            f"{_quoted(text)} is not an ISBN: it has {len(text)} characters, an ISBN has 10 or 13 digits."
        )
    plain = _without_remarks(_LABEL.sub("", unicodedata.normalize("NFKC", text).strip()))
    digits = _joined(plain)
    isbn = _joined(_ADD_ON.sub("", plain))
    return isbn if len(isbn) == _DIGITS else digits


def _without_remarks(text: str) -> str:
    """Leave out what stands after the ISBN, unless that is a number as long as one: which is meant nobody knows."""
    start = next((remark.start() for remark in _REMARK.finditer(text)), len(text))
    isbn, remarks = text[:start].rstrip(), text[start:]
    return text if sum(map(str.isdigit, remarks)) >= _SHORTEST else isbn


def _joined(text: str) -> str:
    return "".join(character for character in text if not _is_separator(character)).upper()


def _is_separator(character: str) -> bool:
    return character in _SEPARATORS or character.isspace() or unicodedata.category(character) == "Pd"


def _from_isbn_10(digits: str, text: str) -> ISBN:
    expected = _check_digit_10(digits[:9])
    if digits[9] != expected:
        raise InvalidISBN(
            f"{_quoted(text)} is not an ISBN: wrong ISBN-10 check digit, {digits[9]} should be {expected}."
        )
    if digits == "0" * 10:
        raise InvalidISBN(f"{_quoted(text)} is not an ISBN: nothing but zeros.")
    body = "978" + digits[:9]
    return ISBN(body + _check_digit_13(body))


def _checked_isbn_13(digits: str, text: str) -> ISBN:
    if digits[:3] not in {"978", "979"}:
        raise InvalidISBN(f"{_quoted(text)} is not an ISBN: an ISBN-13 starts with 978 or 979, this is another EAN-13.")
    expected = _check_digit_13(digits[:12])
    if digits[12] != expected:
        raise InvalidISBN(
            f"{_quoted(text)} is not an ISBN: wrong ISBN-13 check digit, {digits[12]} should be {expected}."
        )
    if digits.startswith("9790"):
        raise InvalidISBN(f"{_quoted(text)} is not an ISBN: 979-0 is for printed music (ISMN).")
    return ISBN(digits)


def _shape_fault(digits: str) -> str:
    if not re.fullmatch(r"[0-9X]*", digits):
        return "it holds letters or other characters that no ISBN has"
    if "X" in digits:
        return "X may only stand in the last place of an ISBN-10"
    return f"it has {len(digits)} digits, an ISBN has 10 or 13"


def _check_digit_10(body: str) -> str:
    remainder = -sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), body, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)  # noqa: PLR2004 - ISO 2108 writes ten as X


def _check_digit_13(body: str) -> str:
    return str(-sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(body)) % 10)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _MAX_CHARS else text[:_MAX_CHARS] + "…")
