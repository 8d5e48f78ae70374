"""The Google Translate narrator, against a fake of Google's server."""

import asyncio
import itertools
import ssl
import subprocess
from pathlib import Path

import pytest
from aiohttp import web
from gtts import gTTS

from bookbytes_pipeline.domain.errors import Refused, Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.providers.narrators import gtts
from tests.fakes.google_translate import (
    CAPTCHA,
    CAPTCHA_REDIRECT,
    NO_AUDIO,
    REFUSED,
    TOO_MANY,
    GoogleTranslate,
)
from tests.fakes.script import Reply
from tests.fakes.server import serving
from tests.fakes.sound import mp3, seconds_of

CHAPTER = """Economy.

Thoreau goes to the woods (in 1845) to live deliberately; he builds a house, plants beans, and counts the costs.

“Simplify, simplify!”

What does a man need? Food, shelter, clothing and fuel: 28 dollars and 12 cents, he says, and paid for all of it."""


def speak(google: GoogleTranslate, *texts: str, language: str = "en", concurrency: int = 4) -> list[bytes]:
    async def spoken(url: str) -> list[bytes]:
        async with gtts.connect(url, concurrency) as narrator:
            return await asyncio.gather(*(narrator.speak(Narration(text, language)) for text in texts))

    with serving(google.application()) as url:
        return asyncio.run(spoken(url))


def test_a_chapter_becomes_one_decodable_recording() -> None:
    """The recording contains every part that Google spoke."""
    google = GoogleTranslate()

    [recording] = speak(google, CHAPTER)

    assert round(len(google.script.texts) * seconds_of(mp3(0.3)), 3) == round(seconds_of(recording), 3)


def test_the_requests_are_those_of_gtts() -> None:
    """The bodies are those that gTTS would send, byte for byte and in the same order."""
    text = CHAPTER.replace("“", "").replace("”", "")
    google = GoogleTranslate()

    speak(google, text, concurrency=1)

    assert gTTS(text, lang="en").get_bodies() == google.bodies


def test_a_single_quotation_mark_is_not_sent() -> None:
    """GTTS creates a part of only a closing quotation mark here, for which Google has no audio."""
    google = GoogleTranslate()

    speak(google, CHAPTER)

    cut = gTTS(CHAPTER, lang="en").get_bodies()
    assert (len(cut) - 1, False) == (len(google.bodies), "”" in google.script.texts)


def test_the_order_is_kept_when_a_part_is_late() -> None:
    """A part that had to be requested again keeps its position."""
    google = GoogleTranslate(
        failures={"first": [NO_AUDIO, TOO_MANY]},
        audio=lambda text: mp3(0.9) if "first" in text else mp3(0.3),
    )
    text = f"The very first sentence of it. {'And then another one of them. ' * 5}"

    [recording] = speak(google, text)

    assert mp3(0.9) + 5 * mp3(0.3) == recording


def test_a_part_waiting_for_a_retry_lets_others_pass() -> None:
    """With a single slot, a failed part is retried after all that were waiting."""
    healthy, failing = GoogleTranslate(), GoogleTranslate(failures={0: [NO_AUDIO]})

    speak(healthy, CHAPTER, concurrency=1)
    speak(failing, CHAPTER, concurrency=1)

    assert [*healthy.script.texts, healthy.script.texts[0]] == failing.script.texts


def test_all_narrations_share_the_slots() -> None:
    """However many chapters are spoken, no more requests run at once than allowed."""
    google = GoogleTranslate(latency=0.01)

    recordings = speak(google, CHAPTER, CHAPTER, CHAPTER, concurrency=3)

    assert (google.script.peak, len(recordings)) == (3, 3)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (NO_AUDIO, UnusableAnswer),
        (REFUSED, UnusableAnswer),
        (Reply(), UnusableAnswer),
        (Reply(body=b'[["wrb.fr","jQ1olc","[\\"//NEx\\"]"'), UnusableAnswer),
        (Reply(body=b'[["wrb.fr","jQ1olc","[\\"aGVsbG8gd29ybGQh\\"]"'), UnusableAnswer),
        (Reply(body=b"<html><body>Sign in to this network</body></html>"), UnusableAnswer),
        (CAPTCHA, Unavailable),
        (CAPTCHA_REDIRECT, Unavailable),
        (TOO_MANY, Unavailable),
        (Reply(503), Unavailable),
        (Reply(500), Unavailable),
        (Reply(403), Refused),
        (Reply(404), Refused),
        (Reply(302, headers={"Location": "https://127.0.0.1:1/elsewhere"}), Refused),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else f"{value.status} {value.body[:40]!r}",
)
def test_a_part_without_audio_fails_the_narration(reply: Reply, expected: type[Exception]) -> None:
    """Whatever Google sends instead of MP3, there is no recording with a gap."""
    google = GoogleTranslate(failures={"beans": itertools.repeat(reply)})

    with pytest.raises(expected) as failure:
        speak(google, CHAPTER)

    assert expected is failure.type


