"""The narrator for OpenAI-compatible speech servers."""

import asyncio
import itertools

import pytest

from bookbytes_pipeline.domain.errors import BookBytesError, Refused, Unavailable
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.providers.narrators import openai
from tests.fakes.script import Reply
from tests.fakes.server import serving
from tests.fakes.sound import mp3, seconds_of
from tests.fakes.speech import SpeechServer

LONG = "\n\n".join(f"Paragraph {number} says: {'and so it goes on. ' * 40}" for number in range(6))


def speak(server: SpeechServer, *texts: str, key: str = "sk-test", concurrency: int = 4) -> list[bytes]:
    async def spoken(url: str) -> list[bytes]:
        async with openai.connect(key, f"{url}/v1", "tts-1", "alloy", 10.0, concurrency) as narrator:
            return await asyncio.gather(*(narrator.speak(Narration(text, "en")) for text in texts))

    with serving(server.application()) as url:
        return asyncio.run(spoken(url))


def test_a_narration_becomes_one_decodable_recording() -> None:
    """A text of several chunks is spoken from the first to the last."""
    server = SpeechServer()

    [recording] = speak(server, LONG)

    assert 2 * len(server.requests) == int(seconds_of(recording))


def test_the_chunks_are_complete_and_short_enough() -> None:
    """Nothing is lost between the chunks, and each ends with a paragraph."""
    server = SpeechServer()

    speak(server, LONG, concurrency=1)

    paragraphs = [paragraph.strip() for text in server.script.texts for paragraph in text.split("\n\n")]
    assert [paragraph.strip() for paragraph in LONG.split("\n\n")] == paragraphs
    assert max(map(len, server.script.texts)) <= openai.MAX_CHUNK_CHARS


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

    [recording] = speak(server, LONG)

    assert recording.startswith(mp3(2.0) + mp3(1.0))


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


@pytest.mark.parametrize("body", [b'{"error": "no such voice"}', b"<html></html>", b"RIFF....WAVEfmt "])
def test_a_response_that_is_not_mp3_is_refused(body: bytes) -> None:
    """A page, a message or another format with status 200 is not a recording; the error names the settings."""
    server = SpeechServer(failures={0: [Reply(body=body)]})

    with pytest.raises(Refused, match="Check TTS_BASE_URL, TTS_MODEL and TTS_VOICE"):
        speak(server, "Hello.")

    assert 1 == len(server.requests)


@pytest.mark.parametrize("reply", [Reply(), Reply(body=mp3(1.0), cut=1000)])
def test_an_empty_or_truncated_recording_is_requested_again(reply: Reply) -> None:
    """Neither an empty body nor half a recording is accepted."""
    server = SpeechServer(failures={0: [reply]}, audio=lambda _: mp3(2.0))

    recordings = speak(server, "Hello.")

    assert [mp3(2.0)] == recordings
