"""A book without a cover is given one: its own, legible, and the same every time."""

from itertools import pairwise

import pytest
from PIL import ImageChops

from bookbytes_pipeline.covers.covers import make_cover
from bookbytes_pipeline.covers.drawing import draw_cover
from bookbytes_pipeline.covers.lettering import can_be_set, fitted, plain
from bookbytes_pipeline.covers.palettes import PALETTES, Colour, Palette
from bookbytes_pipeline.covers.scaling import SIDE

LONG = "The Strange Case of Dr Jekyll and Mr Hyde " * 10
TITLES = (
    *("On Rivers", "Les Misérables", "Война и мир", "Η Οδύσσεια", "Truyện Kiều", "1984", "紅樓夢", "ألف ليلة وليلة"),
    *(LONG, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "🎉", ""),
)
MIN_CONTRAST = 7.0
"""What accessibility guidelines ask of small text at their strictest (WCAG 2.2, 1.4.6)."""


def contrast(first: Colour, second: Colour) -> float:
    """The contrast of two colours as WCAG defines it."""

    def luminance(colour: Colour) -> float:
        linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted(map(luminance, (first, second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("title", TITLES)
def test_the_same_book_has_the_same_cover(title: str) -> None:
    """Byte for byte, for titles of any script and length, with an author or without."""
    for author in ("Ada Ford", ""):
        cover = make_cover(None, title, author)

        assert cover == make_cover(None, title, author)


def test_every_book_has_its_own() -> None:
    """Two books of one author differ, and so do two authors' books of one title."""
    books = [
        ("On Rivers", "Ada Ford"),
        ("On Lakes", "Ada Ford"),
        ("On Rivers", "Bob Ford"),
        ("紅樓夢", ""),
        ("西遊記", ""),
    ]

    covers = [draw_cover(*book) for book in books]

    assert all(ImageChops.difference(one, other).getbbox() for one, other in pairwise(covers))


@pytest.mark.parametrize("palette", PALETTES, ids=range(len(PALETTES)))
def test_letters_stand_out_from_the_ground(palette: Palette) -> None:
    """In every pair of colours."""
    assert MIN_CONTRAST <= contrast(palette.ground, palette.ink)


@pytest.mark.parametrize("title", TITLES[:6])
def test_a_title_in_letters_that_the_font_has_is_written(title: str) -> None:
    """The ground is seen below the ornament, with ink on it."""
    cover = draw_cover(title, "Ada Ford")
    text = cover.crop((0, SIDE * 2 // 5, SIDE, SIDE))

    colours = {colour for _, colour in text.getcolors(SIDE * SIDE) or []}
    assert any({palette.ground, palette.ink} <= colours for palette in PALETTES)
    assert can_be_set(title)


@pytest.mark.parametrize("title", ["紅樓夢", "ألف ليلة وليلة", "महाभारत", "源氏物語", "🎉", "On 川", ""])
def test_what_the_font_lacks_is_never_drawn_as_boxes(title: str) -> None:
    """The ornament fills the cover instead."""
    assert not can_be_set(plain(title))


@pytest.mark.parametrize(
    "title", [LONG, "x" * 500, "On Rivers", LONG[:-1] + "…"], ids=["long", "one word", "short", "cut"]
)
def test_a_title_fits_into_its_box(title: str) -> None:
    """No line is wider, and all lines together are not higher."""
    lettering = fitted(plain(title), 600, (148, 92, 44), 1176, 480, 1.16)

    assert lettering.height <= 480
    assert all(lettering.font.getlength(line) <= 1176 for line in lettering.lines)
