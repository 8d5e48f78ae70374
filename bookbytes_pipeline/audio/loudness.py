"""How loud sound is, as EBU R 128 and ITU-R BS.1770 measure it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from av.audio.frame import AudioFrame

from bookbytes_pipeline.audio.sound import LARGE_FRAMES, Filter, decodable, decoded, through

OVERSAMPLING = 4
"""Peaks lie between the samples; at four times the rate they are found to within a few hundredths of a dB."""

LOUDNESS_METER: Filter = ("ebur128", "metadata=1:framelog=quiet")
"""It can find true peaks itself, but resampling for a plain peak meter agrees with it to 0.02 dB at half the cost."""

PEAK_METER: Filter = ("astats", "metadata=1:measure_overall=Peak_level:measure_perchannel=none")
"""Asked for anything more it measures everything, at ten times the cost."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """`lufs` is the integrated loudness (-70 for silence), `true_peak` is in dBTP, `seconds` is the length."""

    lufs: float
    true_peak: float
    seconds: float


def measure(audio: bytes) -> Loudness:
    """The loudness of an audio file; raises `UnusableAnswer` if it cannot be decoded or ends within 0.1 seconds."""
    with decodable():
        frames = decoded(audio)
        first = next(frames)
        rate = OVERSAMPLING * first.sample_rate
        oversampled = ("aresample", f"{rate}:filter_size=16")
        meters = (LOUDNESS_METER, LARGE_FRAMES, oversampled, PEAK_METER)
        readings, samples = _read(chain([first], frames), *meters)
        return Loudness(
            lufs=float(readings["lavfi.r128.I"]),
            true_peak=float(readings["lavfi.astats.Overall.Peak_level"]),
            seconds=samples / rate,
        )


def integrated(sound: Iterable[AudioFrame]) -> float:
    """The integrated loudness of decoded sound in LUFS, -70 for silence."""
    readings, _ = _read(sound, LOUDNESS_METER)
    return float(readings["lavfi.r128.I"])


def _read(sound: Iterable[AudioFrame], *meters: Filter) -> tuple[dict[str, str], int]:
    """The last of everything that the meters wrote on the frames passing them, and the number of samples.

    FFmpeg's log has the same readings, but there is one log for all threads.
    """
    readings: dict[str, str] = {}
    samples = 0
    for frame in through(sound, *meters):
        readings.update(frame.metadata)
        samples += frame.samples
    return readings, samples
