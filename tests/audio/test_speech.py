"""Decoding what speech servers send, whole or damaged, and putting pieces together."""

import numpy as np
import pytest

from bookbytes_pipeline.audio.sound import seconds_of
from bookbytes_pipeline.audio.speech import Speech, decode_speech, put_together
from bookbytes_pipeline.domain.errors import UnusableAnswer
from tests.audio.speech import silence, speech
from tests.fakes.sound import mp3, transcoded

PART = mp3(2.0)
TAGGED = mp3(2.0, tagged=True)
TAG = TAGGED[: TAGGED.index(b"\xff\xf3")]
PADDING_S = 0.15
"""What encoders add to two seconds."""


@pytest.mark.parametrize(
    ("damaged", "seconds"),
    [
        pytest.param(TAG + TAGGED, 2.0, id="two tags before the sound"),
        pytest.param(bytes(5_000) + PART, 2.0, id="zeros before it"),
        pytest.param(TAGGED * 3, 6.0, id="tagged parts end to end"),
        pytest.param(PART + b"TAG" + bytes(125) + PART, 4.0, id="an old tag between two"),
        pytest.param(PART + b"\xff\xf3\x44\xc4" + b"\xaa" * 140 + PART, 4.0, id="a bad frame between two"),
        pytest.param(PART + b"garbage" * 30 + PART, 4.0, id="garbage between two"),
        pytest.param(PART[:3_000] + bytes(300) + PART[3_300:], 1.95, id="zeros within"),
    ],
)
def test_what_can_be_heard_is_decoded(damaged: bytes, seconds: float) -> None:
    """A tag, a gap or a bad frame costs itself, not the chapter."""
    assert seconds <= decode_speech(damaged).seconds + 0.03 <= seconds + 3 * PADDING_S


@pytest.mark.parametrize("format_", ["wav", "flac", "ogg", "adts"])
def test_half_a_recording_is_half_as_long(format_: str) -> None:
    """A connection that ended early is seen by the length: nothing is made up for what is missing."""
    whole = transcoded(PART, format_)

    assert decode_speech(whole[: len(whole) // 2]).seconds < 1.4


@pytest.mark.parametrize("audio", [b"", b"no sound", b"{}", bytes(10_000), TAG, silence(0.0)])
def test_what_is_no_sound_is_an_error(audio: bytes) -> None:
    """Never an empty clip."""
    with pytest.raises(UnusableAnswer, match="cannot be decoded"):
        decode_speech(audio)


def test_many_damaged_packets_are_no_recording() -> None:
    """A few are hardly heard; after more than that nobody knows what is left of the words."""
    flac = transcoded(PART, "flac")
    frames = [start for start in range(len(flac) - 1) if flac[start : start + 2] == b"\xff\xf8"]
    damaged = bytearray(flac)
    for start in frames[1:]:
        damaged[start + 20 : start + 60] = b"\x55" * 40

    with pytest.raises(UnusableAnswer):
        decode_speech(bytes(damaged))


def test_pieces_follow_each_other_with_their_pauses() -> None:
    """Half a second before all of them, and one after."""
    first, second = decode_speech(speech(2.0)), decode_speech(speech(1.0))

    assert seconds_of(put_together([(first, 0.7), (second, 0.0)])) == pytest.approx(0.5 + 2.0 + 0.7 + 1.0 + 1.0)


def test_what_was_found_out_about_a_recording_is_kept() -> None:
    """Six checks look at its levels, which are computed from every sample."""
    recording = Speech(np.zeros(2400, np.int16), 24_000)

    assert recording.levels is recording.levels
    assert recording.spoken.levels is recording.spoken.levels
