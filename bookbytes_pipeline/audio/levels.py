"""How speech of any loudness is brought to the one that players expect."""

from collections.abc import Iterator
from dataclasses import dataclass

from av.audio.frame import AudioFrame

from bookbytes_pipeline.audio.loudness import integrated
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

    def applied(self, sound: list[AudioFrame]) -> Iterator[AudioFrame]:
        """The sound at these levels, in the sample format that the encoder takes."""
        return through(
            sound,
            ("volume", f"{self.gain:.3f}dB"),
            ("alimiter", f"limit={10 ** (self.ceiling / 20):.5f}:level=disabled"),
            ("aformat", "fltp"),
        )


UNCHANGED = Levels(gain=0.0, ceiling=0.0)


def find_gain(sound: list[AudioFrame], loudness: float, target: float, ceiling: float) -> Levels:
    """The levels that bring sound of this `loudness` to `target` (LUFS); raises `UnusableAnswer` if no gain does."""
    gain = target - loudness
    for _ in range(MAX_PASSES):
        levels = Levels(gain, ceiling)
        missing = target - integrated(levels.applied(sound))
        if abs(missing) <= TOLERANCE_LU:
            return levels
        gain += OVERSHOOT * missing
    raise UnusableAnswer("The speech is too uneven to be brought to the target loudness. Run the book again.")
