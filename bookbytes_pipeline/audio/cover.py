"""A book's cover, if it fits into a clip."""

from typing import Literal

import av

Decoder = Literal["png", "mjpeg"]

MAX_COVER_BYTES = 5_000_000
"""The cover is repeated in every clip."""

MAX_PIXELS = 4096 * 4096
"""A small file can claim a picture that fills the memory."""

KINDS: dict[bytes, tuple[str, Decoder]] = {
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "mjpeg"),
}
"""A file's first bytes, its media type, its decoder."""


def media_type(cover: bytes) -> str | None:
    """`image/png` or `image/jpeg` if this is such a picture, whole and of reasonable size; else nothing."""
    for start, (kind, decoder) in KINDS.items():
        if cover.startswith(start) and len(cover) <= MAX_COVER_BYTES and _is_whole(cover, decoder):
            return kind
    return None


def _is_whole(cover: bytes, decoder: Decoder) -> bool:
    context = av.CodecContext.create(decoder, "r")
    context.options = {"max_pixels": str(MAX_PIXELS), "err_detect": "explode"}
    try:
        return bool(context.decode(av.Packet(cover)) + context.decode(None))
    except av.FFmpegError:
        return False
