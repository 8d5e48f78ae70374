"""Reading a picture that somebody else made: of any kind, size and quality, and in no case more than fits in memory."""

from io import BytesIO

from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG")
"""What a cover in an EPUB may be. Pillow knows eighty formats, and would try them all."""
MAX_PIXELS = 80_000_000
"""Of the largest scans. A small file can claim a picture that fills the memory."""
MAX_LOADED_PIXELS = 25_000_000
"""Decoded, these take a hundred megabytes. A larger JPEG is decoded at a half or a quarter of its size."""
MIN_SIDE = 64
"""What is smaller is a dot or a line that holds a place, and no cover."""
_PAPER = (255, 255, 255)
"""What shows through where a picture is transparent."""
_UNREADABLE = (
    *(OSError, SyntaxError, ValueError, EOFError, ImageCms.PyCMSError),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)
"""What Pillow raises for a picture that is damaged, cut off or far too large."""


def read_picture(content: bytes) -> Image.Image | None:
    """Return a picture as people see it: upright, opaque, in sRGB; None if it is no whole JPEG or PNG, or too big."""
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if not min(image.size) >= MIN_SIDE or image.width * image.height > MAX_PIXELS:
                return None
            _reduce(image)
            if image.width * image.height > MAX_LOADED_PIXELS:
                return None
            return _in_srgb(ImageOps.exif_transpose(image))
    except _UNREADABLE:
        return None


def _reduce(image: Image.Image) -> None:
    """Let a large JPEG be decoded at a fraction of its size; that of a PNG cannot be changed."""
    fraction = 1
    while image.width * image.height > MAX_LOADED_PIXELS * fraction**2:
        fraction *= 2
    image.draft(None, (image.width // fraction, image.height // fraction))


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return the picture without transparency, in the colours that players take it to be in."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in {"P", "PA", "LA", "La", "RGBa"} or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode == "RGBA":
        paper = Image.new("RGB", image.size, _PAPER)
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    return _converted(image, profile) if profile else image.convert("RGB")


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the picture with the colours that its profile describes; a profile of another kind is ignored."""
    try:
        described = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(image, described, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")
    return converted or image.convert("RGB")
