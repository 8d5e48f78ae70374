"""The voices of a speech server, where it lists them.

OpenAI has no such request, but a list in its documentation. Kokoro's servers and those that follow them answer
`GET /v1/audio/voices` with names, or with objects that have a name.
"""

import json
from collections.abc import Iterator
from http import HTTPStatus

import httpx

from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.domain.narration import Voice, VoiceList
from bookbytes_pipeline.providers.http_body import read_body
from bookbytes_pipeline.providers.models.openai_errors import error_of
from bookbytes_pipeline.providers.narrators.languages import well_formed

_SERVER = "The speech server"
_TIMEOUT_S = 20.0
_MAX_ANSWER_BYTES = 2_000_000
_MAX_VOICES = 2_000
_NO_LIST = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
_NAME_KEYS = ("id", "voice_id", "name")
_LANGUAGE_KEYS = ("language", "lang", "locale")

_OPENAI_HOST = "api.openai.com"
OPENAI_VOICES = (
    "alloy",
    "ash",
    "ballad",
    "cedar",
    "coral",
    "echo",
    "fable",
    "marin",
    "nova",
    "onyx",
    "sage",
    "shimmer",
    "verse",
)
"""Those of its largest speech model; what another model lacks it says when it is asked to speak."""


async def list_voices(api_key: str, base_url: str, model: str, voice: str) -> VoiceList:
    """Return the voices of the server at `base_url` (ending in `/v1`), or what is known of them where it has no list.

    Raises `Unavailable` or `Refused` where it does not answer.
    """
    if httpx.URL(base_url).host == _OPENAI_HOST:
        return VoiceList("openai", tuple(Voice(name, None) for name in OPENAI_VOICES), complete=False)
    headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {api_key}"} if api_key else {})
    try:
        async with (
            httpx.AsyncClient(headers=headers, timeout=_TIMEOUT_S) as client,
            client.stream("GET", f"{base_url.rstrip('/')}/audio/voices") as response,
        ):
            body = await read_body(response.aiter_raw(), _MAX_ANSWER_BYTES, _SERVER)
    except httpx.HTTPError as error:
        raise Unavailable(f"{_SERVER} cannot be reached. Check its address and the network.") from error
    answer = _parsed(body)
    if response.status_code in _NO_LIST:
        return VoiceList("openai", (Voice(voice, None),), complete=False)
    if not response.is_success:
        raise error_of(response.status_code, answer, response.headers, server=_SERVER, model=model, setting="TTS_MODEL")
    listed = tuple(_voices(answer))[:_MAX_VOICES]
    return VoiceList("openai", listed or (Voice(voice, None),), complete=bool(listed))


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _voices(answer: object) -> Iterator[Voice]:
    listed = next(filter(None, map(answer.get, ("voices", "data"))), None) if isinstance(answer, dict) else answer
    for entry in listed if isinstance(listed, list) else []:
        facts = entry if isinstance(entry, dict) else {"name": entry}
        name = next((facts[key] for key in _NAME_KEYS if isinstance(facts.get(key), str)), None)
        language = next((facts[key] for key in _LANGUAGE_KEYS if isinstance(facts.get(key), str)), "")
        if name:
            yield Voice(name, well_formed(language.replace("_", "-")) if language else None)
