"""A whole book as one MP3 file: the frames of its clips as they are, without encoding them again."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import BinaryIO

import av

from bookbytes_pipeline.audio.encoding import BIT_RATE_BPS
from bookbytes_pipeline.audio.m4b import at_rate
from bookbytes_pipeline.audio.mp3 import DELAY, FRAME_SAMPLES, mp3_file, write_frames
from bookbytes_pipeline.audio.sound import CONTAINERS, decodable, speech_rate


def clip_rate(clip: bytes) -> tuple[int, int]:
    """Return the sample rate, in Hz, and the bit rate of a file that goes on as this clip is."""
    with decodable(), _opened(clip) as container:
        stream = container.streams.audio[0]
        return speech_rate(stream.rate), stream.bit_rate or BIT_RATE_BPS


def join_clips(file: BinaryIO, clips: Iterable[bytes], seconds: Iterable[float], rate: int, bit_rate_bps: int) -> None:
    """Write the frames of the clips, each of which has so many seconds of sound, behind one header.

    Every clip has a few frames more than its sound: an encoder needs them. They are left out at its end, where there
    is a second of silence, so that each chapter begins where the lengths of those before it say, to half a frame (13
    milliseconds). A clip of another rate than the rest is encoded again. Raises `UnusableAnswer`.
    """
    lengths = list(seconds)
    samples = round(sum(lengths) * rate)
    write_frames(file, _joined(clips, lengths, rate, bit_rate_bps), rate, bit_rate_bps, samples)


def _joined(clips: Iterable[bytes], lengths: list[float], rate: int, bit_rate_bps: int) -> Iterator[bytes]:
    written, end = 0, 0.0
    for number, (clip, length) in enumerate(zip(clips, lengths, strict=True), 1):
        end += length
        delay = DELAY if number == len(lengths) else 0
        up_to = round((end * rate + delay) / FRAME_SAMPLES) + bool(delay)
        kept = _frames(clip, rate, bit_rate_bps)[: max(0, up_to - written)]
        written += len(kept)
        yield from kept


def _frames(clip: bytes, rate: int, bit_rate_bps: int) -> list[bytes]:
    with decodable():
        with _opened(clip) as container:
            stream = container.streams.audio[0]
            if stream.rate == rate and stream.channels == 1 and stream.codec_context.name.startswith("mp3"):
                return [bytes(packet) for packet in container.demux(stream) if packet.size]
        with _opened(mp3_file(list(at_rate(clip, rate)), bit_rate_bps)) as container:
            return [bytes(packet) for packet in container.demux(container.streams.audio[0]) if packet.size]


def _opened(clip: bytes) -> av.container.InputContainer:
    return av.open(BytesIO(clip), "r", options={"format_whitelist": CONTAINERS}, metadata_errors="ignore")
