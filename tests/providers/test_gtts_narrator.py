"""The Google Translate narrator, against a fake of Google's server."""

import asyncio
import itertools
import ssl
import subprocess
import unicodedata
from itertools import accumulate
from pathlib import Path

import pytest
from aiohttp import web
from gtts import gTTS
from icu4py.breakers import WordBreaker

from bookbytes_pipeline.domain.errors import Refused, Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.providers.call_slots import CallSlots
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
from tests.fakes.sound import mp3, spoken, spoken_seconds

CHAPTER = """Economy.

Thoreau goes to the woods (in 1845) to live deliberately; he builds a house, plants beans, and counts the costs.

“Simplify, simplify!”

What does a man need? Food, shelter, clothing and fuel: 28 dollars and 12 cents, he says, and paid for all of it."""


def speak(google: GoogleTranslate, *texts: str, language: str = "en", concurrency: int = 4) -> list[list[SpokenPiece]]:
    async def spoken(url: str) -> list[bytes]:
        async with gtts.connect(url, CallSlots(concurrency)) as narrator:
            return await asyncio.gather(*(narrator.speak(Narration(text, language)) for text in texts))

    with serving(google.application()) as url:
        return asyncio.run(spoken(url))


def test_every_part_becomes_a_decodable_recording() -> None:
    """What Google was asked for, in order, is the text; every part of it lasts as long as Google spoke."""
    google = GoogleTranslate()

    [pieces] = speak(google, CHAPTER, concurrency=1)

    assert google.script.texts == [piece.text for piece in pieces]
    assert " ".join(CHAPTER.split()) == " ".join(google.script.texts)
    assert spoken_seconds(pieces) == pytest.approx(sum(max(0.3, len(piece.text) / 24) for piece in pieces), rel=0.05)


def test_small_parts_are_joined() -> None:
    """As few requests as a hundred characters each allow within a paragraph: gTTS itself would send 17 here."""
    sentences = "Rivers rise. They meet, and part: some dry up; others flood. What then? " * 3
    google = GoogleTranslate()

    speak(google, f"Rivers.\n\n{sentences}")

    assert 17 == len(gTTS(f"Rivers. {sentences}", lang="en").get_bodies()) - 2
    assert 4 == len(google.bodies)
    assert max(map(len, google.script.texts)) <= gtts.MAX_PART_CHARS


def test_the_requests_are_those_of_gtts() -> None:
    """For each part the body is what gTTS would send for it, byte for byte."""
    google = GoogleTranslate()

    speak(google, f"Mr. Thoreau (in 1845)\n\n{'He says that “simple” costs 28 dollars & 12 cents; half is paid. ' * 3}")

    assert [body for text in google.script.texts for body in gTTS(text, lang="en").get_bodies()] == google.bodies


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("th", "แม่น้ำไหลจากภูเขาลงสู่ทะเลและเมืองต่างๆก็เติบโตขึ้นตามริมฝั่งของมันเพราะน้ำนั้นให้ชีวิตแก่ผู้คนและสัตว์ทั้งหลายที่อาศัยอยู่ใกล้เคียง"),
        ("km", "ទន្លេហូរពីភ្នំទៅសមុទ្រហើយទីក្រុងនានារីកចម្រើននៅតាមច្រាំងរបស់វាពីព្រោះទឹកផ្តល់ជីវិតដល់មនុស្សនិងសត្វទាំងអស់ដែលរស់នៅជិតនោះ"),
    ],
)
def test_a_script_without_spaces_is_cut_between_words(language: str, text: str) -> None:
    """Where a dictionary ends a word: never before a vowel sign or a tone mark, which would change the syllable."""
    google = GoogleTranslate()

    speak(google, text, language=language, concurrency=1)

    parts = google.script.texts
    assert (text, 2) == ("".join(parts), len(parts))
    assert not unicodedata.category(parts[1][0]).startswith("M")
    assert len(parts[0]) in accumulate(map(len, WordBreaker(text, language)))


def test_the_order_is_kept_when_a_part_is_late() -> None:
    """A part that had to be requested again keeps its position."""
    google = GoogleTranslate(
        failures={"first": [NO_AUDIO, TOO_MANY]},
        audio=lambda text: mp3(0.9) if "first" in text else mp3(0.3),
    )
    text = f"The very first paragraph of it. {'It goes on. ' * 5}\n\n{'And then comes another sentence of them. ' * 4}"

    [pieces] = speak(google, text)

    assert [mp3(0.9), mp3(0.3), mp3(0.3)] == [piece.audio for piece in pieces]


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

    async def both(url: str) -> list[list[SpokenPiece] | BaseException]:
        async with gtts.connect(url, CallSlots(1)) as narrator:
            speaking = (narrator.speak(Narration(text, "en")) for text in (CHAPTER, "Another chapter."))
            return await asyncio.gather(*speaking, return_exceptions=True)

    with serving(google.application()) as url:
        [failure, pieces] = asyncio.run(both(url))

    spoken_text = SpokenPiece("Another chapter.", spoken("Another chapter."))
    assert (Refused, [spoken_text], 2) == (type(failure), pieces, len(google.script.texts))


def test_a_broken_connection_is_retried() -> None:
    """A request is retried if the server closes the connection in the middle of a response."""
    google = GoogleTranslate(failures={0: [Reply(body=b")]}'", cut=1000)]})

    [[piece]] = speak(google, "Hello.")

    assert mp3(0.3) == piece.audio


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


async def _speak_over_tls(google: GoogleTranslate, certificate: Path) -> list[SpokenPiece]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(f"{certificate}.crt", certificate)
    runner = web.AppRunner(google.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        async with gtts.connect(f"https://127.0.0.1:{runner.addresses[0][1]}", CallSlots(1)) as narrator:
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

    [piece] = asyncio.run(_speak_over_tls(GoogleTranslate(), certificate))

    assert mp3(0.3) == piece.audio
