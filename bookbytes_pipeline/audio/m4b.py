"""A whole book as M4B: AAC in MP4, with chapters that have titles, and a cover."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Any

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from bookbytes_pipeline.audio.sound import decodable, decoded, through
from bookbytes_pipeline.audio.tags import COMMENT, GENRE, iso_639_2
from bookbytes_pipeline.domain.book_file import BookFileContents, Presentation

if TYPE_CHECKING:
    from av.container.core import Chapter

AAC_BIT_RATE_BPS = 64_000
AAC_FRAME_SAMPLES = 1024
MAX_TITLE_BYTES = 255
"""The length of a chapter's title has one byte in the list that most players read."""
_AUDIOBOOK = "2"
_BRAND = "M4A "


def write_m4b(
    path: str, contents: BookFileContents, shown: Presentation, clips: Iterable[bytes], sample_rate: int
) -> None:
    """Write the clips as one sound; `path` is that of the new file, whose index comes before its sound.

    One clip is in memory at a time. Raises `UnusableAnswer` for one that cannot be decoded.
    """
    # FFmpeg opens the file again to put the index first, so it has to have a path; its format "ipod" takes no picture
    options = {"movflags": "+faststart", "brand": _BRAND}
    with av.open(path, "w", format="mp4", options=options) as container, decodable():
        container.metadata.update(_tags(contents, shown))
        stream = container.add_stream("aac", sample_rate, layout="mono", bit_rate=AAC_BIT_RATE_BPS)
        stream.metadata["language"] = iso_639_2(contents.language).lower()
        container.set_chapters([_chapter(mark) for mark in contents.marks])
        picture = _add_picture(container, shown.cover) if shown.cover else None
        if picture is not None:
            container.mux(picture)
        for frame in _as_one(clips, sample_rate):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _tags(contents: BookFileContents, shown: Presentation) -> dict[str, str]:
    tags = {
        "title": contents.title,
        "album": contents.title,
        "artist": contents.author,
        "album_artist": contents.author,
        "composer": shown.narrator,
        "genre": GENRE,
        "date": contents.date,
        "comment": COMMENT,
        "media_type": _AUDIOBOOK,
    }
    return {name: value.replace("\x00", "") for name, value in tags.items() if value}


def _chapter(mark: dict[str, Any]) -> "Chapter":
    start, end = (round(1000 * mark[side]) for side in ("start", "end"))
    metadata = {"title": shortened(mark["title"], MAX_TITLE_BYTES)}
    return {"id": mark["number"], "start": start, "end": end, "time_base": Fraction(1, 1000), "metadata": metadata}


def shortened(title: str, max_bytes: int) -> str:
    """Return as much of the title as fits into so many bytes of UTF-8, with an ellipsis where that is not all."""
    title = title.replace("\x00", "")
    if len(title.encode()) <= max_bytes:
        return title
    return title.encode()[: max_bytes - len("…".encode())].decode(errors="ignore").rstrip() + "…"


def _add_picture(container: OutputContainer, cover: bytes) -> "Packet[VideoStream]":
    """Declare the cover as MP4's attached picture; returns the packet that it is."""
    with av.open(BytesIO(cover), "r") as picture:
        source = picture.streams.video[0]
        stream = container.add_stream_from_template(source)
        stream.disposition = Disposition.attached_pic
        packet = next(picture.demux(source))
        packet.stream = stream
        return packet


def _as_one(clips: Iterable[bytes], rate: int) -> Iterator[AudioFrame]:
    """The sound of the clips one after the other, in frames of the length that AAC has."""
    sound = chain.from_iterable(at_rate(clip, rate) for clip in clips)
    position = 0
    for frame in through(sound, ("aformat", "sample_fmts=fltp"), ("asetnsamples", f"{AAC_FRAME_SAMPLES}:p=0")):
        frame.pts, frame.time_base = position, Fraction(1, rate)
        position += frame.samples
        yield frame


def at_rate(clip: bytes, rate: int) -> Iterator[AudioFrame]:
    """The sound of a clip in mono, at this rate even if it was recorded at another."""
    return through(decoded(clip), ("aformat", f"sample_fmts=s16:channel_layouts=mono:sample_rates={rate}"))
