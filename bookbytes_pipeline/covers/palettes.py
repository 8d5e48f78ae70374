"""The colours of drawn covers."""

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """The ground, the letters on it (a contrast of 7 at least), and the colours of the ornament."""

    ground: Colour
    ink: Colour
    shapes: tuple[Colour, Colour, Colour]


def _colours(ground: str, ink: str, *shapes: str) -> Palette:
    first, second, third = map(_rgb, shapes)
    return Palette(_rgb(ground), _rgb(ink), (first, second, third))


def _rgb(code: str) -> Colour:
    red, green, blue = bytes.fromhex(code)
    return red, green, blue


PALETTES = (
    _colours("1d2b4f", "fbf3e4", "e8b04b", "c8553d", "f4e3c1"),
    _colours("f6efe2", "22333b", "c1666b", "48639c", "e4b363"),
    _colours("14342b", "f7f1e1", "60935d", "f2c14e", "f4efe3"),
    _colours("5b1f2b", "fcefe3", "e29578", "f2cc8f", "9c3848"),
    _colours("e9e4d8", "2b2d42", "d1495b", "edae49", "00798c"),
    _colours("0f3b46", "f5f1e6", "f4a259", "8cb7a8", "f3e9d2"),
    _colours("f3e6d3", "3a2618", "a4502f", "2f6f73", "dba159"),
    _colours("2d2a4a", "f6eee9", "ef8a82", "7b75b8", "f6d8ae"),
    _colours("eef0ea", "1f3a2e", "5f8d6b", "d98c5f", "283d3b"),
    _colours("3b2f2f", "f7ede2", "f5cac3", "84a59d", "f28482"),
    _colours("f7e8e4", "4a1d3a", "a23e63", "f0a08a", "5f4b8b"),
    _colours("212529", "f8f5ee", "e07a5f", "81b29a", "f2cc8f"),
)
