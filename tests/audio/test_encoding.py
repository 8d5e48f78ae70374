"""From speech to the finished clip, judged by decoding the clip again."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from struct import pack
from typing import Literal

import av
import pytest

from bookbytes_pipeline.audio.encoding import EncodedClip, encode_clip
from bookbytes_pipeline.audio.loudness import measure
from bookbytes_pipeline.audio.sound import decoded
from bookbytes_pipeline.audio.tags import ClipTags
from bookbytes_pipeline.domain.errors import UnusableAnswer
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


@pytest.mark.parametrize("peak", [0.02, 0.99])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (22050, 1), (24000, 2), (44100, 1), (48000, 2)])
def test_every_voice_comes_out_equally_loud(rate: int, channels: int, peak: float) -> None:
    """Loud or quiet, at any rate, mono or stereo: -19 LUFS within 1, and no true peak above -3 dBTP."""
    clip = encode_clip(speech(rate=rate, channels=channels, peak=peak), TAGS)

    heard = measure(clip.audio)
    assert (clip.loudness_lufs, clip.true_peak_dbtp) == (heard.lufs, heard.true_peak)
    assert heard.lufs == pytest.approx(-19, abs=1)
    assert heard.true_peak <= -3


@pytest.mark.parametrize("sound", [tone(440), speech(0.2), speech(peak=0.01)], ids=["tone", "word", "whisper"])
def test_sound_unlike_speech_comes_out_as_loud(sound: bytes) -> None:
    """A steady tone, a single word and a whisper end at the same loudness as everything else."""
    heard = measure(encode_clip(sound, TAGS).audio)

    assert heard.lufs == pytest.approx(-19, abs=1)
    assert heard.true_peak <= -3


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
def test_another_meter_finds_the_promise_kept(sound: bytes) -> None:
    """Loudness and true peak hold by a meter that is not FFmpeg's, also where one encoding is not enough."""
    loudness, peak = loudness_and_peak(encode_clip(sound, TAGS).audio)

    assert loudness == pytest.approx(-19, abs=1)
    assert peak <= -3


def test_peaks_that_encoding_cannot_hold_are_refused() -> None:
    """No clip is louder than promised: where the last attempt fails, there is none."""
    with pytest.raises(UnusableAnswer, match="misses the target loudness or peak"):
        encode_clip(chirps(0.025, 0.25), TAGS)


def test_a_loud_ending_is_held_below_the_highest_peak() -> None:
    """Where one loud word ends a quiet chapter, the limiter keeps it below -3 dBTP."""
    quiet, loud = (_samples(speech(seconds, peak=peak)) for seconds, peak in ((6, 0.05), (1, 0.99)))

    heard = measure(encode_clip(wav(quiet + loud, rate=24000), TAGS).audio)

    assert heard.lufs == pytest.approx(-19, abs=1)
    assert heard.true_peak <= -3


@pytest.mark.parametrize(
    ("rate", "expected"), [(22050, 22050), (24000, 24000), (16000, 24000), (44100, 24000), (48000, 24000)]
)
def test_the_file_is_mono_at_64_kbit(rate: int, expected: int) -> None:
    """The clip is mono MP3 of 64 kbit/s throughout; the rates of common voices are kept, others become 24 kHz."""
    clip = encode_clip(speech(1, rate=rate), TAGS)

    with av.open(BytesIO(clip.audio), "r") as file:
        (sound,) = file.streams.audio
        found = (file.format.name, sound.codec_context.name, sound.rate, sound.channels, sound.bit_rate)
    assert ("mp3", "mp3float", expected, 1, 64000) == found


def test_the_head_of_the_file_tells_its_exact_length() -> None:
    """Without decoding, a player learns the length of the speech, half a second before it and one after it."""
    clip = encode_clip(speech(3), TAGS)

    with av.open(BytesIO(clip.audio), "r") as file:
        announced = (file.duration or 0) / av.time_base
    assert clip.seconds == pytest.approx(4.5, abs=0.001)
    assert announced == pytest.approx(clip.seconds, abs=0.001)


def test_silence_surrounds_the_speech() -> None:
    """Nothing is heard for about half a second at the head and for a second at the end; in between there is sound."""
    clip = encode_clip(tone(440, seconds=2), TAGS)

    loud = [position for position, sample in enumerate(_samples(clip.audio)) if abs(sample) > 0.001]
    assert loud[0] / 24000 == pytest.approx(0.5, abs=0.05)
    assert loud[-1] / 24000 == pytest.approx(2.5, abs=0.05)


def test_tags_are_read_back() -> None:
    """A player finds title, book, author, place in the book, language, genre, narrator, ISBN and the machine's mark."""
    clip = encode_clip(speech(1), TAGS)

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
def test_the_language_is_named_as_players_expect(language: str, expected: str) -> None:
    """BCP 47 becomes the three letters of ISO 639-2, and `XXX` where there are none."""
    clip = encode_clip(speech(1), replace(TAGS, language=language))

    with av.open(BytesIO(clip.audio), "r") as file:
        found = file.metadata["language"]
    assert expected == found


@pytest.mark.parametrize("kind", ["png", "mjpeg"])
def test_a_cover_is_embedded_as_it_is(kind: Literal["png", "mjpeg"]) -> None:
    """The bytes of a PNG or JPEG cover come back unchanged."""
    cover = _picture(kind)

    clip = encode_clip(speech(1), replace(TAGS, cover=cover))

    assert [cover] == _covers(clip)


