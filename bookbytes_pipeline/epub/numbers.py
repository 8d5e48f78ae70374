"""Raised and lowered characters of a page as a person would read them: exponents, ordinals, note marks."""

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum

from bookbytes_pipeline.epub.fractions import fractions_in_words
from bookbytes_pipeline.epub.raised import CONTROLS, END, LOWERED, MARK, RAISED

_GONE = "\x05"
_RUN = re.compile(f"[{RAISED}{LOWERED}{MARK}]([^{RAISED}{LOWERED}{END}{MARK}]*){END}")
_BEFORE_STOP = re.compile(rf"\s?{_GONE}+(?=[.,;:!?…)\]])")
_CONTEXT = 48
"""So many characters before something raised say what it belongs to."""

_INTEGER = re.compile(r"\d{1,4}")
_NOTE_MARK = re.compile(r"[*†‡§¶‖#]{1,4}|[\[(]\s?(?:\d{1,4}|[*†‡§¶]{1,4}|[a-z]|[ivxlc]{1,6})\s?[\])]|\d{1,4}[.)]")
_SEVERAL_MARKS = re.compile(r"(?:\d{1,4}|[a-z]|[*†‡§¶])(?:\s?[,;–-]\s?(?:\d{1,4}|[a-z]|[*†‡§¶]))+")
_SIGNED = re.compile(r"[−–-]\s?(\d{1,4}(?:[.,]\d{1,4})?)")
_DECIMAL = re.compile(r"\d{1,4}[.]\d{1,4}")
_TRADE_SIGNS = frozenset({"tm", "sm", "®", "™", "©", "(r)", "(tm)"})
_VARIABLES = frozenset("kmnpqtxyz")
"""As exponents of a number; other letters after a number belong to an ordinal: 1e, 2o."""

_NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*$")
_WORD = re.compile(r"[^\W\d_]+$")
_YEAR = re.compile(r"1\d{3}|20\d{2}")
_OPERATOR_BEFORE = re.compile(r"[=+*/×·⋅(−]\s?$")
_CALCULATION = re.compile(r"[([][^()\[\]]*[+*/×·−=^-][^()\[\]]*[)\]]$")
_ABBREVIATION_LETTERS = 3
_BASE_DIGITS = 3
"""Longer numbers are rarely raised to a power: years and amounts have note marks."""
_ONE_DIGIT = 9
_FUNCTIONS = frozenset({"sin", "cos", "tan", "log", "ln"})
_ISOTOPE = re.compile(r"(?:H|He|C|N|K|Co|Sr|Cs|Ra|Th|U|Pu|Am|Po|Rn|Pb|Ar|Kr|Xe)(?![^\W\d_])")
_UNITS = {
    "m": ("metre", "metres"),
    "km": ("kilometre", "kilometres"),
    "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"),
    "dm": ("decimetre", "decimetres"),
    "ft": ("foot", "feet"),
    "in": ("inch", "inches"),
    "yd": ("yard", "yards"),
    "mi": ("mile", "miles"),
}
_COUNTED = re.compile(r"([\d.,]*\d)\s?$")
_PER = re.compile(r"(?:\bper\s|/\s?)$")
_DIMENSIONS = {2: "square", 3: "cubic"}
_POWERS = {"2": "squared", "3": "cubed"}

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ"
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
_RAISED_LETTERS = re.compile(f"[{_SUPERSCRIPTS}]+")
_LOWERED_LETTERS = str.maketrans(_SUBSCRIPTS, "0123456789")
_TO_SUPERSCRIPT = str.maketrans("0123456789−-+n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺ⁿ")
_FROM_SUPERSCRIPT = str.maketrans(_SUPERSCRIPTS, "0123456789−+n")


class _Is(Enum):
    """What raised characters are: unsure ones are exponents unless the page's own marks say otherwise."""

    MARK = "mark"
    POWER = "power"
    JOINED = "joined"
    PERHAPS_POWER = "perhaps power"
    PERHAPS_MARK = "perhaps mark"


