"""The ornament of a drawn cover: rows of squares with circles, halves and quarters of circles in them."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import product

from PIL import Image, ImageDraw

from bookbytes_pipeline.covers.palettes import Colour, Palette

_FINER = 3
"""A square is drawn so many times larger and then reduced, which makes its edges smooth."""
_SHAPES = 6


def ornament(seed: bytes, palette: Palette, columns: int, rows: int, side: int) -> Image.Image:
    """Return an ornament of so many squares, each with sides of `side` pixels; the same `seed` gives the same one."""
    whole = Image.new("RGB", (columns * side, rows * side), palette.ground)
    choices = _choices(seed)
    for row, column in product(range(rows), range(columns)):
        whole.paste(_tile(next(choices), palette, side), (column * side, row * side))
    return whole


def _choices(seed: bytes) -> Iterator[int]:
    """Yield numbers below 65,536 without end."""
    while True:
        seed = sha256(seed).digest()
        for first, second in zip(seed[::2], seed[1::2], strict=True):
            yield first << 8 | second


def _tile(choice: int, palette: Palette, side: int) -> Image.Image:
    """Return one square: a background, a shape of another colour on it, and how that is turned."""
    colours = (palette.ground, *palette.shapes)
    choice, back = divmod(choice, len(colours))
    choice, step = divmod(choice, len(colours) - 1)
    choice, quarter_turns = divmod(choice, 4)
    front = colours[(back + 1 + step) % len(colours)]
    inner = colours[back]
    large = Image.new("RGB", (side * _FINER, side * _FINER), colours[back])
    _draw(ImageDraw.Draw(large), choice % _SHAPES, side * _FINER, front, inner)
    turned = large.transpose(Image.Transpose.ROTATE_90) if quarter_turns % 2 else large
    turned = turned.transpose(Image.Transpose.ROTATE_180) if quarter_turns // 2 else turned
    return turned.reduce(_FINER)


def _draw(draw: ImageDraw.ImageDraw, shape: int, side: int, front: Colour, inner: Colour) -> None:
    if shape in {0, 1}:
        draw.ellipse((-side, -side, side, side), front)  # a quarter of a circle
    if shape == 1:
        draw.ellipse((-side // 2, -side // 2, side // 2, side // 2), inner)  # a quarter of a ring
    elif shape == 2:
        draw.ellipse((0, -side // 2, side, side // 2), front)  # a half
    elif shape == 3:
        draw.ellipse((side // 7, side // 7, side - side // 7, side - side // 7), front)
    elif shape == 4:
        draw.ellipse((-side // 2, 0, side // 2, side), front)  # two halves, back to back
        draw.ellipse((side // 2, 0, side + side // 2, side), front)
    elif shape == 5:
        draw.polygon([(0, 0), (side, 0), (0, side)], front)
