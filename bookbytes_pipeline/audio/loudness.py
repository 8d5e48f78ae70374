"""How loud sound is, as EBU R 128 and ITU-R BS.1770 measure it."""

from collections.abc import Iterable
from dataclasses import dataclass

from av.audio.frame import AudioFrame

from bookbytes_pipeline.audio.sound import LARGE_FRAMES, Filter, decodable, decoded, seconds_of, through

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
        sound = list(through(decoded(audio), LARGE_FRAMES))
        oversampled = ("aresample", f"{OVERSAMPLING * sound[0].sample_rate}:filter_size=16")
        return Loudness(
            lufs=integrated(sound),
            true_peak=float(_readings(sound, oversampled, PEAK_METER)["lavfi.astats.Overall.Peak_level"]),
            seconds=seconds_of(sound),
        )


def integrated(sound: Iterable[AudioFrame]) -> float:
    """The integrated loudness of decoded sound in LUFS, -70 for silence."""
    return float(_readings(sound, LOUDNESS_METER)["lavfi.r128.I"])


def _readings(sound: Iterable[AudioFrame], *meters: Filter) -> dict[str, str]:
    """The last of everything that the meters wrote on the frames passing them.

    FFmpeg's log has the same readings, but there is one log for all threads.
    """
    readings: dict[str, str] = {}
    for frame in through(sound, *meters):
        readings.update(frame.metadata)
    return readings
