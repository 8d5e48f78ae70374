"""Roman numerals as a person says them: "Chapter 14" for `Chapter XIV`, "Henry the Fifth" for `Henry V`.

Every pattern reads a text once from left to right: the text is not trusted.
"""

import re
from collections.abc import Callable
from functools import cache, partial

from bookbytes_pipeline.domain.numerals import roman_value
from bookbytes_pipeline.domain.sentences import DOTTED_ORDINALS
from bookbytes_pipeline.writing.spoken_forms import SpokenForms, base_of, forms_of

_AND = r"(?:\s?[-–,&/]\s?|,?\s(?:and|to|or|und|bis|oder|et|à|ou|y|al?|e|o)\s)"  # noqa: RUF001 - of ranges
_NUMBERED = (
    r"\b(?P<word>[^\W\d_]+)\s(?P<numeral>{letters})(?P<more>(?:{between}{letters}(?!\w)){{0,5}})(?!\w)"
    r"(?P<dot>\.(?=[,;:)!?]|\s\S))?"
)
_IN_TEXT = re.compile(_NUMBERED.format(letters="[IVXLC]{1,9}", between=_AND))
_IN_TITLES = re.compile(_NUMBERED.format(letters="(?:[IVXLC]{1,9}|[ivxlc]{1,9})", between=_AND))
_NUMERALS = re.compile(r"\b[IVXLCivxlc]+\b")
_FRENCH = re.compile(r"\b([IVX]{2,6}|I(?=er|re)|[VX](?=e\s))(ers?|res?|es?|ème)\b")
_ITALIAN_CENTURY = re.compile(r"\b([IVX]{1,6})(?=\s[Ss]ecolo\b)")

_ENDS = r"$|[^\w\s'’]|['’]s\b|\s[^\w\s]"  # noqa: RUF001 - an apostrophe in print
_KING_GOES_ON = re.compile(rf"{_ENDS}|\s(?:of|and)\b")
_THIRD_PERSON = r"(?!was|always|perhaps|sometimes)[a-z]{1,20}s"
_PART_GOES_ON = re.compile(
    rf"{_ENDS}|\s(?:[A-Z]|(?:of|and|or|the|an?|in|by|with|has|he|she|it|they|we|{_THIRD_PERSON})\b)"
)
_TITLE_GOES_ON = re.compile(r"$|[.:,;)\]–—]|\s[-–—(]|\s(?:scene|act|part|chapter|book)\b", re.IGNORECASE)  # noqa: RUF001
_MIN_NAME_CHARS = 4
"""Shorter ones are articles, as in "The XIV Congress", which is not the 14 Congress."""
_NO_NUMBER = "XXX"
_SPANISH_ORDINALS = 10
_LOOK_BACK = 24

_GERMAN_DATIVE = frozenset({"von", "vom", "mit", "unter", "bei", "nach", "zu", "seit", "aus", "gegenüber"})
_GERMAN_ACCUSATIVE = frozenset({"für", "gegen", "durch", "ohne", "um"})


def numbers_said(text: str, language: str) -> str:
    """Return a line of text with the Roman numerals behind its words as numbers in `language`, a BCP 47 tag."""
    return _said(_IN_TEXT, text, language, in_title=False)


def title_numbers_said(title: str, language: str) -> str:
    """Return a title likewise: small numerals are read too, and an "I" at its end or at that of "Part I"."""
    return _said(_IN_TITLES, title, language, in_title=True)


def _said(pattern: re.Pattern[str], text: str, language: str, *, in_title: bool) -> str:
    base = base_of(language)
    if base == "fr":
        text = _FRENCH.sub(_french_ordinal, text)
    if base == "it":
        text = _ITALIAN_CENTURY.sub(lambda found: _century(found[1]), text)
    return pattern.sub(partial(_number, base=base, forms=forms_of(language), in_title=in_title), text)


def _number(found: re.Match[str], *, base: str, forms: SpokenForms, in_title: bool) -> str:
    """Return what was found with its numerals as numbers, or as it is."""
    word, numeral = found["word"], found["numeral"]
    if word.casefold() in forms.counted:
        said = _is_counted(found, base, in_title=in_title)
        return _counted(found, base, in_title=in_title) if said else found[0]
    if not (word[0].isupper() and numeral.isupper() and roman_value(numeral)) or set(numeral) - set("IVX"):
        return found[0]
    if (name := _ruler(word, base, forms)) and not found["more"]:
        return _ordinal(found, base, is_queen=name in forms.queens)
    if len(numeral) == 1 or numeral == _NO_NUMBER or len(word) < _MIN_NAME_CHARS:
        return found[0]
    return f"{word} {_digits(numeral)}{_rest(found)}"