@pytest.mark.parametrize("reply", [CAPTCHA, CAPTCHA_REDIRECT, TOO_MANY, Reply(503)])
def test_a_block_says_what_to_do(reply: Reply) -> None:
    """The message says how long Google blocks and which settings help."""
    google = GoogleTranslate(failures={0: [Reply(reply.status, reply.body, {**reply.headers, "Retry-After": "3600"})]})

    with pytest.raises(Unavailable) as failure:
        speak(google, "Hello.")

    found = [words in str(failure.value) for words in ("minutes to hours", "MAX_CONCURRENT_TTS_CALLS", "TTS_PROVIDER")]
    assert (found, failure.value.retry_after) == ([True, True, True], 3600.0)


def test_a_failing_part_ends_its_narration_only() -> None:
    """The parts after a refusal are not requested any more; another chapter's still are."""
    google = GoogleTranslate(failures={"Economy": [Reply(403)]})

    async def both(url: str) -> list[bytes | BaseException]:
        async with gtts.connect(url, 1) as narrator:
            speaking = (narrator.speak(Narration(text, "en")) for text in (CHAPTER, "Another chapter."))
            return await asyncio.gather(*speaking, return_exceptions=True)

    with serving(google.application()) as url:
        [failure, recording] = asyncio.run(both(url))

    assert (Refused, mp3(0.3), 2) == (type(failure), recording, len(google.script.texts))


def test_a_broken_connection_is_retried() -> None:
    """A request is retried if the server closes the connection in the middle of a response."""
    google = GoogleTranslate(failures={0: [Reply(body=b")]}'", cut=1000)]})

    recordings = speak(google, "Hello.")

    assert [mp3(0.3)] == recordings


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("zh-Hans", "zh-CN"),
        ("zh-Hant", "zh-TW"),
        ("pt-BR", "pt"),
        ("pt-PT", "pt-PT"),
        ("nb", "no"),
        ("he", "iw"),
        ("fr-CA", "fr-CA"),
        ("de-AT", "de"),
    ],
)
def test_a_language_tag_becomes_googles_code(tag: str, code: str) -> None:
    """A BCP 47 tag is spoken in the closest language that Google has."""
    google = GoogleTranslate()

    speak(google, "Hello.", language=tag)

    assert {code} == google.languages


@pytest.mark.parametrize("tag", ["tlh", "br", "und", "not a tag", ""])
def test_a_language_google_does_not_speak_is_refused_by_name(tag: str) -> None:
    """No book is spoken by a voice of another language."""
    google = GoogleTranslate()

    with pytest.raises(Refused, match=f"Google Translate does not speak the language '{tag}'"):
        speak(google, "Hello.", language=tag)

    assert google.bodies == []


@pytest.mark.parametrize("text", ["", " \n ", "…!", "— “”", "word " * 10_001])
def test_a_text_that_cannot_be_spoken_is_refused(text: str) -> None:
    """An empty text, or one that is far too long, costs no request."""
    google = GoogleTranslate()

    with pytest.raises(Refused):
        speak(google, text)

    assert google.bodies == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a self-signed certificate for 127.0.0.1, with its key."""
    pem = tmp_path_factory.mktemp("tls") / "self-signed.pem"
    try:
        subprocess.run(_openssl(pem), check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl command to make a certificate with")
    return pem


def _openssl(pem: Path) -> list[str]:
    command = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout {pem} -out {pem}.crt"
    )
    return [*command.split(), "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]


async def _speak_over_tls(google: GoogleTranslate, certificate: Path) -> bytes:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(f"{certificate}.crt", certificate)
    runner = web.AppRunner(google.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        async with gtts.connect(f"https://127.0.0.1:{runner.addresses[0][1]}", 1) as narrator:
            return await narrator.speak(Narration("Hello.", "en"))
    finally:
        await runner.cleanup()


def test_a_server_without_a_trusted_certificate_is_refused(certificate: Path) -> None:
    """TLS is verified: an attacker on the network cannot answer instead of Google."""
    google = GoogleTranslate()

    with pytest.raises(Refused, match="TLS certificate that cannot be trusted"):
        asyncio.run(_speak_over_tls(google, certificate))

    assert google.bodies == []


def test_a_server_with_a_trusted_certificate_is_used(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same server is used once its certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")

    recording = asyncio.run(_speak_over_tls(GoogleTranslate(), certificate))

    assert mp3(0.3) == recording
