r"""Formulas in TeX and in Pandoc's Markdown as words: "E equals m c squared" for `$E = mc^2$`, "H2O" for `H~2~O`.

A formula that is more than a line of a school book is gone. Every pattern reads a text once from left to right.
"""

import html
import re
from collections.abc import Mapping
from typing import NoReturn

from bookbytes_pipeline.writing.spoken_forms import forms_of, spaced

_FORMULA = re.compile(
    r"(?<![^\W\d])(?<![$\\])\$(?P<inline>[^\s$](?:[^$\n]{0,300}[^\s$\\])?)\$(?![\d$])"
    r"|\$\$(?P<display>[^$]{1,1000})\$\$"
    r"|\\\((?P<round>[^\\\n]{0,300}(?:\\[^)\n][^\\\n]{0,300}){0,40})\\\)"
    r"|\\\[(?P<square>[^\\]{0,300}(?:\\[^\]][^\\]{0,300}){0,40})\\\]"
    r"|\\begin\{(?P<name>(?:equation|align|gather|displaymath|math|multline)\*?)\}"
    r"(?P<block>[^\\]{0,300}(?:\\(?!end\{)[^\\]{0,300}){0,99})\\end\{(?P=name)\}"
)
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega"
)
_LETTERS = dict(zip(_GREEK.split(), "αβγδεζηθικλμνξπρστυφχψω", strict=True))
_SIGNS = {
    "times": "×",  # noqa: RUF001 - a sign, not a letter
    "cdot": "×",  # noqa: RUF001
    "div": "÷",
    "pm": "±",
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "ne": "≠",
    "neq": "≠",
    "approx": "≈",
    "to": "→",
    "rightarrow": "→",
    "infty": "∞",
    "lt": "<",
    "gt": ">",
    "circ": "°",
    "degree": "°",
}
_FUNCTIONS = frozenset({"sin", "cos", "tan", "log", "ln", "exp", "max", "min"})
_IN_BRACES = frozenset({"mathrm", "mathbf", "mathit", "mathbb", "mathcal", "boldsymbol", "operatorname", "text"})
_SILENT = frozenset({"left", "right", "quad", "qquad", "displaystyle", "limits", ",", ";", ":", "!", " "})
_FRACTIONS = frozenset({"frac", "dfrac", "tfrac"})
_NAMES = _GREEK.replace(" ", "|")
_BARE = re.compile(
    r"(?<![\w\\:/])\\(?:[dt]?frac(?:\{[^{}\n]{1,60}\}){2}|sqrt\{[^{}\n]{1,60}\}"
    rf"|(?:{_NAMES}|times|infty|approx|leq|geq|neq)(?![A-Za-z])(?:[\^_](?:\{{[^{{}}\n]{{1,20}}\}}|\w))?)"
)
_TOKEN = re.compile(
    r"\\(?:text(?:rm|bf|it)?|mbox|mathrm|operatorname)\{(?P<text>[^\W\d_](?:[^\W\d_]|[ ,.-])*)\}"
    r"|(?P<command>\\(?:[A-Za-z]+|.))|(?P<number>\d+(?:[.,]\d+)*)|(?P<letters>[A-Za-z]+)|(?P<sign>\S)",
    re.DOTALL,
)
_COMMAND = re.compile(r"\\[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]{4}")
_MARKED = re.compile(r"[\\^_=<>+]")
_TWO_LETTERS = re.compile(r"[^\W\d_]{2}")
_LETTER = re.compile(r"[^\W\d_]")
_MAX_PRODUCT_CHARS = 3
"""So many letters in a row are the factors of a product, as in mc²; more are a word."""
_MAX_DEPTH = 8
_MAX_CHARS = 300
_SPACES = re.compile(r"(?<=[(\[√]) | (?=[)\],.;:%²³])")

_RAISED = re.compile(r"(?<=[^\W_])\^(?:(?P<power>[+-]?\d{1,3}|[A-Za-z]{1,3})\^|(?P<bare>\d{1,2})(?![\w^{]))")
_LOWERED = re.compile(r"(?<=[^\W\d_])~(\d{1,3}|[a-z]{1,3})~")
_SUPERSCRIPTS = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_VARIABLE = re.compile(r"(?<!\d)(?<!\d\s)(?<!\w)[^\W\d_]$|\d$")
"""What has a power, unlike the metre of "5 m²" and a word with the mark of a note."""
_LOOK_BACK = 4


class _NotSimpleError(Exception):
    """A formula that is not worth saying."""


def formulas_said(text: str, language: str) -> str:
    """Return a text, with its markup, whose formulas are words of `language`, signs where it has no table, or gone."""
    words = forms_of(language).formulas
    if "$" in text or "\\" in text:
        text = _FORMULA.sub(lambda found: _said(found, words), text)
        text = _BARE.sub(lambda found: spaced(found, _translated(found[0], words)), text)
    text = _RAISED.sub(lambda found: _raised(found, words), text)
    return _LOWERED.sub(r"\1", text)