def _is_counted(found: re.Match[str], base: str, *, in_title: bool) -> bool:
    """Return whether a numeral counts the word before it, and is neither "I" nor a small word such as "vi"."""
    word, numeral = found["word"], found["numeral"]
    following = found.string[found.end("more") : found.end("more") + _LOOK_BACK]
    if not roman_value(numeral.upper()):
        return False
    if numeral.islower():
        return bool(_TITLE_GOES_ON.match(following))
    if numeral != "I" or base != "en" or found["more"] or word.casefold() == "war":
        return True
    if in_title:
        return found.start() == 0 or bool(_TITLE_GOES_ON.match(following))
    return word[0].isupper() and bool(_PART_GOES_ON.match(following))


def _counted(found: re.Match[str], base: str, *, in_title: bool) -> str:
    number = f"{found['word']} {_digits(found['numeral'])}"
    if in_title and found["dot"] and base in DOTTED_ORDINALS:
        return f"{number}{_more(found)}:"  # "Kapitel 4." would be the fourth
    return number + _rest(found)


def _rest(found: re.Match[str]) -> str:
    return _more(found) + (found["dot"] or "")


def _more(found: re.Match[str]) -> str:
    """Return the numerals that follow as numbers; a lone "I" there is somebody who speaks."""
    return _NUMERALS.sub(lambda more: more[0] if more[0] in {"I", "i"} else _digits(more[0]), found["more"])


def _digits(numeral: str) -> str:
    return str(roman_value(numeral.upper()) or numeral)


def _french_ordinal(found: re.Match[str]) -> str:
    value, ending = roman_value(found[1]), found[2]
    if value == 1:
        return "première" if ending.startswith("re") else "premier"
    return f"{value}{ending}" if value else found[0]


def _century(numeral: str) -> str:
    value = roman_value(numeral)
    return _in_full(value, "it") if value else numeral


def _ruler(word: str, base: str, forms: SpokenForms) -> str | None:
    """Return the name of a ruler as the table has it: "ludwig" for `Ludwigs` in German."""
    name = word.casefold()
    names = (name, name.removesuffix("s")) if base == "de" else (name,)
    return next((name for name in names if name in forms.kings or name in forms.queens), None)


def _ordinal(found: re.Match[str], base: str, *, is_queen: bool) -> str:
    """Return a ruler with the number as it is said, "Henry the Fifth"; its full stop only where a sentence ends."""
    numeral, dot = found["numeral"], found["dot"] or ""
    following = found.string[found.end() : found.end() + _LOOK_BACK]
    ends = bool(dot) and following[:1].isspace() and following[1:2].isupper()
    if base == "en" and numeral == "I" and not _KING_GOES_ON.match(following):
        return found[0]
    if base != "de" and len(numeral) == 1 and ends:
        return found[0]  # or the initial of somebody's second name
    number = _ORDINALS[base](roman_value(numeral) or 0, found, is_queen)
    return f"{found['word']} {number}{dot if ends or base != 'de' else ''}"


def _english(value: int, _found: re.Match[str], _is_queen: bool) -> str:
    return f"the {_in_full(value, 'en').capitalize()}"


def _french(value: int, _found: re.Match[str], is_queen: bool) -> str:
    return str(value) if value > 1 else "première" if is_queen else "premier"


def _spanish(value: int, _found: re.Match[str], is_queen: bool) -> str:
    return str(value) if value > _SPANISH_ORDINALS else _ending(_in_full(value, "es"), is_queen)


def _italian(value: int, _found: re.Match[str], is_queen: bool) -> str:
    return _ending(_in_full(value, "it"), is_queen)


def _ending(ordinal: str, is_queen: bool) -> str:
    return f"{ordinal[:-1]}a" if is_queen else ordinal


def _german(value: int, found: re.Match[str], is_queen: bool) -> str:
    """Return the number with its article in the case that the words before ask for."""
    ordinal = _in_full(value, "de").capitalize()
    before = found.string[max(found.start() - _LOOK_BACK, 0) : found.start()].casefold().split()[-2:]
    genitive = found["word"].casefold() not in forms_of("de").kings | forms_of("de").queens
    if genitive:
        return f"der {ordinal}n" if is_queen else f"des {ordinal}n"
    if _GERMAN_DATIVE.intersection(before):
        return f"der {ordinal}n" if is_queen else f"dem {ordinal}n"
    if _GERMAN_ACCUSATIVE.intersection(before):
        return f"die {ordinal}" if is_queen else f"den {ordinal}n"
    return f"die {ordinal}" if is_queen else f"der {ordinal}"


@cache
def _in_full(value: int, language: str) -> str:
    from num2words import num2words  # noqa: PLC0415 - a tenth of a second, only where there is a numeral

    return str(num2words(value, to="ordinal", lang=language))


_ORDINALS: dict[str, Callable[[int, re.Match[str], bool], str]] = {
    "de": _german,
    "en": _english,
    "es": _spanish,
    "fr": _french,
    "it": _italian,
}
