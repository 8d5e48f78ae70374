"""The voices of a speech server, in the forms in which servers list them."""

import asyncio
from typing import Literal, get_args, get_origin

import pytest
from openai.types.audio import speech_create_params

from bookbytes_pipeline.domain.errors import Refused, Unavailable
from bookbytes_pipeline.domain.narration import Voice, VoiceList
from bookbytes_pipeline.providers.narrators.openai_voices import list_voices
from tests.fakes.script import Reply
from tests.fakes.server import serving
from tests.fakes.speech import SpeechServer

CONFIGURED = Voice("alloy", None)


def voices_of(server: SpeechServer, key: str = "") -> VoiceList:
    with serving(server.application()) as url:
        return asyncio.run(list_voices(key, f"{url}/v1", "tts-1", CONFIGURED.name))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"voices": ["af_sky", "am_adam"]}', [Voice("af_sky", None), Voice("am_adam", None)]),
        (b'["af_sky"]', [Voice("af_sky", None)]),
        (
            b'{"voices": [{"id": "v1", "name": "A", "language": "en_gb"}, {"name": "Jo", "lang": "de"}, {"x": 1}, 7]}',
            [Voice("v1", "en-GB"), Voice("Jo", "de")],
        ),
        (b'{"data": [{"voice_id": "v1", "locale": "not a tag"}]}', [Voice("v1", None)]),
        (b"<html>", [CONFIGURED]),
        (b'{"voices": []}', [CONFIGURED]),
        (b"[" * 100_000, [CONFIGURED]),
    ],
)
def test_the_usual_forms_are_read(body: bytes, expected: list[Voice]) -> None:
    """Names, or objects with a name and perhaps a language; of anything else the configured voice is left."""
    listed = voices_of(SpeechServer(voices=Reply(200, body)))

    assert (tuple(expected), expected != [CONFIGURED]) == (listed.voices, listed.complete)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_a_list_has_the_configured_voice(status: int) -> None:
    """It may have others."""
    assert VoiceList("openai", (CONFIGURED,), complete=False) == voices_of(SpeechServer(voices=Reply(status, b"{}")))


def test_openai_itself_is_not_asked() -> None:
    """It has no such request; its voices are those that its own client knows."""
    listed = asyncio.run(list_voices("", "https://api.openai.com/v1", "tts-1", "alloy"))
    known = next(get_args(option) for option in get_args(speech_create_params.Voice) if get_origin(option) is Literal)

    assert (sorted(known), False) == ([voice.name for voice in listed.voices], listed.complete)


@pytest.mark.parametrize(("status", "error"), [(401, Refused), (503, Unavailable)])
def test_an_error_is_told(status: int, error: type[Exception]) -> None:
    """A refused key is not an empty list."""
    with pytest.raises(error, match=r"[Tt]he speech server"):
        voices_of(SpeechServer(voices=Reply(status, b"{}")))


def test_nobody_there_is_an_error() -> None:
    """The sentence says what to check."""
    with pytest.raises(Unavailable, match="cannot be reached"):
        asyncio.run(list_voices("", "http://127.0.0.1:9/v1", "tts-1", "alloy"))


@pytest.mark.parametrize(("key", "sent"), [("sk-test", "Bearer sk-test"), ("", "")])
def test_the_key_is_sent_only_where_there_is_one(key: str, sent: str) -> None:
    """As for speech."""
    server = SpeechServer(voices=Reply(200, b"[]"))

    voices_of(server, key)

    assert [sent] == server.keys
