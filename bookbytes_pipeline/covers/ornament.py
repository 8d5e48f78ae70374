"""The ornament of a drawn cover: rows of squares with circles, halves and quarters of circles in them."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import product

from PIL import Image, ImageDraw

from bookbytes_pipeline.covers.palettes import Colour, Palette

_FINER = 3
"""A square is drawn so many times larger and then reduced, which makes its edges smooth."""


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
    large = Image.new("RGB", (side * _FINER, side * _FINER), colours[back])
    _SHAPES[choice % len(_SHAPES)](ImageDraw.Draw(large), side * _FINER, front, colours[back])
    turned = large.transpose(Image.Transpose.ROTATE_90) if quarter_turns % 2 else large
    turned = turned.transpose(Image.Transpose.ROTATE_180) if quarter_turns // 2 else turned
    return turned.reduce(_FINER)


def _quarter(draw: ImageDraw.ImageDraw, side: int, front: Colour, _back: Colour) -> None:
    draw.ellipse((-side, -side, side, side), front)


def _quarter_ring(draw: ImageDraw.ImageDraw, side: int, front: Colour, back: Colour) -> None:
    draw.ellipse((-side, -side, side, side), front)
    draw.ellipse((-side // 2, -side // 2, side // 2, side // 2), back)


def _half(draw: ImageDraw.ImageDraw, side: int, front: Colour, _back: Colour) -> None:
    draw.ellipse((0, -side // 2, side, side // 2), front)


def _two_halves(draw: ImageDraw.ImageDraw, side: int, front: Colour, _back: Colour) -> None:
    draw.ellipse((-side // 2, 0, side // 2, side), front)
    draw.ellipse((side // 2, 0, side + side // 2, side), front)


def _circle(draw: ImageDraw.ImageDraw, side: int, front: Colour, _back: Colour) -> None:
    edge = side // 7
    draw.ellipse((edge, edge, side - edge, side - edge), front)


def _triangle(draw: ImageDraw.ImageDraw, side: int, front: Colour, _back: Colour) -> None:
    draw.polygon([(0, 0), (side, 0), (0, side)], front)


_SHAPES = (_quarter, _quarter_ring, _half, _circle, _two_halves, _triangle)
