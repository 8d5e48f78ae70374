"""Text on a drawn cover, in Noto Serif, which has the letters of Latin, Greek and Cyrillic scripts."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.resources import as_file, files

from PIL import ImageFont
from PIL.ImageFont import FreeTypeFont

FONT = "NotoSerif[wdth,wght].ttf"
_MISSING = "\uffff"
"""No font has this character: what is drawn for it is drawn for every missing one."""
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Lettering:
    """Lines of text in one size; `line_height` and the sizes of `font` are in pixels."""

    lines: tuple[str, ...]
    font: FreeTypeFont
    line_height: int

    @property
    def height(self) -> int:
        """How much room the lines take."""
        return self.line_height * len(self.lines)


def plain(text: str) -> str:
    """Return text on one line, with each letter and its marks as one character where there is one."""
    return " ".join("".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFC", text)).split())


def can_be_set(text: str) -> bool:
    """Return whether the font has a letter for every character of `text`, and there is one to set."""
    return bool(text) and all(_has(char) for char in set(text) - {" "})


def fitted(text: str, weight: int, sizes: tuple[int, ...], width: int, height: int, spacing: float) -> Lettering:
    """Return the text in the largest of `sizes` in which it fits into a box, without breaking a word if possible.

    What does not fit in the smallest is cut off, with an ellipsis.
    """
    for size in sizes:
        lettering = _set(text, weight, size, width, spacing)
        words = set(text.split())
        if lettering.height <= height and all(set(line.split()) <= words for line in lettering.lines):
            return lettering
    lines = max(1, height // lettering.line_height)
    if len(lettering.lines) <= lines:
        return lettering
    kept = [*lettering.lines[: lines - 1], _shortened(lettering.lines[lines - 1], lettering.font, width)]
    return Lettering(tuple(kept), lettering.font, lettering.line_height)


def _set(text: str, weight: int, size: int, width: int, spacing: float) -> Lettering:
    font = _font(size, weight)
    return Lettering(tuple(_lines(text, font, width)), font, round(size * spacing))


def _lines(text: str, font: FreeTypeFont, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".lstrip()
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        line = word
        while font.getlength(line) > width:
            fits = max(1, bisect_right(range(1, len(line)), float(width), key=partial(_length_of_start, font, line)))
            yield line[:fits]
            line = line[fits:]
    yield line


def _length_of_start(font: FreeTypeFont, line: str, end: int) -> float:
    return font.getlength(line[:end])


def _shortened(line: str, font: FreeTypeFont, width: int) -> str:
    while line and font.getlength(line + _ELLIPSIS) > width:
        line = line[:-1]
    return line.rstrip(" ,;:.") + _ELLIPSIS


@lru_cache(64)
def _font(size: int, weight: int) -> FreeTypeFont:
    with as_file(files("fontpkg_noto_serif") / "files" / FONT) as path:
        font = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight, 100])
    return font


@lru_cache(4096)
def _has(char: str) -> bool:
    return _shape(char) != _shape(_MISSING)


def _shape(char: str) -> tuple[tuple[int, int], bytes]:
    mask = _font(40, 400).getmask(char)
    return mask.size, bytes(mask)
