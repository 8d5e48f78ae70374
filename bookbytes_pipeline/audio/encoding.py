"""Speech in, finished clip out: mono MP3 of even loudness, with some silence around it and tags."""

from dataclasses import dataclass

from av.audio.frame import AudioFrame

from bookbytes_pipeline.audio.levels import SILENT_LUFS, UNCHANGED, levelled
from bookbytes_pipeline.audio.loudness import integrated, measure
from bookbytes_pipeline.audio.mp3 import mp3_file
from bookbytes_pipeline.audio.tags import ClipTags, id3
from bookbytes_pipeline.domain.errors import UnusableAnswer

TARGET_LUFS = -19.0
"""What players expect of stereo, -16, reads -19 where the same speech comes in mono."""

TOLERANCE_LU = 0.8
"""Between the target and the encoded file; 1 is promised, and other meters may read a little differently."""

MAX_PEAK_DBTP = -3.1
"""Of the encoded file. Audiobook shops refuse peaks above -3, and meters differ."""

CEILING_DBFS = -4.5
"""Before encoding: it lets peaks grow by up to about a dB."""

LAME_ATTENUATION_DB = 0.45
"""LAME turns the sound down by 5 % at this bit rate; allowed for beforehand, it costs no second encoding."""

MAX_ATTEMPTS = 4

BIT_RATE_BPS = 64_000

ENCODING = f"mp3 mono {BIT_RATE_BPS} {TARGET_LUFS} LUFS, 2026-11"
"""Names this way of encoding. A clip made in another way is stale, so change it with anything that is heard."""


@dataclass(frozen=True, slots=True)
class EncodedClip:
    """A finished clip: an MP3 file, its length in seconds, its loudness in LUFS and its true peak in dBTP."""

    audio: bytes
    seconds: float
    loudness_lufs: float
    true_peak_dbtp: float


def encode_clip(sound: list[AudioFrame], tags: ClipTags) -> EncodedClip:
    """The clip of this sound: mono MP3 of 64 kbit/s at -19 LUFS, 1 more or less, with a true peak of -3 dBTP at most.

    `sound` is mono. The same sound and tags give the same bytes. Silence stays silence, for a check to find. Raises
    `UnusableAnswer` where it cannot be brought to that loudness.
    """
    loudness = integrated(sound)
    if loudness < SILENT_LUFS:
        return _measured(id3(tags) + mp3_file(UNCHANGED.applied(sound), BIT_RATE_BPS))
    target, ceiling = TARGET_LUFS + LAME_ATTENUATION_DB, CEILING_DBFS
    for _ in range(MAX_ATTEMPTS):
        clip = _measured(id3(tags) + mp3_file(levelled(sound, loudness, target, ceiling), BIT_RATE_BPS))
        if _meets_promise(clip):
            return clip
        target += TARGET_LUFS - clip.loudness_lufs
        ceiling -= max(0.0, clip.true_peak_dbtp - MAX_PEAK_DBTP)
    raise UnusableAnswer("The encoded speech misses the target loudness or peak. Run the book again.")


def _measured(audio: bytes) -> EncodedClip:
    measured = measure(audio)
    return EncodedClip(audio, measured.seconds, measured.lufs, measured.true_peak)


def _meets_promise(clip: EncodedClip) -> bool:
    return abs(clip.loudness_lufs - TARGET_LUFS) <= TOLERANCE_LU and clip.true_peak_dbtp <= MAX_PEAK_DBTP