def _said(found: re.Match[str], words: Mapping[str, str]) -> str:
    """Return the words of a formula; what only looks like one, such as two prices, stays."""
    content = html.unescape(next(part for name, part in found.groupdict().items() if part and name != "name"))
    if not found["name"] and not _is_formula(content):
        return found[0]
    return spaced(found, _translated(content, words))


def _is_formula(content: str) -> bool:
    """Return whether this is TeX and not the prose between two prices."""
    if _COMMAND.search(content):
        return True
    if _WORD.search(content) or not _LETTER.search(content):
        return False
    return bool(_MARKED.search(content)) or not _TWO_LETTERS.search(content)


def _translated(formula: str, words: Mapping[str, str]) -> str:
    if len(formula) > _MAX_CHARS:
        return ""
    try:
        return _SPACES.sub("", _Formula(formula, words).said())
    except _NotSimpleError:
        return ""


def _raised(found: re.Match[str], words: Mapping[str, str]) -> str:
    """Return a power in words where something is raised to it, else as a superscript: a unit's, or the mark of a note.

    Letters are not superscripts: "1st" for `1^st^`.
    """
    power = found["power"] or found["bare"]
    before = found.string[max(found.start() - _LOOK_BACK, 0) : found.start()]
    is_power = bool(_VARIABLE.search(before)) and (not power.isalpha() or (len(power) == 1 and before[-1:].isalpha()))
    if is_power and words:
        return f" {_power(power, words)}"
    return power if power.isalpha() else power.translate(_SUPERSCRIPTS)


def _power(power: str, words: Mapping[str, str]) -> str:
    if power in {"2", "3"}:
        return words.get("²³"[int(power) - 2], "²³"[int(power) - 2])
    if words:
        return f"{words['^']} {power.replace('-', words['-'] + ' ')}"
    return power.translate(_SUPERSCRIPTS) if not set(power) - set("0123456789+-") else _give_up()


class _Formula:
    """One formula, read from left to right."""

    def __init__(self, formula: str, words: Mapping[str, str]) -> None:
        self._tokens = list(_TOKEN.finditer(formula))
        self._place = 0
        self._words = words

    def said(self) -> str:
        """Return it in words; raises `_NotSimpleError`."""
        said = self._sequence(0)
        return said if self._place == len(self._tokens) else _give_up()

    def _sequence(self, depth: int) -> str:
        """Read up to the brace that closes, or the end."""
        parts = []
        while (token := self._next()) and token[0] != "}":
            parts.append(self._one(token, depth))
        if bool(token) != bool(depth):
            _give_up()
        return " ".join(filter(None, parts))

    def _argument(self, depth: int) -> str:
        token = self._next()
        return self._one(token, depth) if token else _give_up()

    def _next(self) -> re.Match[str] | None:
        if self._place == len(self._tokens):
            return None
        self._place += 1
        return self._tokens[self._place - 1]

    def _one(self, token: re.Match[str], depth: int) -> str:
        """Say what begins with this token."""
        if depth > _MAX_DEPTH:
            _give_up()
        if token["command"]:
            return self._command(token["command"][1:], depth)
        if token["letters"]:
            letters = token["letters"]
            return letters if len(letters) > _MAX_PRODUCT_CHARS else " ".join(letters)
        return token["text"] or token["number"] or self._sign(token["sign"], depth)

    def _sign(self, sign: str, depth: int) -> str:
        if sign == "{":
            return self._sequence(depth + 1)
        if sign == "^":
            power = self._argument(depth + 1)
            return power if power == self._word("°") else _power(power, self._words)
        if sign == "_":
            return self._argument(depth + 1)
        if sign in "()[],.;:%":
            return sign
        return self._word(sign.replace("−", "-"))  # noqa: RUF001 - the minus of print

    def _word(self, sign: str) -> str:
        """Return a sign in words; where the language has no table, itself."""
        known = sign in _SIGNS.values() or sign in "=+-*/<>≤≥≠≈×÷±→∞°"  # noqa: RUF001
        if not known:
            _give_up()
        return self._words.get("×" if sign == "*" else sign, sign)  # noqa: RUF001

    def _command(self, name: str, depth: int) -> str:
        if name in _SILENT:
            return ""
        if name in _IN_BRACES:
            return self._argument(depth + 1)
        if name in _FRACTIONS:
            above, below = self._argument(depth + 1), self._argument(depth + 1)
            return f"{above} {self._word('/')} {below}"
        if name == "sqrt":
            return f"{self._words.get('√', '√')} {self._argument(depth + 1)}"
        return self._named(name)

    def _named(self, name: str) -> str:
        if name in _SIGNS:
            return self._word(_SIGNS[name])
        if name.lower() in _LETTERS:
            letter = name.lower()
            return self._words.get(letter, letter) if self._words else _LETTERS[letter]
        if name in _FUNCTIONS:
            return self._words.get(name, name)
        return name if name in "%{}" else _give_up()


def _give_up() -> NoReturn:
    raise _NotSimpleError
