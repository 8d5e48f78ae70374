"""Recorded speech as samples: decoded, looked at, and put together with pauses."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame

from bookbytes_pipeline.audio.sound import BATCH_SAMPLES, LARGE_FRAMES, decodable, decoded, speech_rate, through

Samples = np.ndarray[Any, np.dtype[np.int16]]

SILENCE_BEFORE_S, SILENCE_AFTER_S = 0.5, 1.0
"""Around a clip, so that chapters played in a row do not run into each other."""
WINDOW_S = 0.01
QUIET_DB = 35.0
"""Below the loud parts of the speech: breath and noise of the room, but no syllable."""
LOUD_PERCENTILE = 95
FLOOR = 10.0
"""Of 32,767: what is quieter throughout is no speech at all."""
KEPT_S = 0.1
"""Of the quiet around speech; the rest of it gives way to pauses that are the same for every voice."""


@dataclass(frozen=True)
class Speech:
    """Mono sound of 16 bits at `rate` Hz. What is found out about it is kept: each check looks at it."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """The length."""
        return len(self.samples) / self.rate

    @property
    def window_s(self) -> float:
        """The length of a window: about a hundredth of a second, in whole samples."""
        return round(WINDOW_S * self.rate) / self.rate

    @cached_property
    def loud_windows(self) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        """For each hundredth of a second whether there is speech in it."""
        return np.asarray(self.levels > max(FLOOR, self.loud_level * 10 ** (-QUIET_DB / 20)))

    @cached_property
    def loud_level(self) -> float:
        """The level of its loud parts; 0 where there is no sound."""
        return float(np.percentile(self.levels, LOUD_PERCENTILE)) if len(self.levels) else 0.0

    @cached_property
    def levels(self) -> "np.ndarray[Any, np.dtype[np.float64]]":
        """The root mean square of each hundredth of a second."""
        window = round(WINDOW_S * self.rate)
        whole = self.samples[: len(self.samples) // window * window].reshape(-1, window)
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", whole, whole, dtype=np.float64) / window))

    @cached_property
    def spoken(self) -> "Speech":
        """The speech without the quiet before and after it."""
        return self.trimmed()

    def trimmed(self, *, before: bool = True, after: bool = True) -> "Speech":
        """The speech without the quiet before it, after it or both, but for a tenth of a second."""
        start, end = self.bounds(before=before, after=after)
        return Speech(self.samples[start:end], self.rate)

    def bounds(self, *, before: bool, after: bool) -> tuple[int, int]:
        """The first sample of the speech that is trimmed so, and the one after its last."""
        speaking = np.flatnonzero(self.loud_windows)
        whole = len(self.samples)
        if not len(speaking):
            return 0, whole
        window, kept = round(WINDOW_S * self.rate), round(KEPT_S * self.rate)
        start = max(0, int(speaking[0]) * window - kept) if before else 0
        end = min(whole, (int(speaking[-1]) + 1) * window + kept) if after else whole
        return start, end


def decode_speech(audio: bytes, rate: int | None = None) -> Speech:
    """The sound of an audio file in mono, at `rate` Hz or as it is; raises `UnusableAnswer` where there is none."""
    with decodable():
        frames = decoded(audio)
        first = next(frames)
        rate = rate or speech_rate(first.sample_rate)
        mono = (("aresample", str(rate)), ("aformat", "s16:channel_layouts=mono"))
        arrays = [frame.to_ndarray()[0] for frame in through(chain([first], frames), *mono, LARGE_FRAMES)]
    return Speech(np.concatenate(arrays), rate)


def put_together(parts: Sequence[tuple[Speech, float]]) -> list[AudioFrame]:
    """The speeches one after the other as one sound, each with a pause of so many seconds after it."""
    rate = parts[0][0].rate
    arrays = [array for speech, pause in parts for array in (speech.samples, _silence(pause, rate))]
    samples = np.concatenate([_silence(SILENCE_BEFORE_S, rate), *arrays, _silence(SILENCE_AFTER_S, rate)])
    return [_frame(samples, start, rate) for start in range(0, len(samples), BATCH_SAMPLES)]


def _silence(seconds: float, rate: int) -> Samples:
    return np.zeros(round(seconds * rate), np.int16)


def _frame(samples: Samples, start: int, rate: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(samples[np.newaxis, start : start + BATCH_SAMPLES], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
    return frame