@pytest.mark.parametrize(
    "cover",
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="another format"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(100), id="broken"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_cover_that_cannot_be_shown_is_left_out(cover: bytes) -> None:
    """The clip is made without it."""
    clip = encode_clip(speech(1), replace(TAGS, cover=cover))

    assert [] == _covers(clip)
    assert clip == encode_clip(speech(1), TAGS)


def test_a_truncated_cover_is_left_out() -> None:
    """A PNG whose end is missing is not embedded."""
    cover = _picture("png")

    clip = encode_clip(speech(1), replace(TAGS, cover=cover[: len(cover) // 2]))

    assert [] == _covers(clip)


def test_a_huge_cover_is_left_out() -> None:
    """A cover above 5 MB would be repeated in every clip, so none of them has it."""
    clip = encode_clip(speech(1), replace(TAGS, cover=_picture("png") + bytes(5_000_000)))

    assert [] == _covers(clip)


def test_a_small_file_cannot_fill_the_memory_as_a_cover() -> None:
    """A PNG of a few bytes that claims 60,000 by 60,000 pixels is left out."""
    clip = encode_clip(speech(1), replace(TAGS, cover=_png(60_000, b"\x00")))

    assert [] == _covers(clip)


@pytest.mark.parametrize("tagged", [False, True], ids=["bare", "each with a tag and a length"])
def test_joined_mp3_files_are_heard_to_the_end(tagged: bool) -> None:
    """Of fifty little MP3 files put end to end every one is heard: as many syllables come out as went in."""
    piece = mp3(tone(300, seconds=0.4), tagged=tagged)
    pause = mp3(silence(0.4), tagged=tagged)

    clip = encode_clip((piece + pause) * 25, TAGS)

    assert 25 == _tones(clip)


def test_joined_mp3_files_keep_their_whole_length() -> None:
    """The clip of joined MP3 streams is as long as all of them together and its silence."""
    pieces = [mp3(speech(seconds)) for seconds in (0.5, 1.0, 1.5)]

    clip = encode_clip(b"".join(pieces), TAGS)

    assert clip.seconds == pytest.approx(sum(measure(piece).seconds for piece in pieces) + 1.5, abs=0.001)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>too many requests</html>" * 100, id="an error page"),
        pytest.param(wav([], rate=24000), id="a file without sound"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(100), id="a picture"),
    ],
)
def test_what_is_no_audio_is_refused(answer: bytes) -> None:
    """An answer that cannot be decoded is unusable, and the person is told to ask again."""
    with pytest.raises(UnusableAnswer, match="cannot be decoded"):
        encode_clip(answer, TAGS)


@pytest.mark.parametrize("sound", [silence(), mp3(silence())], ids=["wav", "mp3"])
def test_silence_stays_silence(sound: bytes) -> None:
    """Nothing is amplified out of nothing, and the clip says how loud it is for a check to find."""
    assert encode_clip(sound, TAGS).loudness_lufs == -70


def test_sound_that_no_gain_makes_even_is_refused() -> None:
    """A single click in long silence is not speech and cannot reach the loudness."""
    with pytest.raises(UnusableAnswer, match="too uneven"):
        encode_clip(wav([0.0] * 24000 + [0.9] * 5 + [0.0] * 24000, rate=24000), TAGS)


def test_an_hour_is_too_long() -> None:
    """A small file that decodes to more than an hour is given up early."""
    with pytest.raises(UnusableAnswer, match="longer than an hour"):
        list(decoded(silence(3601, rate=100)))


def test_a_playlist_fetches_nothing(tmp_path: Path) -> None:
    """A list that names a file to play is not followed."""
    (tmp_path / "private.wav").write_bytes(speech(1))

    with chdir(tmp_path), pytest.raises(UnusableAnswer, match="cannot be decoded"):
        encode_clip(b"ffconcat version 1.0\nfile private.wav\n", TAGS)


def test_two_threads_make_what_one_makes() -> None:
    """The same speech gives the same bytes, next to another clip being made as well as alone."""
    sounds = [speech(2), speech(2, rate=22050, peak=0.1)]
    alone = [encode_clip(sound, TAGS) for sound in sounds]

    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda sound: encode_clip(sound, TAGS), sounds * 4))

    assert alone * 4 == together


def _samples(audio: bytes) -> list[float]:
    """The first channel, 1 is full scale."""
    with av.open(BytesIO(audio), "r") as file:
        resampler = av.AudioResampler("flt", "mono")
        frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    return [
        sample for frame in frames for sample in memoryview(frame.planes[0]).cast("B")[: 4 * frame.samples].cast("f")
    ]


def _tones(clip: EncodedClip) -> int:
    """How often sound begins after 0.1 seconds of silence."""
    loud = [position for position, sample in enumerate(_samples(clip.audio)) if abs(sample) > 0.05]
    return 1 + sum(after - before > 2400 for before, after in pairwise(loud))


def _covers(clip: EncodedClip) -> list[bytes]:
    with av.open(BytesIO(clip.audio), "r") as file:
        return [bytes(packet) for stream in file.streams.video for packet in file.demux(stream) if packet.size]


def _picture(kind: Literal["png", "mjpeg"]) -> bytes:
    context = av.CodecContext.create(kind, "w")
    context.width = context.height = 64
    context.pix_fmt = "rgb24" if kind == "png" else "yuvj420p"
    context.time_base = Fraction(1)
    picture = av.VideoFrame(64, 64, context.pix_fmt)
    return b"".join(bytes(packet) for packet in context.encode(picture) + context.encode(None))


def _png(side: int, pixels: bytes) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(pixels))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))
