"""Encoding speech as a clip, checked by decoding the clip again."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import pytest

from bookbytes_pipeline.audio.encoding import EncodedClip, encode_clip
from bookbytes_pipeline.audio.loudness import measure
from bookbytes_pipeline.audio.sound import decoded
from bookbytes_pipeline.audio.speech import decode_speech, put_together
from bookbytes_pipeline.audio.tags import ClipTags, id3
from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.execution.clip_producer import MAX_COVER_BYTES
from tests.audio.meter import loudness_and_peak
from tests.audio.speech import chirps, hiss, mp3, silence, speech, tone, wav

TAGS = ClipTags(
    title="Sand, Wachs & Öl",
    album="How Things Keep Time",
    artist="The BookBytes authors",
    track=3,
    tracks=7,
    language="en-GB",
    isbn="9799999999990",
    narrator="espeak en-us",
)


def encoded(speech: bytes, tags: ClipTags) -> EncodedClip:
    """The clip of one recording."""
    return encode_clip(put_together([(decode_speech(speech), 0.0)]), tags)


@pytest.mark.parametrize("peak", [0.02, 0.99])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (22050, 1), (24000, 2), (44100, 1), (48000, 2)])
def test_every_voice_has_the_same_loudness(rate: int, channels: int, peak: float) -> None:
    """Loud or quiet, at any rate, mono or stereo: -19 LUFS within 1, and no true peak above -3 dBTP."""
    clip = encoded(speech(rate=rate, channels=channels, peak=peak), TAGS)

    measured = measure(clip.audio)
    assert (clip.loudness_lufs, clip.true_peak_dbtp) == (measured.lufs, measured.true_peak)
    assert measured.lufs == pytest.approx(-19, abs=1)
    assert measured.true_peak <= -3


@pytest.mark.parametrize("sound", [tone(440), speech(0.2), speech(peak=0.01)], ids=["tone", "word", "whisper"])
def test_sound_unlike_speech_has_the_same_loudness(sound: bytes) -> None:
    """A steady tone, a single word and a whisper get the same loudness as everything else."""
    measured = measure(encoded(sound, TAGS).audio)

    assert measured.lufs == pytest.approx(-19, abs=1)
    assert measured.true_peak <= -3


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(speech(), id="speech"),
        pytest.param(speech(rate=22050, peak=0.02), id="a whisper"),
        pytest.param(tone(440), id="a tone"),
        pytest.param(hiss(), id="sound that the encoder makes quieter"),
        pytest.param(chirps(0.0252, 0.18), id="peaks that the encoder makes higher"),
    ],
)
def test_another_meter_confirms_loudness_and_peak(sound: bytes) -> None:
    """Loudness and true peak are within limits by another meter than FFmpeg's, also if one encoding is not enough."""
    loudness, peak = loudness_and_peak(encoded(sound, TAGS).audio)

    assert loudness == pytest.approx(-19, abs=1)
    assert peak <= -3


def test_peaks_that_encoding_cannot_limit_are_refused() -> None:
    """No clip exceeds the limit: if the last attempt fails, there is no clip."""
    with pytest.raises(UnusableAnswer, match="misses the target loudness or peak"):
        encoded(chirps(0.025, 0.25), TAGS)


def test_a_loud_ending_is_limited_to_the_highest_peak() -> None:
    """If a loud word ends a quiet chapter, the limiter keeps it below -3 dBTP."""
    quiet, loud = (_samples(speech(seconds, peak=peak)) for seconds, peak in ((6, 0.05), (1, 0.99)))

    measured = measure(encoded(wav(quiet + loud, rate=24000), TAGS).audio)

    assert measured.lufs == pytest.approx(-19, abs=1)
    assert measured.true_peak <= -3


@pytest.mark.parametrize(
    ("rate", "expected"), [(22050, 22050), (24000, 24000), (16000, 24000), (44100, 24000), (48000, 24000)]
)
def test_the_file_is_mono_at_64_kbit(rate: int, expected: int) -> None:
    """The clip is mono MP3 at a constant 64 kbit/s; the rates of common voices are kept, others become 24 kHz."""
    clip = encoded(speech(1, rate=rate), TAGS)

    with av.open(BytesIO(clip.audio), "r") as file:
        (sound,) = file.streams.audio
        found = (file.format.name, sound.codec_context.name, sound.rate, sound.channels, sound.bit_rate)
    assert ("mp3", "mp3float", expected, 1, 64000) == found


def test_the_file_header_has_the_exact_duration() -> None:
    """Without decoding, a player knows the duration: the speech, half a second before it and one second after it."""
    clip = encoded(speech(3), TAGS)

    with av.open(BytesIO(clip.audio), "r") as file:
        declared = (file.duration or 0) / av.time_base
    assert clip.seconds == pytest.approx(4.5, abs=0.001)
    assert declared == pytest.approx(clip.seconds, abs=0.001)


def test_silence_surrounds_the_speech() -> None:
    """There is silence for about half a second at the start and a second at the end, and sound in between."""
    clip = encoded(tone(440, seconds=2), TAGS)

    loud = [position for position, sample in enumerate(_samples(clip.audio)) if abs(sample) > 0.001]
    assert loud[0] / 24000 == pytest.approx(0.5, abs=0.05)
    assert loud[-1] / 24000 == pytest.approx(2.5, abs=0.05)


def test_tags_are_read_back() -> None:
    """A player finds title, book, author, chapter number, language, genre, narrator, ISBN and the AI notice."""
    clip = encoded(speech(1), TAGS)

    with av.open(BytesIO(clip.audio), "r") as file:
        found = dict(file.metadata)
    assert {
        "title": "Sand, Wachs & Öl",
        "album": "How Things Keep Time",
        "artist": "The BookBytes authors",
        "track": "3/7",
        "language": "eng",
        "genre": "Audiobook",
        "composer": "espeak en-us",
        "ISBN": "9799999999990",
        "comment": "AI-generated summary",
    } == found
    assert b"COMM" in clip.audio[:1000]


