"""MP3 files: the same sound as FFmpeg's own encoder gives, and a header with its exact length."""

from io import BytesIO
from itertools import chain
from struct import unpack

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame

from bookbytes_pipeline.audio.mp3 import FRAME_SAMPLES, mp3_file
from bookbytes_pipeline.audio.sound import decoded
from bookbytes_pipeline.audio.speech import Samples, decode_speech
from tests.audio.speech import speech

BIT_RATE_BPS = 64_000
DELAY_OF_DECODERS = 529


@pytest.mark.parametrize("rate", [22050, 24000])
@pytest.mark.parametrize("samples", [575, 576, 577, 10_000, 33_333])
def test_every_player_finds_the_exact_length(samples: int, rate: int) -> None:
    """FFmpeg decodes as many samples as were encoded, and so does a player that reads the header by itself."""
    file = mp3_file([_sound(rate, samples)], BIT_RATE_BPS)

    header = file.index(b"Info")
    (frames,) = unpack(">I", file[header + 8 : header + 12])
    left_out = int.from_bytes(file[header + 141 : header + 144])
    delay, padding = left_out >> 12, left_out & 0xFFF
    assert samples == frames * FRAME_SAMPLES - delay - padding
    assert samples == sum(frame.samples for frame in decoded(file))


@pytest.mark.parametrize("rate", [22050, 24000])
def test_the_sound_is_that_of_the_encoder_in_ffmpeg(rate: int) -> None:
    """Sample for sample: clips that were made before the encoder was exchanged are no worse, and no better."""
    sound = _sound(rate, 2 * rate)

    expected, found = _decoded(_by_ffmpeg(sound)), _decoded(mp3_file([sound], BIT_RATE_BPS))

    assert np.array_equal(expected[: len(found)], found)


def test_the_sound_begins_where_it_began() -> None:
    """No player hears the silence that encoding adds."""
    sound = _sound(24000, 24000)

    found = _decoded(mp3_file([sound], BIT_RATE_BPS))

    original = sound.to_ndarray()[0].astype(np.float32)
    shifts = range(-5, 6)
    best = max(
        shifts, key=lambda shift: float(np.dot(original[100:-100], found[100 + shift : len(found) - 100 + shift]))
    )
    assert best == 0


def _sound(rate: int, samples: int) -> AudioFrame:
    spoken: Samples = decode_speech(speech(2.0, rate=rate)).samples[:samples]
    frame = AudioFrame.from_ndarray(spoken[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate, frame.pts = rate, 0
    return frame


def _by_ffmpeg(sound: AudioFrame) -> bytes:
    file = BytesIO()
    with av.open(file, "w", format="mp3") as container:
        options = {"compression_level": "7"}
        stream = container.add_stream("libmp3lame", sound.sample_rate, options, layout="mono", bit_rate=BIT_RATE_BPS)
        for frame in chain([sound], [None]):
            container.mux(stream.encode(frame))
    return file.getvalue()


def _decoded(file: bytes) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    return np.concatenate([frame.to_ndarray()[0] for frame in decoded(file)])
