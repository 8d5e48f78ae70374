"""Generated sound that measures like speech: syllables of voiced and unvoiced sound with pauses between."""

import math
import random
import wave
from array import array
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from itertools import chain, repeat

import av


@cache
def speech(seconds: float = 3.0, *, rate: int = 24000, peak: float = 0.5, channels: int = 1) -> bytes:
    """Return a WAV file of roughly this peak (1 is full scale); of two channels the second is silent."""
    noise = random.Random(rate)  # noqa: S311 - the same sound every time, not a secret
    syllables = (_sample(number / rate, noise.uniform(-1, 1)) for number in range(int(rate * seconds)))
    return wav((sample * peak for sample in syllables), rate=rate, channels=channels)


def tone(hertz: float, *, seconds: float = 3.0, rate: int = 24000, peak: float = 0.5, phase: float = 0.0) -> bytes:
    """Return a WAV file of one pure tone; `phase` is in radians."""
    steps = range(int(rate * seconds))
    return wav((peak * math.sin(2 * math.pi * hertz * step / rate + phase) for step in steps), rate=rate)


def hiss(*, rate: int = 24000) -> bytes:
    """Return a WAV file of a tone and a louder one that MP3 at 64 kbit/s drops: encoding loses 8 LU."""
    times = (step / rate for step in range(3 * rate))
    return wav((0.4 * math.sin(math.tau * 11250 * t) + 0.2 * math.sin(math.tau * 440 * t) for t in times), rate=rate)


def chirps(share: float, phase: float, *, rate: int = 24000) -> bytes:
    """Return a WAV file of a few milliseconds of sound, ten times in four seconds, whose peaks lie between samples.

    `share` of each 0.4 seconds is sound; `phase` (in half turns) shifts the samples against it, 0.25 being the
    farthest from its peaks.
    """
    times = (step / rate for step in range(4 * rate))
    tones = (0.9 * (t % 0.4 < share * 0.4) * math.sin(math.tau * rate / 4 * t + math.pi * phase) for t in times)
    return wav(tones, rate=rate)


def silence(seconds: float = 3.0, *, rate: int = 24000) -> bytes:
    """Return a WAV file of silence."""
    return wav(repeat(0.0, int(rate * seconds)), rate=rate)


def wav(samples: Iterable[float], *, rate: int, channels: int = 1) -> bytes:
    """Return a 16-bit WAV file of these samples (1 is full scale) in the first channel."""
    rest = (0.0,) * (channels - 1)
    frames = array("h", (round(32767 * value) for value in chain.from_iterable((s, *rest) for s in samples)))
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


def _sample(time: float, noise: float) -> float:
    syllable = max(0.0, math.sin(2 * math.pi * 3 * time)) ** 2
    voiced = 0.6 * math.sin(2 * math.pi * 140 * time) + 0.3 * math.sin(2 * math.pi * 700 * time)
    return 0.0 if time % 2 > 1.7 else syllable * (0.9 * voiced + 0.1 * noise)
