"""What a speech server sent: is it MP3, and how do several recordings become one file."""

_TAG_HEADER = 10
"""Bytes of an ID3v2 tag: `ID3`, version, flags, and the length of the rest in four bytes of seven bits each."""

_OLD_TAG = 128
"""Bytes of an ID3v1 tag, from `TAG` to the end of the file."""


def is_mp3(data: bytes) -> bool:
    """Whether `data` is MP3 frames, with or without an ID3v2 tag before them."""
    header = _untagged(data)[:4]
    return len(header) == 4 and header[0] == 0xFF and header[1] & 0xE6 == 0xE2  # noqa: PLR2004 - sync, then layer III


def joined(recordings: list[bytes]) -> bytes:
    """MP3 recordings of one voice, one after the other, without their tags: a decoder stops at a tag between frames."""
    return b"".join(map(_untagged, recordings))


def _untagged(data: bytes) -> bytes:
    if data.startswith(b"ID3") and len(data) >= _TAG_HEADER:
        a, b, c, d = data[6:_TAG_HEADER]
        data = data[_TAG_HEADER + (a << 21 | b << 14 | c << 7 | d) :]
    return data[:-_OLD_TAG] if data[-_OLD_TAG:].startswith(b"TAG") else data
