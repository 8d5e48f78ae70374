"""Formulas in MathML as words."""

import re
from collections.abc import Sequence

from bookbytes_pipeline.epub.markup import Element, folded, tag

_TEX = re.compile(r"[\\{}^_$]")
_NOT_SPOKEN = frozenset(
    {"annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark", "none", "mprescripts"}
)
_POWERS = {"2": "squared", "3": "cubed"}
_HALVES = {("1", "2"): "one half", ("1", "3"): "one third", ("1", "4"): "one quarter", ("3", "4"): "three quarters"}
_OPERATORS = {
    "=": "equals",
    "+": "plus",
    "-": "minus",
    "−": "minus",
    "±": "plus or minus",
    "×": "times",
    "⋅": "times",
    "·": "times",
    "∗": "times",
    "/": "over",
    "÷": "divided by",
    "<": "is less than",
    ">": "is greater than",
    "≤": "is at most",
    "≥": "is at least",
    "≠": "is not equal to",
    "≈": "is about",
    "∑": "the sum",
    "∏": "the product",
    "∫": "the integral",
    "∞": "infinity",
    "→": "to",
    "%": "percent",
}
_INVISIBLE = frozenset("\u2061\u2062\u2063\u2064")
_MAX_ELEMENTS = 2_000
"""No formula in a book is larger; one that is, is left out rather than spoken for minutes."""


def formula(math: Element, *, english: bool) -> str:
    """Return the formula as a person reads it: its alternative text unless that is TeX, else its parts in order."""
    said = folded(math.get("alttext") or "")
    if said and not _TEX.search(said):
        return said
    # From the leaves up and without recursion: what an element says is made of what its children said.
    spoken: dict[Element, str] = {}
    elements = list(math.iter())
    if len(elements) > _MAX_ELEMENTS:
        return ""
    for element in reversed(elements):
        parts = [spoken[child] for child in element if spoken.get(child)]
        spoken[element] = folded(_said(element, parts, english=english))
    return spoken[math]


def _said(element: Element, parts: Sequence[str], *, english: bool) -> str:
    name = tag(element)
    if name in _NOT_SPOKEN:
        return ""
    if not len(element):
        return _leaf(name, folded(element.text or ""), english=english)
    if name == "semantics":
        return parts[0] if parts else ""
    return _structure(name, parts, english=english)


def _leaf(name: str, text: str, *, english: bool) -> str:
    if name != "mo":
        return text
    if text in _INVISIBLE:
        return ""
    return _OPERATORS.get(text, text) if english else text


def _structure(name: str, parts: Sequence[str], *, english: bool) -> str:
    match name, parts:
        case "mfrac", [numerator, denominator]:
            return _fraction(numerator, denominator, english=english)
        case (("msup" | "mover"), [base, exponent]):
            return _power(base, exponent, english=english)
        case (("msub" | "munder"), [base, index]):
            return f"{base} {index}" if len(index) > 1 else f"{base}{index}"
        case (("msubsup" | "munderover"), [_, _, _]):
            return _limits(parts, english=english)
        case "mroot", [inside, degree]:
            return _root(inside, degree, english=english)
    root = "" if name != "msqrt" else "square root of " if english else "√ "
    return f"{root}{' '.join(parts)}"


def _fraction(numerator: str, denominator: str, *, english: bool) -> str:
    if not english:
        return f"{numerator}/{denominator}"
    return _HALVES.get((numerator, denominator)) or f"{numerator} over {denominator}"


def _power(base: str, exponent: str, *, english: bool) -> str:
    return f"{base} {_POWERS.get(exponent, f'to the {exponent}')}" if english else f"{base}^{exponent}"


def _limits(parts: Sequence[str], *, english: bool) -> str:
    base, low, high = parts
    if english and base in {"the sum", "the product", "the integral"}:
        return f"{base} from {low} to {high} of"
    return _power(f"{base}{low}", high, english=english)


def _root(inside: str, degree: str, *, english: bool) -> str:
    if not english:
        return f"{degree}√ {inside}"
    name = {"3": "cube root", "4": "fourth root"}.get(degree, f"root {degree}")
    return f"{name} of {inside}"
