"""Any server that speaks as OpenAI's `/v1/audio/speech` does, asked through the official package."""

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bookbytes_pipeline.domain.errors import Refused, Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.provider_usage import Unit
from bookbytes_pipeline.providers.http_body import read_body
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.models.openai_errors import to_provider_error
from bookbytes_pipeline.providers.narrators.mp3 import is_mp3, joined
from bookbytes_pipeline.providers.narrators.text_chunks import checked_text, gather_ordered, split_text
from bookbytes_pipeline.providers.retries import with_retries

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MAX_CHUNK_CHARS = 1_500
"""The service takes 4,096, but newer models read only 2,000 tokens, which 1,500 characters stay below even
where a character is a token (Chinese, Japanese). A failed piece this short is cheap to ask for again."""

_MAX_ANSWER_BYTES = 32_000_000
"""MAX_CHUNK_CHARS characters spoken slowly at 320 kbit/s are a third of this."""

_SERVER = "The speech server"

_KEYLESS = "none"
"""Sent to a server without keys: given nothing, the package would take OPENAI_API_KEY and show it to that server."""


@asynccontextmanager
async def connect(
    api_key: str,
    base_url: str,
    model: str,
    voice: str,
    timeout: float,  # noqa: ASYNC109 - of each request, not of this call
    concurrency: int,
) -> "AsyncIterator[OpenAISpeechNarrator]":
    """The narrator at `base_url` (ending in `/v1`), `timeout` seconds a piece, `concurrency` pieces at once.

    `api_key` is empty for a server that wants none.
    """
    from openai import AsyncOpenAI  # noqa: PLC0415 - two seconds to import, for those who use it

    async with AsyncOpenAI(api_key=api_key or _KEYLESS, base_url=base_url, timeout=timeout, max_retries=0) as client:
        yield OpenAISpeechNarrator(client, model, voice, timeout, concurrency)


class OpenAISpeechNarrator:
    """Speaks with one voice of one speech model."""

    name = "openai"

    def __init__(self, client: "AsyncOpenAI", model: str, voice: str, timeout: float, concurrency: int) -> None:
        self.voice = f"{model} {voice}"
        self.meter = Meter(self.name, self.voice)
        self._client = client
        self._model = model
        self._speaker = voice
        self._timeout = timeout
        self._slots = asyncio.Semaphore(concurrency)

    async def speak(self, narration: Narration) -> bytes:
        """The narration as MP3; see the port."""
        pieces = split_text(checked_text(narration), MAX_CHUNK_CHARS)
        asking = (with_retries(functools.partial(self._ask, piece)) for piece in pieces)
        return joined(await gather_ordered(asking))

    async def _ask(self, piece: str) -> bytes:
        async with self._slots:
            with self.meter.call() as cost:
                recording = await self._send(piece)
                cost.add(Unit.CHARACTERS, len(piece))
                return _checked(recording)

    async def _send(self, piece: str) -> bytes:
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

    async def _received(self, piece: str) -> bytes:
        asked = self._client.audio.speech.with_streaming_response.create(
            input=piece, model=self._model, voice=self._speaker, response_format="mp3"
        )
        async with asked as response:
            return await read_body(response.iter_bytes(), _MAX_ANSWER_BYTES, _SERVER)


def _checked(recording: bytes) -> bytes:
    if not recording:
        raise UnusableAnswer(f"{_SERVER} sent an empty recording. Try again later.")
    if not is_mp3(recording):
        settings = "TTS_BASE_URL, TTS_MODEL and TTS_VOICE"
        raise Refused(f"{_SERVER} sent something other than the MP3 it was asked for. Check {settings}.")
    return recording
