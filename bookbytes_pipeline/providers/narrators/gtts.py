"""Google Translate's voice: gTTS words the requests, cutting the text and sending are ours.

gTTS would cut Thai inside a syllable, check no certificate, wait for ever, open a connection for every part (at most
100 characters, so some thirty in a chapter), and silently leave a part out of the audio when a captcha page comes
instead of it.
"""

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from bookbytes_pipeline.domain.errors import Refused, Unavailable
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece, Voice
from bookbytes_pipeline.domain.provider_usage import Unit
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.http_body import read_body
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.narrators.gtts_answers import Answer, speech_in
from bookbytes_pipeline.providers.narrators.languages import closest
from bookbytes_pipeline.providers.narrators.text_chunks import TextPiece, gather_ordered, text_pieces
from bookbytes_pipeline.providers.retries import with_retries

GOOGLE = "https://translate.google.com"

_PATH = "/_/TranslateWebserverUi/data/batchexecute"
MAX_PART_CHARS = 100
"""Google answers nothing for more."""
_REQUEST_TIMEOUT_S = 30.0
_MAX_ANSWER_BYTES = 2_000_000
"""A hundred characters spoken very slowly are a tenth of this."""


@asynccontextmanager
async def connect(base_url: str, slots: CallSlots) -> "AsyncIterator[GoogleTranslateNarrator]":
    """The narrator on the server at `base_url` (`GOOGLE`), with one of `slots` for each request."""
    from gtts import gTTS  # noqa: PLC0415 - brings requests along, which only those who speak need

    limits = httpx.Limits(max_connections=slots.limit, max_keepalive_connections=slots.limit)
    headers = {**gTTS.GOOGLE_TTS_HEADERS, "Accept-Encoding": "identity"}
    async with httpx.AsyncClient(headers=headers, timeout=_REQUEST_TIMEOUT_S, limits=limits) as client:
        yield GoogleTranslateNarrator(client, httpx.URL(base_url.rstrip("/") + _PATH), slots)


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    body: str


class GoogleTranslateNarrator:
    """Speaks with the voice of translate.google.com, one part after the other as MP3."""

    name = "gtts"

    def __init__(self, client: httpx.AsyncClient, url: httpx.URL, slots: CallSlots) -> None:
        self.voice = url.host
        self.meter = Meter(self.name, self.voice)
        self._client = client
        self._url = url
        self._slots = slots

    async def speak(self, narration: Narration) -> list[SpokenPiece]:
        """The narration as MP3; see the port. The parts of all narrations are sent in the order they are asked for."""
        pieces = text_pieces(narration, MAX_PART_CHARS)
        parts = [_part(piece, _google_language(narration.language)) for piece in pieces]
        recordings = await gather_ordered(with_retries(functools.partial(self._ask, part)) for part in parts)
        return [
            SpokenPiece(piece.text, recording, piece.ends_paragraph)
            for piece, recording in zip(pieces, recordings, strict=True)
        ]

    async def _ask(self, part: _Part) -> bytes:
        async with self._slots.slot():
            with self.meter.call() as cost:
                speech = speech_in(await self._send(part.body), part.text)
                cost.add(Unit.CHARACTERS, len(part.text))
                return speech

    async def _send(self, request: str) -> Answer:
        try:
            async with (
                asyncio.timeout(
                    _REQUEST_TIMEOUT_S
                ),  # httpx's own is per read: a server that drips would hold a slot for ever
                self._client.stream("POST", self._url, content=request) as response,
            ):
                body = await read_body(response.aiter_raw(), _MAX_ANSWER_BYTES, "Google Translate")
                return Answer(response.status_code, response.headers, body)
        except (httpx.HTTPError, TimeoutError) as error:
            raise _unreachable(self._url.host, error) from error


def languages() -> list[Voice]:
    """Return the voices: one for each language, which is how it is chosen."""
    from gtts.lang import tts_langs  # noqa: PLC0415 - as above

    return [Voice(name, tag) for tag, name in tts_langs().items()]


def _google_language(tag: str) -> str:
    from gtts.lang import tts_langs  # noqa: PLC0415 - as above

    return closest(tag, tts_langs(), "Google Translate")


def _part(piece: TextPiece, language: str) -> _Part:
    """The request that gTTS would send for a piece of text, which is short enough for it not to cut it again.

    Of what gTTS does to a text before, only the step is kept that makes none longer: `Mr.` becomes `Mr`.
    """
    from gtts import gTTS  # noqa: PLC0415 - as above
    from gtts.tokenizer.pre_processors import abbreviations  # noqa: PLC0415 - as above

    [body] = gTTS(piece.text, lang=language, lang_check=False, pre_processor_funcs=[abbreviations]).get_bodies()
    return _Part(piece.text, body)


def _unreachable(host: str, error: Exception) -> Refused | Unavailable:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Refused(f"{host} has a TLS certificate that cannot be trusted. Check the network.")
    return Unavailable(
        f"{host} does not answer. Check the network, try again later, or set TTS_PROVIDER=espeak, which needs none."
    )
