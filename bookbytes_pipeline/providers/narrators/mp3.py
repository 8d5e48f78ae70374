"""Whether what a speech server sent is MP3."""

_TAG_HEADER = 10
"""Bytes of an ID3v2 tag: `ID3`, version, flags, and the length of the rest in four bytes of seven bits each."""


def is_mp3(data: bytes) -> bool:
    """Whether `data` is MP3 frames, with or without an ID3v2 tag before them."""
    if data.startswith(b"ID3") and len(data) >= _TAG_HEADER:
        a, b, c, d = data[6:_TAG_HEADER]
        data = data[_TAG_HEADER + (a << 21 | b << 14 | c << 7 | d) :]
    header = data[:4]
    return len(header) == 4 and header[0] == 0xFF and header[1] & 0xE6 == 0xE2  # noqa: PLR2004 - sync, then layer III