@pytest.mark.parametrize(("language", "expected"), [("pt-BR", "por"), ("zh", "zho"), ("nonsense-tag!", "XXX")])
def test_the_language_tag_is_an_iso_639_2_code(language: str, expected: str) -> None:
    """BCP 47 becomes the three letters of ISO 639-2, or `XXX` if there is none."""
    clip = encoded(speech(1), replace(TAGS, language=language))

    with av.open(BytesIO(clip.audio), "r") as file:
        found = file.metadata["language"]
    assert expected == found


def test_a_cover_is_embedded_unchanged() -> None:
    """The bytes of a JPEG come back unchanged."""
    cover = _jpeg()

    clip = encoded(speech(1), replace(TAGS, cover=cover))

    assert [cover] == _covers(clip)


@pytest.mark.parametrize("words", ["Sand", "Öl " * 100_000, "\U0001f30a" * 50_000], ids=["short", "long", "waves"])
def test_players_find_the_sound_within_128_kb(words: str) -> None:
    """Whatever a title, an author or a voice is called, with the largest cover."""
    tag = id3(replace(TAGS, title=words, album=words, artist=words, narrator=words, cover=bytes(MAX_COVER_BYTES)))

    assert len(tag) <= 128_000


@pytest.mark.parametrize("tagged", [False, True], ids=["bare", "each with a tag and a length"])
def test_joined_mp3_files_are_decoded_to_the_end(tagged: bool) -> None:
    """Of fifty short MP3 files joined together every one is decoded: the clip has as many tones as they have."""
    piece = mp3(tone(300, seconds=0.4), tagged=tagged)
    pause = mp3(silence(0.4), tagged=tagged)

    clip = encoded((piece + pause) * 25, TAGS)

    assert 25 == _tones(clip)


def test_joined_mp3_files_keep_their_total_duration() -> None:
    """The clip of joined MP3 streams is as long as all of them and its added silence."""
    pieces = [mp3(speech(seconds)) for seconds in (0.5, 1.0, 1.5)]

    clip = encoded(b"".join(pieces), TAGS)

    assert clip.seconds == pytest.approx(sum(measure(piece).seconds for piece in pieces) + 1.5, abs=0.001)


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>too many requests</html>" * 100, id="an error page"),
        pytest.param(wav([], rate=24000), id="a file without sound"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(100), id="a picture"),
    ],
)
def test_a_response_without_audio_is_refused(response: bytes) -> None:
    """A response that cannot be decoded is an `UnusableAnswer`, and its message says that."""
    with pytest.raises(UnusableAnswer, match="cannot be decoded"):
        encoded(response, TAGS)


@pytest.mark.parametrize("sound", [silence(), mp3(silence())], ids=["wav", "mp3"])
def test_silence_stays_silence(sound: bytes) -> None:
    """Silence is not amplified, and the clip reports its loudness, which the asset check reads."""
    assert encoded(sound, TAGS).loudness_lufs == -70


def test_sound_too_uneven_for_any_gain_is_refused() -> None:
    """A single click in long silence is not speech and cannot reach the loudness."""
    with pytest.raises(UnusableAnswer, match="too uneven"):
        encoded(wav([0.0] * 24000 + [0.9] * 5 + [0.0] * 24000, rate=24000), TAGS)


def test_more_than_an_hour_is_refused() -> None:
    """Decoding a small file of more than an hour stops early."""
    with pytest.raises(UnusableAnswer, match="longer than an hour"):
        list(decoded(silence(3601, rate=100)))


def test_a_playlist_is_not_followed(tmp_path: Path) -> None:
    """A list that names a file to play does not read that file."""
    (tmp_path / "private.wav").write_bytes(speech(1))

    with chdir(tmp_path), pytest.raises(UnusableAnswer, match="cannot be decoded"):
        encoded(b"ffconcat version 1.0\nfile private.wav\n", TAGS)


def test_encoding_is_deterministic_across_threads() -> None:
    """The same speech gives the same bytes, whether encoded alone or beside another clip."""
    sounds = [speech(2), speech(2, rate=22050, peak=0.1)]
    alone = [encoded(sound, TAGS) for sound in sounds]

    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda sound: encoded(sound, TAGS), sounds * 4))

    assert alone * 4 == together


def _samples(audio: bytes) -> list[float]:
    """Return the samples of the first channel; 1 is full scale."""
    with av.open(BytesIO(audio), "r") as file:
        resampler = av.AudioResampler("flt", "mono")
        frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    return [
        sample for frame in frames for sample in memoryview(frame.planes[0]).cast("B")[: 4 * frame.samples].cast("f")
    ]


def _tones(clip: EncodedClip) -> int:
    """Return how often sound begins after 0.1 seconds of silence."""
    loud = [position for position, sample in enumerate(_samples(clip.audio)) if abs(sample) > 0.05]
    return 1 + sum(after - before > 2400 for before, after in pairwise(loud))


def _covers(clip: EncodedClip) -> list[bytes]:
    with av.open(BytesIO(clip.audio), "r") as file:
        return [bytes(packet) for stream in file.streams.video for packet in file.demux(stream) if packet.size]


def _jpeg() -> bytes:
    context = av.CodecContext.create("mjpeg", "w")
    context.width = context.height = 64
    context.pix_fmt = "yuvj420p"
    context.time_base = Fraction(1)
    picture = av.VideoFrame(64, 64, context.pix_fmt)
    return b"".join(bytes(packet) for packet in context.encode(picture) + context.encode(None))
