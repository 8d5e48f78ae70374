"""The meters, compared with sound whose loudness is known from the standard."""

import math

import pytest

from bookbytes_pipeline.audio.loudness import measure
from bookbytes_pipeline.domain.errors import UnusableAnswer
from tests.audio.meter import loudness_and_peak
from tests.audio.speech import chirps, hiss, silence, speech, tone


@pytest.mark.parametrize("rate", [22050, 24000, 48000])
def test_a_tone_measures_as_the_standard_says(rate: int) -> None:
    """A 997 Hz tone in one channel measures 3.01 LU below its peak level: BS.1770 is calibrated on it."""
    measured = measure(tone(997, peak=0.1, rate=rate))

    assert measured.lufs == pytest.approx(-20 - 3.01, abs=0.1)
    assert measured.true_peak == pytest.approx(-20, abs=0.1)
    assert measured.seconds == pytest.approx(3, abs=0.001)


def test_peaks_between_the_samples_are_found() -> None:
    """A tone at a quarter of the rate, whose samples all miss its crest by 3 dB, measures as high as its crest."""
    measured = measure(tone(6000, peak=0.5, phase=math.pi / 4))

    assert measured.true_peak == pytest.approx(20 * math.log10(0.5), abs=0.5)


@pytest.mark.parametrize("sound", [speech(), tone(997, peak=0.1), hiss(), chirps(0.03, 0.25)])
def test_both_meters_agree(sound: bytes) -> None:
    """FFmpeg's readings are those of a meter written from the standard."""
    measured = measure(sound)

    loudness, peak = loudness_and_peak(sound)
    assert loudness == pytest.approx(measured.lufs, abs=0.1)
    assert peak == pytest.approx(measured.true_peak, abs=0.3)


def test_silence_measures_as_the_lowest_value() -> None:
    """Digital silence has a loudness of -70 LUFS, where the scale ends."""
    assert measure(silence()).lufs == -70


def test_bytes_that_cannot_be_decoded_are_refused() -> None:
    """Bytes that are not audio have no loudness."""
    with pytest.raises(UnusableAnswer, match="cannot be decoded"):
        measure(b"no audio")
