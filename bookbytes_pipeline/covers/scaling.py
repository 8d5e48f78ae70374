"""A cover as a JPEG file of a certain size: in pixels, and in bytes."""

from collections.abc import Iterable
from io import BytesIO

from PIL import Image, ImageEnhance, ImageFilter

SIDE = 1400
"""Pixels: the least that podcast directories take."""
MAX_SQUARE_BYTES = 512_000
MAX_TAG_BYTES = 100_000
"""Of a cover that is repeated in every clip."""
_TAG_SIDES = (800, 600, 400, 200)
_QUALITIES = (88, 80, 70, 55, 40, 25, 10, 5)
_NEARLY_SQUARE = 0.02
_BLUR_SIDE = 70
"""Pixels to which the background is reduced: a blur of that costs nothing, and is as soft."""
_BLUR_RADIUS = 4
_DIMMED = 0.72


def square_jpeg(picture: Image.Image) -> bytes:
    """Return the whole picture as a square JPEG of 1400 pixels and at most 512 kB, on a blurred part of itself."""
    return _jpeg_within(MAX_SQUARE_BYTES, [_square(picture)])


def tag_jpeg(picture: Image.Image) -> bytes:
    """Return the picture as a JPEG of at most 800 by 800 pixels and 100 kB, as it is copied into every clip."""
    return _jpeg_within(MAX_TAG_BYTES, (_within(picture, side) for side in _TAG_SIDES))


def _square(picture: Image.Image) -> Image.Image:
    if abs(picture.width / picture.height - 1) <= _NEARLY_SQUARE:
        return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    square = _background(picture)
    whole = _scaled(picture, SIDE)
    square.paste(whole, ((SIDE - whole.width) // 2, (SIDE - whole.height) // 2))
    return square


def _background(picture: Image.Image) -> Image.Image:
    """Return the middle of the picture, blurred and a little darker, so that the cover stands out from it."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    small = picture.resize((_BLUR_SIDE, _BLUR_SIDE), Image.Resampling.BOX, (left, top, left + side, top + side))
    blurred = ImageEnhance.Brightness(small.filter(ImageFilter.GaussianBlur(_BLUR_RADIUS))).enhance(_DIMMED)
    return blurred.resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _scaled(picture: Image.Image, side: int) -> Image.Image:
    """Return the picture as large as it fits into a square; the short side of a strip is a pixel at least."""
    factor = side / max(picture.size)
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _within(picture: Image.Image, side: int) -> Image.Image:
    return picture if max(picture.size) <= side else _scaled(picture, side)


def _jpeg_within(max_bytes: int, pictures: Iterable[Image.Image]) -> bytes:
    """Return the first of the pictures, in the best quality, that has so few bytes; else the smallest there is."""
    content = b""
    for picture in pictures:
        for quality in _QUALITIES:
            file = BytesIO()
            picture.save(file, "JPEG", quality=quality, optimize=True)
            content = file.getvalue()
            if len(content) <= max_bytes:
                return content
    return content
