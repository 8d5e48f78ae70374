"""Generated sound that measures like speech: syllables of voiced and unvoiced sound with pauses between."""

import wave
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from itertools import chain

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]


@cache
def speech(seconds: float = 3.0, *, rate: int = 24000, peak: float = 0.5, channels: int = 1) -> bytes:
    """Return a WAV file of roughly this peak (1 is full scale); of two channels the second is silent."""
    noise = np.random.RandomState([rate]).uniform(-1, 1, int(rate * seconds))  # the same sound every time
    return wav(peak * _syllables(_times(seconds, rate), noise), rate=rate, channels=channels)


def tone(hertz: float, *, seconds: float = 3.0, rate: int = 24000, peak: float = 0.5, phase: float = 0.0) -> bytes:
    """Return a WAV file of one pure tone; `phase` is in radians."""
    return wav(peak * np.sin(np.pi * 2 * hertz * _times(seconds, rate) + phase), rate=rate)


def hiss(*, rate: int = 24000) -> bytes:
    """Return a WAV file of a tone and a louder one that MP3 at 64 kbit/s drops: encoding loses 8 LU."""
    turns = 2 * np.pi * _times(3, rate)
    return wav(0.4 * np.sin(11250 * turns) + 0.2 * np.sin(440 * turns), rate=rate)


def chirps(share: float, phase: float, *, rate: int = 24000) -> bytes:
    """Return a WAV file of a few milliseconds of sound, ten times in four seconds, whose peaks lie between samples.

    `share` of each 0.4 seconds is sound; `phase` (in half turns) shifts the samples against it, 0.25 being the
    farthest from its peaks.
    """
    times = _times(4, rate)
    sounds = times % 0.4 < share * 0.4
    return wav(0.9 * sounds * np.sin(np.pi * rate / 2 * times + np.pi * phase), rate=rate)


def silence(seconds: float = 3.0, *, rate: int = 24000) -> bytes:
    """Return a WAV file of silence."""
    return wav(np.zeros(int(rate * seconds)), rate=rate)


def wav(samples: Samples | Sequence[float], *, rate: int, channels: int = 1) -> bytes:
    """Return a 16-bit WAV file of these samples (1 is full scale) in the first channel."""
    frames = np.zeros((len(samples), channels), "<i2")
    frames[:, 0] = np.rint(32767 * np.asarray(samples, np.float64))
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(frames.tobytes())
    return file.getvalue()


def mp3(speech: bytes, *, tagged: bool = False) -> bytes:
    """Return the sound as a speech service sends it: a bare MP3 stream, or one with a tag and a length at its start."""
    file = BytesIO()
    options = {"id3v2_version": "4" if tagged else "0", "write_xing": "1" if tagged else "0"}
    with av.open(BytesIO(speech), "r") as source, av.open(file, "w", format="mp3", options=options) as target:
        stream = target.add_stream("libmp3lame", source.streams.audio[0].rate, layout="mono", bit_rate=32_000)
        for frame in chain(source.decode(audio=0), [None]):
            target.mux(stream.encode(frame))
    return file.getvalue()


def _times(seconds: float, rate: int) -> Samples:
    return np.arange(int(rate * seconds)) / rate


def _syllables(times: Samples, noise: Samples) -> Samples:
    """Three syllables a second, and a pause at the end of every other one."""
    loudness = np.maximum(0.0, np.sin(np.pi * 2 * 3 * times)) ** 2 * (times % 2 <= 1.7)
    voiced = 0.6 * np.sin(np.pi * 2 * 140 * times) + 0.3 * np.sin(np.pi * 2 * 700 * times)
    return loudness * (0.9 * voiced + 0.1 * noise)
