"""A cover for a book that has none: an ornament, the title and the author, the same every time for the same book."""

from hashlib import sha256

from PIL import Image, ImageDraw

from bookbytes_pipeline.covers.lettering import Lettering, can_be_set, fitted, plain
from bookbytes_pipeline.covers.ornament import ornament
from bookbytes_pipeline.covers.palettes import PALETTES, Colour, Palette
from bookbytes_pipeline.covers.scaling import SIDE

_MARGIN = 112
_COLUMNS = 5
_CELL = SIDE // _COLUMNS
_ROWS_ABOVE_TEXT = 2

_TITLE_TOP = _ROWS_ABOVE_TEXT * _CELL + 84
_TITLE_HEIGHT = 480
_TITLE_SIZES = (148, 132, 118, 104, 92, 82, 72, 64, 56, 50, 44)
_TITLE_WEIGHT, _TITLE_SPACING = 600, 1.16
_AUTHOR_BOTTOM = SIDE - 96
_AUTHOR_HEIGHT = 110
_AUTHOR_SIZES = (50, 44, 38)
_AUTHOR_WEIGHT, _AUTHOR_SPACING = 400, 1.3
_RULE_WIDTH, _RULE_HEIGHT, _RULE_GAP = 88, 6, 34


def draw_cover(title: str, author: str) -> Image.Image:
    """Return a square cover of 1400 pixels. Where the font lacks the letters of the title, the ornament fills it."""
    title, author = plain(title), plain(author)
    seed = sha256(f"{title}\n{author}".encode()).digest()
    palette = PALETTES[seed[0] % len(PALETTES)]
    has_text = can_be_set(title)
    rows = _ROWS_ABOVE_TEXT if has_text else _COLUMNS
    cover = Image.new("RGB", (SIDE, SIDE), palette.ground)
    cover.paste(ornament(seed, palette, _COLUMNS, rows, _CELL))
    if has_text:
        _write(cover, palette, title, author)
    return cover


def _write(cover: Image.Image, palette: Palette, title: str, author: str) -> None:
    draw, width = ImageDraw.Draw(cover), SIDE - 2 * _MARGIN
    heading = fitted(title, _TITLE_WEIGHT, _TITLE_SIZES, width, _TITLE_HEIGHT, _TITLE_SPACING)
    _set_lines(draw, heading, _TITLE_TOP, palette.ink)
    if can_be_set(author):
        name = fitted(author, _AUTHOR_WEIGHT, _AUTHOR_SIZES, width, _AUTHOR_HEIGHT, _AUTHOR_SPACING)
        top = _AUTHOR_BOTTOM - name.height
        rule = top - _RULE_GAP
        draw.rectangle((_MARGIN, rule - _RULE_HEIGHT, _MARGIN + _RULE_WIDTH, rule), palette.shapes[0])
        _set_lines(draw, name, top, palette.ink)


def _set_lines(draw: ImageDraw.ImageDraw, lettering: Lettering, top: int, ink: Colour) -> None:
    for number, line in enumerate(lettering.lines):
        draw.text((_MARGIN, top + number * lettering.line_height), line, ink, lettering.font)
