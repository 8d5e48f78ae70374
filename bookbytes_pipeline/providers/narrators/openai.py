"""Any server that speaks as OpenAI's `/v1/audio/speech` does, asked through the official package."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bookbytes_pipeline.domain.errors import Refused, TooLong, Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.domain.provider_usage import Unit
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.http_body import read_body
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.models.openai_errors import to_provider_error
from bookbytes_pipeline.providers.narrators.text_chunks import TextPiece, gather_ordered, split_text, text_pieces
from bookbytes_pipeline.providers.openai_client import client_when_needed
from bookbytes_pipeline.providers.retries import with_retries

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MIN_PIECE_CHARS = 40
"""A server that finds half a sentence too long will not speak a book."""

_MAX_ANSWER_BYTES = 64_000_000
"""4,096 characters spoken slowly are ten minutes, and 58 MB as uncompressed sound of 48 kHz."""
_TEXT_TYPES = ("application/json", "text/")

_SERVER = "The speech server"


@asynccontextmanager
async def connect(
    api_key: str,
    base_url: str,
    model: str,
    voice: str,
    timeout: float,  # noqa: ASYNC109 - of each request, not of this call
    slots: CallSlots,
    max_characters: int = 1_500,
) -> "AsyncIterator[OpenAISpeechNarrator]":
    """The narrator at `base_url` (ending in `/v1`), `timeout` seconds and one of `slots` a piece.

    `api_key` is empty for a server that wants none. A piece has at most `max_characters`.
    """
    async with client_when_needed(api_key, base_url, timeout) as client:
        yield OpenAISpeechNarrator(client, model, voice, timeout, slots, max_characters)


class OpenAISpeechNarrator:
    """Speaks with one voice of one speech model."""

    name = "openai"

    def __init__(
        self,
        client: "Callable[[], AsyncOpenAI]",
        model: str,
        voice: str,
        timeout: float,
        slots: CallSlots,
        max_characters: int = 1_500,
    ) -> None:
        self.voice = f"{model} {voice}"
        self.meter = Meter(self.name, self.voice)
        self._client = client
        self._model = model
        self._speaker = voice
        self._timeout = timeout
        self._slots = slots
        self._max_characters = max_characters

    async def speak(self, narration: Narration) -> list[SpokenPiece]:
        """The narration piece by piece, in whatever format the server sends; see the port."""
        pieces = text_pieces(narration, self._max_characters)
        spoken = await gather_ordered(self._spoken(piece) for piece in pieces)
        return [part for parts in spoken for part in parts]

    async def _spoken(self, piece: TextPiece) -> list[SpokenPiece]:
        """A piece of text as sound, in two halves if it is too long for the server, which is then remembered."""
        try:
            recording = await with_retries(functools.partial(self._ask, piece.text))
        except TooLong:
            half = len(piece.text) // 2 + 1
            if half < MIN_PIECE_CHARS:
                raise
            self._max_characters = min(self._max_characters, half)
            halves = list(split_text(piece.text, half))
            ends = [*(False for _ in halves[1:]), piece.ends_paragraph]
            spoken = [await self._spoken(TextPiece(*part)) for part in zip(halves, ends, strict=True)]
            return [part for parts in spoken for part in parts]
        return [SpokenPiece(piece.text, recording, piece.ends_paragraph)]

    async def _ask(self, piece: str) -> bytes:
        async with self._slots.slot():
            with self.meter.call() as cost:
                recording, media_type = await self._send(piece)
                cost.add(Unit.CHARACTERS, len(piece))
                return _checked(recording, media_type)

    async def _send(self, piece: str) -> tuple[bytes, str]:
        from httpx2 import HTTPError  # noqa: PLC0415 - the package's own transport: errors amid a body come as they are
        from openai import OpenAIError  # noqa: PLC0415 - as above

        try:
            async with asyncio.timeout(self._timeout):  # the package's own is per read
                return await self._received(piece)
        except OpenAIError as error:
            raise to_provider_error(error, server=_SERVER, model=self._model, setting="TTS_MODEL") from error
        except HTTPError as error:
            raise Unavailable(f"{_SERVER} broke off its answer. Try again later.") from error
        except TimeoutError as error:
            sentence = f"{_SERVER} did not finish within {self._timeout:g} seconds. Raise OPENAI_TIMEOUT."
            raise Unavailable(sentence) from error

    async def _received(self, piece: str) -> tuple[bytes, str]:
        asked = self._client().audio.speech.with_streaming_response.create(
            input=piece, model=self._model, voice=self._speaker, response_format="mp3"
        )
        async with asked as response:
            recording = await read_body(response.iter_bytes(), _MAX_ANSWER_BYTES, _SERVER)
            return recording, response.headers.get("content-type", "")


def _checked(recording: bytes, media_type: str) -> bytes:
    """The recording, unless it is none: some servers report an error as a success."""
    if not recording:
        raise UnusableAnswer(f"{_SERVER} sent an empty recording. Try again later.")
    if media_type.startswith(_TEXT_TYPES) or recording.lstrip()[:1] in {b"{", b"<"}:
        settings = "TTS_BASE_URL, TTS_MODEL and TTS_VOICE"
        raise Refused(f"{_SERVER} sent text instead of sound. Check {settings}.")
    return recording
