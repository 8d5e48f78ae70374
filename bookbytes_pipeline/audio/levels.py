"""How speech of any loudness is brought to the one that players expect."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum, log10

from av.audio.frame import AudioFrame

from bookbytes_pipeline.audio.sound import through
from bookbytes_pipeline.domain.errors import UnusableAnswer

SILENT_LUFS = -60.0
"""The noise of a quiet room; there is no speech in it."""

TOLERANCE_LU = 0.5
"""Smaller differences between two chapters are not heard."""

MAX_PASSES = 12
OVERSHOOT = 1.5
"""The limiter takes back part of what the gain adds, so that a step of the missing loudness alone falls short."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What is done to the sound: `gain` in dB, then nothing passes `ceiling` in dB full scale."""

    gain: float
    ceiling: float

    def applied(self, sound: list[AudioFrame]) -> list[AudioFrame]:
        """The sound at these levels, in the sample format that the encoder takes."""
        return list(
            through(
                sound,
                ("volume", f"{self.gain:.3f}dB"),
                ("alimiter", f"limit={10 ** (self.ceiling / 20):.5f}:level=disabled"),
                ("aformat", "s16"),
            )
        )


UNCHANGED = Levels(gain=0.0, ceiling=0.0)


def levelled(sound: list[AudioFrame], loudness: float, target: float, ceiling: float) -> list[AudioFrame]:
    """Sound of this `loudness` brought to `target` (LUFS); raises `UnusableAnswer` if no gain does that.

    What the limiter takes back is known from the power of the sound, at a tenth of the cost of another measurement.
    """
    gain, power = target - loudness, _power(sound)
    for _ in range(MAX_PASSES):
        limited = Levels(gain, ceiling).applied(sound)
        missing = target - loudness - 10 * log10(_power(limited) / power)
        if abs(missing) <= TOLERANCE_LU:
            return limited
        gain += OVERSHOOT * missing
        del limited  # there need not be two of them
    raise UnusableAnswer("The speech is too uneven to be brought to the target loudness. Run the book again.")


def _power(sound: Iterable[AudioFrame]) -> float:
    import numpy as np  # noqa: PLC0415 - only where there is sound, not wherever `ENCODING` is named

    arrays = (frame.to_ndarray()[0].astype(np.float32) for frame in sound)
    return fsum(float(np.dot(samples, samples)) for samples in arrays)
