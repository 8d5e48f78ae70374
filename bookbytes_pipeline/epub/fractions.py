"""Fractions as a person reads them, however they are set: `1½`, U+2044, or raised and lowered digits around a slash."""

import re
import unicodedata

from bookbytes_pipeline.epub.raised import END, LOWERED, RAISED

_VULGAR = re.compile("[¼-¾⅐-⅞↉]")
_SLASH = r"\s?[/⁄∕]\s?"
_FRACTION = re.compile(
    rf"(?<![\w.,{END}])(?:(?P<whole>\d{{1,6}})[\s-]?)?"
    rf"(?:{RAISED}(?P<n1>\d{{1,3}}){END}{_SLASH}(?:[{RAISED}{LOWERED}](?P<d1>\d{{1,3}}){END}|(?P<d2>\d{{1,3}}))"
    rf"|{RAISED}(?P<n2>\d{{1,3}}){_SLASH}(?P<d3>\d{{1,3}}){END})(?P<next>[^\W\d_])?"
)
_TYPED_FRACTION = re.compile(
    r"(?<![\w.,⁄])(?:(?P<whole>\d{1,6}(?:[.,]\d{1,4})?)\s)?(?P<n>\d{1,3})\s?⁄\s?(?P<d>\d{1,3})(?![\d⁄])(?P<next>[^\W\d_])?"
)
# fmt: off
_CARDINALS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)
_PARTS = {
    2: "half", 3: "third", 4: "quarter", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth", 9: "ninth", 10: "tenth",
    12: "twelfth", 16: "sixteenth", 32: "thirty-second", 64: "sixty-fourth", 100: "hundredth",
}
# fmt: on


def fractions_in_words(text: str, *, english: bool) -> str:
    """Return the text with its fractions in words for English, as `1 1/2` for other languages."""
    if not text.isascii():
        text = _VULGAR.sub(lambda sign: f" {unicodedata.normalize('NFKC', sign.group())}", text)
        text = _TYPED_FRACTION.sub(lambda found: _fraction(found, english=english), text)
    return _FRACTION.sub(lambda found: _fraction(found, english=english), text) if END in text else text


def _fraction(found: re.Match[str], *, english: bool) -> str:
    said = found.groupdict()
    numerator = int(said.get("n") or said.get("n1") or said["n2"])
    denominator = int(said.get("d") or said.get("d1") or said.get("d2") or said["d3"])
    whole = said["whole"] or ""
    gap = f" {said['next']}" if said["next"] else ""
    name = _PARTS.get(denominator)
    if not (english and name and 0 < numerator < denominator):
        return f"{whole} {numerator}/{denominator}{gap}".strip()
    plural = "halves" if name == "half" else f"{name}s"
    few = _cardinal(numerator)
    if not whole:
        return f"{few} {name if numerator == 1 else plural}{gap}"
    article = "an" if name == "eighth" else "a"
    part = f"{article} {name}" if numerator == 1 else f"{few} {plural}"
    # An amount stays in digits beside its sign: "$8.03 and a half" is no "$eight and a half".
    alone = found.start() == 0 or found.string[found.start() - 1] in " \n\t\u00a0(“‘\"'—–"
    return f"{_cardinal(int(whole)) if alone and whole.isdecimal() else whole} and {part}{gap}"


def _cardinal(number: int) -> str:
    return _CARDINALS[number] if number < len(_CARDINALS) else str(number)
