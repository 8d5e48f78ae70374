"""Covers of every kind become small JPEG files that everything shows."""

import zlib
from struct import pack

import pytest
from PIL import Image, ImageCms

from bookbytes_pipeline.covers.covers import make_cover
from bookbytes_pipeline.covers.picture import read_picture
from bookbytes_pipeline.covers.scaling import MAX_SQUARE_BYTES, MAX_TAG_BYTES, SIDE, square_jpeg, tag_jpeg
from tests.covers.pictures import decoded, encoded, noise, picture

RED, BLUE = (220, 30, 30), (30, 30, 220)
EXIF_ORIENTATION, UPSIDE_DOWN = 0x0112, 3


def transparent() -> Image.Image:
    """The picture on a sheet of glass."""
    image = Image.new("RGBA", (400, 600), (0, 0, 0, 0))
    image.paste(picture(), (50, 75))
    return image


def turned() -> Image.Image:
    """The picture as a camera that was held upside down has it, which says so."""
    image = picture().transpose(Image.Transpose.ROTATE_180)
    image.getexif()[EXIF_ORIENTATION] = UPSIDE_DOWN
    return image


def deep() -> Image.Image:
    """The picture in 65,536 shades of grey."""
    return Image.frombytes(
        "I;16", (300, 450), b"".join(pack("<H", value * 256) for value in picture().convert("L").tobytes())
    )


def huge_claim() -> bytes:
    """A PNG of a few bytes that claims 60,000 by 60,000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


KINDS = {
    "JPEG": encoded(picture(), "JPEG", quality=95),
    "progressive JPEG": encoded(picture(), "JPEG", progressive=True),
    "CMYK": encoded(picture().convert("CMYK"), "JPEG"),
    "palette": encoded(picture().convert("P", palette=Image.Palette.ADAPTIVE)),
    "transparent": encoded(transparent()),
    "animated": encoded(picture(), save_all=True, append_images=[Image.new("RGB", (300, 450))]),
    "turned by its EXIF": encoded(turned(), "JPEG", exif=turned().getexif()),
    "with a colour profile": encoded(
        picture(), icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    ),
    "with a profile of another kind": encoded(
        picture(),
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes(),
    ),
}


@pytest.mark.parametrize("content", KINDS.values(), ids=KINDS)
def test_every_kind_of_picture_becomes_a_plain_square_jpeg(content: bytes) -> None:
    """Of 1400 pixels, in RGB, with nothing in it but the picture; the whole picture is in its middle."""
    cover = decoded(make_cover(content, "On Rivers", "Ada Ford").square)

    assert ("JPEG", "RGB", (SIDE, SIDE)) == (cover.format, cover.mode, cover.size)
    assert {"exif", "icc_profile"}.isdisjoint(cover.info)


@pytest.mark.parametrize("kind", ["JPEG", "progressive JPEG", "CMYK", "palette", "animated", "turned by its EXIF"])
def test_colours_and_direction_are_kept(kind: str) -> None:
    """Red above and blue below, in the clip's picture as well."""
    cover = make_cover(KINDS[kind], "On Rivers", "Ada Ford")

    for content in (cover.square, cover.tag):
        image = decoded(content)
        above, below = (image.getpixel((image.width // 2, image.height * share // 4)) for share in (1, 3))
        assert pytest.approx(RED, abs=25) == above
        assert pytest.approx(BLUE, abs=25) == below


def test_what_is_transparent_is_paper() -> None:
    """Not black, which would swallow dark letters."""
    image = read_picture(encoded(transparent()))

    assert image is not None
    assert (255, 255, 255) == image.getpixel((10, 10))


def test_sixteen_bits_are_not_cut_to_white() -> None:
    """Dark grey stays dark grey."""
    image = read_picture(encoded(deep()))

    assert image is not None
    assert picture().convert("L").getpixel((5, 5)) == image.convert("L").getpixel((5, 5))


@pytest.mark.parametrize(
    "size", [(300, 450), (1600, 2560), (2000, 500), (1400, 1400), (5000, 7000), (64, 4000)], ids=str
)
def test_the_whole_picture_is_shown(size: tuple[int, int]) -> None:
    """Whatever its shape, it reaches from edge to edge in one direction at least, and keeps its proportions."""
    tag = decoded(make_cover(encoded(picture(*size), "JPEG"), "", "").tag)

    assert max(tag.size) <= 800
    assert size[0] / size[1] == pytest.approx(tag.width / tag.height, rel=0.1)


@pytest.mark.parametrize("size", [(1400, 1400), (2000, 3000), (300, 450)], ids=str)
def test_covers_keep_to_their_sizes_in_bytes(size: tuple[int, int]) -> None:
    """Noise is the worst that can come."""
    image = noise(*size)

    assert len(square_jpeg(image)) <= MAX_SQUARE_BYTES
    assert len(tag_jpeg(image)) <= MAX_TAG_BYTES


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="another format"),
        pytest.param(encoded(picture(), "GIF"), id="an unexpected format"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(100), id="broken"),
        pytest.param(encoded(noise(200, 200))[:20_000], id="cut off"),
        pytest.param(encoded(noise(200, 200), "JPEG")[:5_000], id="a JPEG that is cut off"),
        pytest.param(encoded(picture(1, 1)), id="a dot"),
        pytest.param(encoded(picture(63, 4000)), id="a line"),
        pytest.param(huge_claim(), id="a claim that fills the memory"),
        pytest.param(encoded(Image.new("1", (6000, 6000))), id="a PNG too large to be decoded"),
    ],
)
def test_what_cannot_be_shown_counts_as_none(content: bytes) -> None:
    """The cover is drawn instead."""
    assert make_cover(None, "On Rivers", "Ada Ford") == make_cover(content, "On Rivers", "Ada Ford")
