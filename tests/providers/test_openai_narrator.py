"""The narrator for OpenAI-compatible speech servers."""

import asyncio
import itertools
from itertools import pairwise

import pytest

from bookbytes_pipeline.audio.speech import decode_speech
from bookbytes_pipeline.domain.errors import BookBytesError, Refused, TooLong, Unavailable
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.narrators import openai
from tests.fakes.script import Reply
from tests.fakes.server import serving
from tests.fakes.sound import mp3, spoken, transcoded
from tests.fakes.speech import SpeechServer

LONG = "\n\n".join(f"Paragraph {number} says: {'and so it goes on. ' * 40}" for number in range(6))


def speak(
    server: SpeechServer, *texts: str, key: str = "sk-test", concurrency: int = 4, max_characters: int = 1_500
) -> list[list[SpokenPiece]]:
    async def spoken(url: str) -> list[bytes]:
        async with openai.connect(
            key, f"{url}/v1", "tts-1", "alloy", 10.0, CallSlots(concurrency), max_characters
        ) as narrator:
            return await asyncio.gather(*(narrator.speak(Narration(text, "en")) for text in texts))

    with serving(server.application()) as url:
        return asyncio.run(spoken(url))


def test_the_pieces_are_complete_and_short_enough() -> None:
    """Nothing is lost between the pieces, none reaches over a paragraph's end, and none has a line break."""
    server = SpeechServer()

    [pieces] = speak(server, LONG, LONG.replace(". ", ".\n"), max_characters=500)[:1]

    ends = [number for number, piece in enumerate(pieces) if piece.ends_paragraph]
    texts = [
        " ".join(piece.text for piece in pieces[start:end]) for start, end in pairwise([0, *(n + 1 for n in ends)])
    ]
    assert [paragraph.strip() for paragraph in LONG.split("\n\n")] == texts
    assert 400 < max(map(len, server.script.texts)) <= 500
    assert not any("\n" in text for text in server.script.texts)
    assert [spoken(piece.text) for piece in pieces] == [piece.audio for piece in pieces]


def test_a_piece_that_is_too_long_is_halved_and_the_limit_remembered() -> None:
    """A server whose limit nobody told is asked for less, at the end of a sentence, and not too much again."""
    too_long = Reply(400, b'{"error": {"message": "Input is too long", "code": "string_above_max_length"}}')
    server = SpeechServer(failures={0: [too_long], 1: [too_long]})

    [pieces] = speak(server, LONG, concurrency=1)

    assert LONG.replace("\n\n", " ").split() == " ".join(piece.text for piece in pieces).split()
    assert all(piece.text.endswith(".") for piece in pieces)
    refused, *others = server.script.texts
    assert max(map(len, others[5:])) <= len(refused) // 2 + 1


def test_what_the_server_cannot_speak_at_any_length_is_an_error() -> None:
    """Halving ends, with the sentence that says what to do."""
    too_long = Reply(413, b'{"detail": "Text too long"}')
    server = SpeechServer(failures={"": itertools.repeat(too_long)})

    with pytest.raises(TooLong):
        speak(server, LONG)

    assert len(server.requests) < 60


@pytest.mark.parametrize("format_", ["wav", "flac", "ogg", "adts"])
def test_whatever_format_a_server_sends_is_taken(format_: str) -> None:
    """Many ignore `response_format`; the encoder reads what decodes."""
    recording = transcoded(mp3(2.0), format_)
    server = SpeechServer(audio=lambda _: recording)

    [[piece]] = speak(server, "Hello.")

    assert recording == piece.audio
    assert decode_speech(piece.audio).seconds == pytest.approx(2.0, abs=0.2)


def test_a_wav_file_of_unknown_length_is_read_to_its_end() -> None:
    """Servers that stream do not know the size when they send the header: they write the largest there is."""
    [[whole]] = speak(SpeechServer(audio=lambda _: transcoded(mp3(2.0), "wav")), "Hello.")
    data = whole.audio.index(b"data")
    streamed = whole.audio[:4] + b"\xff" * 4 + whole.audio[8 : data + 4] + b"\xff" * 4 + whole.audio[data + 8 :]

    assert decode_speech(streamed).seconds == decode_speech(whole.audio).seconds


def test_the_reason_of_a_server_is_passed_on() -> None:
    """Kokoro's servers put it into `detail`, with the voices they have."""
    said = (
        b'{"detail": {"error": "validation_error", "message": "Voice alloy not found. Available: af_bella, am_adam"}}'
    )
    server = SpeechServer(failures={0: [Reply(400, said)]})

    with pytest.raises(Refused, match=r"Available: af_bella, am_adam\.$"):
        speak(server, "Hello.")


def test_the_request_names_model_voice_and_format() -> None:
    """The request is for MP3 by the configured voice of the configured model."""
    server = SpeechServer()

    speak(server, "Hello.")

    assert server.requests == [{"input": "Hello.", "model": "tts-1", "voice": "alloy", "response_format": "mp3"}]


def test_a_server_without_keys_never_sees_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The OpenAI key in the environment is not sent to another server that has no key."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    server = SpeechServer()

    speak(server, "Hello.", key="")

    assert server.keys == ["Bearer none"]


def test_the_order_is_kept_when_a_chunk_is_late() -> None:
    """A chunk that had to be requested again keeps its position."""
    server = SpeechServer(
        failures={"Paragraph 0": [Reply(503), Reply(429)]},
        audio=lambda text: mp3(2.0) if "Paragraph 0" in text else mp3(1.0),
    )

    [pieces] = speak(server, LONG)

    assert [mp3(2.0), *[mp3(1.0)] * 5] == [piece.audio for piece in pieces]


def test_all_narrations_share_the_slots() -> None:
    """However many chapters are spoken, no more requests run at once than allowed."""
    server = SpeechServer(latency=0.02)

    recordings = speak(server, LONG, LONG, concurrency=3)

    assert (server.script.peak, len(recordings)) == (3, 2)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(401, b'{"error": {"message": "Incorrect API key provided: sk-abc"}}'), Refused),
        (Reply(404, b'{"error": {"message": "no such model"}}'), Refused),
        (Reply(429, b'{"error": {"message": "slow down"}}'), Unavailable),
        (Reply(500), Unavailable),
    ],
)
def test_an_error_of_the_server_is_translated(reply: Reply, expected: type[BookBytesError]) -> None:
    """The server's message becomes our error, without the key it may repeat."""
    server = SpeechServer(failures={"Hello": itertools.repeat(reply)})

    with pytest.raises(expected) as failure:
        speak(server, "Hello.")

    assert "sk-" not in str(failure.value)


@pytest.mark.parametrize("body", [b'{"error": "no such voice"}', b"<html></html>"])
def test_a_text_instead_of_sound_is_refused(body: bytes) -> None:
    """A page or a message with status 200 is not a recording; the error names the settings."""
    server = SpeechServer(failures={0: [Reply(body=body)]})

    with pytest.raises(Refused, match="Check TTS_BASE_URL, TTS_MODEL and TTS_VOICE"):
        speak(server, "Hello.")

    assert 1 == len(server.requests)


@pytest.mark.parametrize("reply", [Reply(), Reply(body=mp3(1.0), cut=1000)])
def test_an_empty_or_truncated_recording_is_requested_again(reply: Reply) -> None:
    """Neither an empty body nor half a recording is accepted."""
    server = SpeechServer(failures={0: [reply]}, audio=lambda _: mp3(2.0))

    [[piece]] = speak(server, "Hello.")

    assert mp3(2.0) == piece.audio