@dataclass(slots=True)
class NoteMarks:
    """The numbered marks of one page, in order: whether another number is one of them is judged by its place.

    `bodies` are the numbers of the notes that stand on the page.
    """

    bodies: Collection[int] = ()
    _places: list[tuple[int, int]] = field(default_factory=list)
    _numbers: list[int] = field(default_factory=list)
    _last: int = 0

    @classmethod
    def of(cls, paragraphs: Sequence[str], bodies: Collection[int]) -> "NoteMarks":
        """Collect what can be nothing but marks in the paragraphs of a page."""
        marks = cls(bodies)
        for index, text in enumerate(paragraphs):
            for run in _RUN.finditer(text):
                number = _INTEGER.search(run.group(1))
                if number and _kind(text, run) is _Is.MARK:
                    marks._places.append((index, run.start()))
                    marks._numbers.append(int(number.group()))
        return marks

    def holds(self, number: int) -> bool:
        """Return whether the page has a mark with this number."""
        return number in self._numbers

    def support(self, number: int, place: tuple[int, int]) -> int:
        """Return how many signs (0 to 3) say that the number at `place`, paragraph and character, is a mark."""
        index = bisect_left(self._places, place)
        following = self._numbers[index] if index < len(self._numbers) else -1
        return (number == self._last + 1) + (following == number + 1) + (number in self.bodies)

    def pass_by(self, number: int) -> None:
        """Remember the mark that was met last."""
        self._last = number


def with_runs(text: str) -> str:
    """Return the text with its superscript letters, such as ², between control characters; subscripts are lowered."""
    if text.isascii():
        return text
    raised = _RAISED_LETTERS.sub(lambda run: f"{RAISED}{run.group().translate(_FROM_SUPERSCRIPT)}{END}", text)
    return raised.translate(_LOWERED_LETTERS)


def spoken(text: str, place: int, marks: NoteMarks, language: str) -> tuple[str, int]:
    """Return paragraph number `place` of a page without control characters, and how many note marks went.

    English puts numbers into words ("10 to the 6", "one and a half"); other languages get signs that their voices read.
    """
    text = fractions_in_words(text, english=language == "en")
    if END not in text:
        return text, 0
    parts: list[str] = []
    gone = end = 0
    for run in _RUN.finditer(text):
        parts.append(text[end : run.start()])
        reading = _reading(text, run, parts, (place, run.start()), marks, english=language == "en")
        gone += reading == _GONE
        parts.append(reading)
        end = run.end()
    parts.append(text[end:])
    return _BEFORE_STOP.sub("", "".join(parts)).replace(_GONE, "").translate(CONTROLS), gone


def leading_number(text: str) -> int | None:
    """Return the number that a note begins with: raised, a mark, or in brackets; None if it begins otherwise."""
    found = re.match(rf"\s*[{RAISED}{MARK}][\[(]?(\d{{1,4}})[\])]?\.?{END}|\s*\[(\d{{1,4}})\]", text)
    return int(found.group(1) or found.group(2)) if found else None


def _reading(
    text: str, run: re.Match[str], parts: list[str], place: tuple[int, int], marks: NoteMarks, *, english: bool
) -> str:
    content = run.group(1).strip()
    kind = _kind(text, run)
    if kind in {_Is.PERHAPS_POWER, _Is.PERHAPS_MARK}:
        needed = 2 if kind is _Is.PERHAPS_POWER else 1
        kind = _Is.MARK if marks.support(int(content), place) >= needed else _Is.POWER
    if kind is _Is.MARK:
        number = _INTEGER.search(content)
        if number:
            marks.pass_by(int(number.group()))
        return _GONE
    if kind is _Is.JOINED:
        return content
    return _power(content, parts, text[run.end() : run.end() + 1], english=english)


def _kind(text: str, run: re.Match[str]) -> _Is:
    sign, content = run.group()[0], run.group(1).strip()
    if sign == MARK or not content:
        return _Is.MARK
    if sign == LOWERED:
        return _Is.JOINED
    before = text[max(0, run.start() - _CONTEXT) : run.start()].translate(CONTROLS)
    if _INTEGER.fullmatch(content):
        return _digits(before, content, text[run.end() : run.end() + 4])
    if content.lower() in _TRADE_SIGNS or _NOTE_MARK.fullmatch(content):
        return _Is.MARK
    base = before[-1:]
    if (_SIGNED.fullmatch(content) and base.isalnum()) or (_DECIMAL.fullmatch(content) and base.isdigit()):
        return _Is.POWER
    return _Is.MARK if _SEVERAL_MARKS.fullmatch(content) else _letters(before, content)


