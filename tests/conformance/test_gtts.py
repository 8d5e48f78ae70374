"""The narrator on Google Translate, against answers that Google has given."""

import asyncio
import itertools
import json
from pathlib import Path

import pytest

from bookbytes_pipeline.domain.errors import BookBytesError, Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.providers.narrators import gtts
from tests.conformance.shared import SHARED, needs_shared_data
from tests.fakes.google_translate import GoogleTranslate
from tests.fakes.script import Reply
from tests.fakes.server import serving

GTTS = SHARED / "gtts"

pytestmark = needs_shared_data

MEANING: dict[str, type[BookBytesError] | None] = {
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
        async with gtts.connect(url, 1) as narrator:
            return await narrator.speak(Narration(text, "en"))

    with serving(google.application()) as url:
        return asyncio.run(spoken(url))


def answering(name: str, status: int) -> GoogleTranslate:
    reply = Reply(status, (GTTS / "responses" / name).read_bytes())
    return GoogleTranslate(failures={"Hello": itertools.repeat(reply)})


def responses() -> list[dict[str, object]]:
    listing: list[dict[str, object]] = json.loads((GTTS / "responses" / "index.json").read_text())["responses"]
    return listing


def test_every_answer_in_the_collection_has_a_meaning_here() -> None:
    """None of the collected answers is left out of these tests."""
    assert set(MEANING) == {Path(str(response["file"])).name for response in responses()}


@pytest.mark.parametrize("name", [name for name, error in MEANING.items() if error is None])
def test_audio_is_taken_from_either_form_of_answer(name: str) -> None:
    """Both the plain answer and the one in chunks hold the second of silence that was put into them."""
    recording = speak(answering(name, 200), "Hello.")

    assert (GTTS / "responses" / "silence_1s.mp3").read_bytes() == recording


@pytest.mark.parametrize(("name", "error"), [(name, error) for name, error in MEANING.items() if error])
def test_an_answer_without_audio_is_an_error(name: str, error: type[BookBytesError]) -> None:
    """With the status that it came with, the answer means what it should."""
    [status] = [int(str(response["http_status"])) for response in responses() if str(response["file"]).endswith(name)]

    with pytest.raises(error) as failure:
        speak(answering(name, status), "Hello.")

    assert error is failure.type


@pytest.mark.parametrize("status", [200, 429, 503])
def test_the_captcha_page_is_a_block_under_any_status(status: int) -> None:
    """The page that asks for a captcha has come with three statuses over the years."""
    with pytest.raises(Unavailable, match="blocks requests"):
        speak(answering("sorry_captcha.html", status), "Hello.")


def test_the_body_sent_is_the_one_that_gtts_sends() -> None:
    """Byte for byte, for a text with quotes, an abbreviation, an ampersand and a percent sign."""
    request = json.loads((GTTS / "request.json").read_text())
    google = GoogleTranslate()

    speak(google, request["text_of_example"])

    assert [request["body_example"]] == google.bodies
