"""A second loudness meter, written from ITU-R BS.1770-5 with numpy alone, to check FFmpeg's independently."""

from io import BytesIO

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48000
"""Hz. The standard prints its filters for this rate."""

SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585])
HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
"""Numerators and denominators of the K weighting (annex 1, tables 1 and 2)."""

BLOCK, STEP = RATE * 4 // 10, RATE // 10
ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0


def loudness_and_peak(audio: bytes) -> tuple[float, float]:
    """Return integrated loudness in LUFS and true peak in dBTP of a mono file that contains a second of silence."""
    with av.open(BytesIO(audio), "r") as file:
        rate = file.streams.audio[0].rate
        resampler = av.AudioResampler("flt", "mono")
        frames = [part.to_ndarray()[0] for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    samples = np.concatenate(frames).astype(np.float64)
    peak = np.abs(_at_rate(samples, rate, 4 * rate)).max()
    return _integrated(_at_rate(samples, rate, RATE)), float(20 * np.log10(peak))


def _at_rate(samples: NDArray[np.float64], old: int, new: int) -> NDArray[np.float64]:
    """Return the sound at a higher rate: its spectrum with nothing above it."""
    count = len(samples) * new // old
    return np.fft.irfft(np.fft.rfft(samples), count) * (count / len(samples))


def _integrated(samples: NDArray[np.float64]) -> float:
    spectrum = np.fft.rfft(samples, 2 * len(samples))  # padding for the filters to decay
    z = np.exp(-2j * np.pi * np.arange(len(spectrum)) / (2 * len(samples)))
    for numerator, denominator in (SHELF, HIGH_PASS):
        spectrum *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    weighted = np.fft.irfft(spectrum, 2 * len(samples))[: len(samples)]
    starts = range(0, len(weighted) - BLOCK + 1, STEP)
    powers = np.array([np.mean(weighted[start : start + BLOCK] ** 2) for start in starts])
    powers = powers[_lufs(powers) > ABSOLUTE_GATE]
    powers = powers[_lufs(powers) > _lufs(np.mean(powers)) + RELATIVE_GATE]
    return float(_lufs(np.mean(powers)))


def _lufs(power: NDArray[np.float64] | np.floating) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-20))