def _letters(before: str, content: str) -> _Is:
    """An exponent after a number or a variable, the mark of a note after a word or a stop, else part of the word."""
    word = _WORD.search(before)
    base = word.group() if word else ""
    if len(content) > 1:
        return _Is.JOINED
    if before[-1:].isdigit():
        return _Is.POWER if content in _VARIABLES else _Is.JOINED
    if len(base) == 1 and content in _VARIABLES and base.islower():
        return _Is.POWER
    abbreviated = (base[:1].isupper() and len(base) <= _ABBREVIATION_LETTERS) or base.isupper() or len(base) == 1
    return _Is.MARK if content.islower() and not abbreviated else _Is.JOINED


def _digits(before: str, content: str, after: str) -> _Is:
    number = _NUMBER.search(before)
    if number:
        return _after_number(number.group(), before[: number.start()])
    word = _WORD.search(before)
    if word:
        return _after_word(word.group(), before[: word.start()], content)
    if _CALCULATION.search(before):
        return _Is.POWER
    return _Is.JOINED if not before[-1:].isalnum() and _ISOTOPE.match(after) else _Is.MARK


def _after_number(base: str, before: str) -> _Is:
    if _YEAR.fullmatch(base) or "," in base or len(base.replace(".", "")) > _BASE_DIGITS:
        return _Is.MARK
    return _Is.PERHAPS_POWER if base in {"2", "10"} or _OPERATOR_BEFORE.search(before) else _Is.PERHAPS_MARK


def _after_word(base: str, before: str, content: str) -> _Is:
    exponent = int(content)
    if before[-1:] in {"'", "’", "-"}:
        return _Is.MARK
    if (
        base.lower() in _UNITS
        and len(base) > 1
        and exponent in _DIMENSIONS
        and (base != "in" or _COUNTED.search(before))
    ):
        return _Is.PERHAPS_POWER
    if len(base) == 1:
        unlikely = exponent > _ONE_DIGIT or base in {"I", "A", "a"}
        return _Is.PERHAPS_MARK if unlikely else _Is.PERHAPS_POWER
    formula = len(base) == len("mc") and _OPERATOR_BEFORE.search(before) and not before.rstrip().endswith("(")
    return _Is.PERHAPS_POWER if formula or base in _FUNCTIONS else _Is.MARK


def _power(content: str, parts: list[str], following: str, *, english: bool) -> str:
    """Return the words for the exponent; after a unit of length, the unit at the end of `parts` changes instead."""
    if not english:
        signs = content.translate(_TO_SUPERSCRIPT)
        return signs if all(sign in _SUPERSCRIPTS for sign in signs) else f"^{content}"
    gap = " " if following.isalnum() else ""
    if content.isdigit() and _as_area(int(content), parts):
        return gap
    signed = _SIGNED.fullmatch(content)
    value = f"minus {signed.group(1)}" if signed else content
    return f" {_POWERS.get(content, f'to the {value}')}{gap}"


def _as_area(exponent: int, parts: list[str]) -> bool:
    """Turn "5 km" at the end of `parts` into "5 square kilometres"; return whether it is a number of such units."""
    word = _WORD.search(parts[-1][-_CONTEXT:])
    unit = _UNITS.get(word.group()) if word else None
    if word is None or unit is None or exponent not in _DIMENSIONS:
        return False
    before = parts[-1][: len(parts[-1]) - len(word.group())]
    counted, per = _COUNTED.search(before[-_CONTEXT:]), _PER.search(before[-_CONTEXT:])
    if not counted and not per:
        return False
    name = unit[0] if per or (counted and counted.group(1) == "1") else unit[1]
    spaced = before if before[-1:].isspace() or not counted else f"{before} "
    slashed = f"{spaced.rstrip()[:-1].rstrip()} per " if per and spaced.rstrip().endswith("/") else spaced
    parts[-1] = f"{slashed}{_DIMENSIONS[exponent]} {name}"
    return True
