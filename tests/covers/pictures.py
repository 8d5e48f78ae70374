"""Pictures that a cover may be."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image


def picture(width: int = 300, height: int = 450) -> Image.Image:
    """Return a picture that is red above and blue below."""
    image = Image.new("RGB", (width, height), (220, 30, 30))
    image.paste((30, 30, 220), (0, height // 2, width, height))
    return image


def noise(width: int, height: int) -> Image.Image:
    """Return a picture that no encoder makes small."""
    return Image.fromarray(np.random.RandomState([1]).randint(0, 256, (height, width, 3), np.uint8))


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return the picture as a file."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def decoded(content: bytes) -> Image.Image:
    """Return a file as a picture; raises where it is damaged."""
    image = Image.open(BytesIO(content))
    image.load()
    return image
