"""Short MP3 recordings for the fake speech servers to return, and the duration of a recording."""

import functools
import io
import math
from array import array

import av

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


def _tone(samples: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16p", layout="mono", samples=samples)
    frame.sample_rate, frame.pts = RATE, 0
    frame.planes[0].update(array("h", (round(3000 * math.sin(i / 9)) for i in range(samples))).tobytes())
    return frame


def seconds_of(recording: bytes) -> float:
    """Return the duration of `recording` (MP3 or WAV) when it is decoded from the first byte to the last."""
    with av.open(io.BytesIO(recording), "r") as container:
        return math.fsum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
