"""Short MP3 recordings for the fake speech servers to return, and the duration of a recording."""

import functools
import io
import math
from array import array
from collections.abc import Iterable

import av

from bookbytes_pipeline.domain.narration import SpokenPiece

RATE = 24_000
"""Hz, the sample rate of Google's and OpenAI's voices."""


@functools.cache
def mp3(seconds: float, *, tagged: bool = False) -> bytes:
    """Return a quiet tone as mono MP3; `tagged` puts an ID3v2 tag and an Info frame before it, as encoders do."""
    options = {} if tagged else {"id3v2_version": "0", "write_xing": "0"}
    file = io.BytesIO()
    with av.open(file, "w", format="mp3", options=options) as container:
        stream = container.add_stream("mp3", rate=RATE, layout="mono")
        stream.bit_rate = 32_000
        container.mux(stream.encode(_tone(round(seconds * RATE))))
        container.mux(stream.encode(None))
    return file.getvalue()


def transcoded(recording: bytes, format_: str) -> bytes:
    """Return the recording in another container: `wav`, `flac`, `ogg` (Opus) or `adts` (AAC)."""
    codec = {"wav": "pcm_s16le", "flac": "flac", "ogg": "libopus", "adts": "aac"}[format_]
    file = io.BytesIO()
    with av.open(io.BytesIO(recording)) as source, av.open(file, "w", format=format_) as target:
        stream = target.add_stream(codec, rate=RATE, layout="mono")
        for frame in [*source.decode(audio=0), None]:
            target.mux(stream.encode(frame))
    return file.getvalue()


def spoken(text: str) -> bytes:
    """Return sound about as long as a fast speaker takes to say `text`: what is longer only takes longer to encode."""
    return mp3(max(0.3, round(len(text) / 24, 1)))


def spoken_seconds(pieces: Iterable[SpokenPiece]) -> float:
    """Return the duration of all recordings together."""
    return math.fsum(seconds_of(piece.audio) for piece in pieces)


def _tone(samples: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16p", layout="mono", samples=samples)
    frame.sample_rate, frame.pts = RATE, 0
    frame.planes[0].update(array("h", (round(3000 * math.sin(i / 9)) for i in range(samples))).tobytes())
    return frame


def seconds_of(recording: bytes) -> float:
    """Return the duration of `recording` (MP3 or WAV) when it is decoded from the first byte to the last."""
    with av.open(io.BytesIO(recording), "r") as container:
        return math.fsum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
