"""The Google Translate narrator, against recorded responses of Google."""

import asyncio
import itertools
import json
from pathlib import Path

import pytest

from bookbytes_pipeline.domain.errors import BookBytesError, Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.narrators import gtts
from tests.conformance.shared import SHARED, needs_shared_data
from tests.fakes.google_translate import GoogleTranslate
from tests.fakes.script import Reply
from tests.fakes.server import serving

GTTS = SHARED / "gtts"

pytestmark = needs_shared_data

EXPECTED: dict[str, type[BookBytesError] | None] = {
    "ok_plain.txt": None,
    "ok_chunked_rt_c.txt": None,
    "null_audio.txt": UnusableAnswer,
    "refused_13.txt": UnusableAnswer,
    "unexpected_value.txt": UnusableAnswer,
    "empty.txt": UnusableAnswer,
    "sorry_captcha.html": Unavailable,
}


def speak(google: GoogleTranslate, text: str) -> bytes:
    async def spoken(url: str) -> bytes:
        async with gtts.connect(url, CallSlots(1)) as narrator:
            [piece] = await narrator.speak(Narration(text, "en"))
            return piece.audio

    with serving(google.application()) as url:
        return asyncio.run(spoken(url))


def responding_with(name: str, status: int) -> GoogleTranslate:
    reply = Reply(status, (GTTS / "responses" / name).read_bytes())
    return GoogleTranslate(failures={"Hello": itertools.repeat(reply)})


def responses() -> list[dict[str, object]]:
    listing: list[dict[str, object]] = json.loads((GTTS / "responses" / "index.json").read_text())["responses"]
    return listing


def test_every_recorded_response_is_tested() -> None:
    """No recorded response is left out of these tests."""
    assert set(EXPECTED) == {Path(str(response["file"])).name for response in responses()}


@pytest.mark.parametrize("name", [name for name, error in EXPECTED.items() if error is None])
def test_audio_is_read_from_both_response_formats(name: str) -> None:
    """Both the plain and the chunked response contain the second of silence that was put into them."""
    recording = speak(responding_with(name, 200), "Hello.")

    assert (GTTS / "responses" / "silence_1s.mp3").read_bytes() == recording


@pytest.mark.parametrize(("name", "error"), [(name, error) for name, error in EXPECTED.items() if error])
def test_a_response_without_audio_is_an_error(name: str, error: type[BookBytesError]) -> None:
    """With its recorded status, the response raises the expected error."""
    [status] = [int(str(response["http_status"])) for response in responses() if str(response["file"]).endswith(name)]

    with pytest.raises(error) as failure:
        speak(responding_with(name, status), "Hello.")

    assert error is failure.type


@pytest.mark.parametrize("status", [200, 429, 503])
def test_the_captcha_page_is_a_block_with_any_status(status: int) -> None:
    """The captcha page has been served with three statuses over the years."""
    with pytest.raises(Unavailable, match="blocks requests"):
        speak(responding_with("sorry_captcha.html", status), "Hello.")


def test_the_request_body_is_that_of_gtts() -> None:
    """Byte for byte, for a text with quotes, an abbreviation, an ampersand and a percent sign."""
    request = json.loads((GTTS / "request.json").read_text())
    google = GoogleTranslate()

    speak(google, request["text_of_example"])

    assert [request["body_example"]] == google.bodies
