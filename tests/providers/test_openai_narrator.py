"""The narrator on a speech server of OpenAI's kind."""

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


def test_a_narration_becomes_one_recording_that_decodes() -> None:
    """A text of several pieces is heard from the first to the last."""
    server = SpeechServer()

    [recording] = speak(server, LONG)

    assert 2 * len(server.requests) == int(seconds_of(recording))


def test_the_pieces_are_the_text_and_short_enough() -> None:
    """Nothing is lost between the pieces, and each ends with a paragraph."""
    server = SpeechServer()

    speak(server, LONG, concurrency=1)

    paragraphs = [paragraph.strip() for text in server.script.texts for paragraph in text.split("\n\n")]
    assert [paragraph.strip() for paragraph in LONG.split("\n\n")] == paragraphs
    assert max(map(len, server.script.texts)) <= openai.MAX_CHUNK_CHARS


def test_the_request_names_model_voice_and_format() -> None:
    """The server is asked for MP3 by the chosen voice of the chosen model."""
    server = SpeechServer()

    speak(server, "Hello.")

    assert server.requests == [{"input": "Hello.", "model": "tts-1", "voice": "alloy", "response_format": "mp3"}]


def test_a_server_without_keys_is_not_shown_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of OpenAI in the environment stays here when another server is asked without a key."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    server = SpeechServer()

    speak(server, "Hello.", key="")

    assert server.keys == ["Bearer none"]


def test_the_order_is_kept_when_a_piece_comes_late() -> None:
    """A piece that had to be asked for again still stands in its place."""
    server = SpeechServer(
        failures={"Paragraph 0": [Reply(503), Reply(429)]},
        audio=lambda text: mp3(2.0) if "Paragraph 0" in text else mp3(1.0),
    )

    [recording] = speak(server, LONG)

    assert recording.startswith(mp3(2.0) + mp3(1.0))


def test_all_narrations_share_the_slots() -> None:
    """However many chapters are spoken, no more requests are under way than allowed."""
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
def test_an_error_of_the_server_is_told_as_ours(reply: Reply, expected: type[BookBytesError]) -> None:
    """What the server says becomes our error, without the key it may repeat."""
    server = SpeechServer(failures={"Hello": itertools.repeat(reply)})

    with pytest.raises(expected) as failure:
        speak(server, "Hello.")

    assert "sk-" not in str(failure.value)


@pytest.mark.parametrize("body", [b'{"error": "no such voice"}', b"<html></html>", b"RIFF....WAVEfmt "])
def test_what_is_no_mp3_is_refused(body: bytes) -> None:
    """A page, a message or another format with status 200 is not kept as a recording; the settings are named."""
    server = SpeechServer(failures={0: [Reply(body=body)]})

    with pytest.raises(Refused, match="Check TTS_BASE_URL, TTS_MODEL and TTS_VOICE"):
        speak(server, "Hello.")

    assert 1 == len(server.requests)


@pytest.mark.parametrize("reply", [Reply(), Reply(body=mp3(1.0), cut=1000)])
def test_an_empty_or_broken_recording_is_asked_for_again(reply: Reply) -> None:
    """Neither nothing nor half of a recording is taken for a whole one."""
    server = SpeechServer(failures={0: [reply]}, audio=lambda _: mp3(2.0))

    recordings = speak(server, "Hello.")

    assert [mp3(2.0)] == recordings
