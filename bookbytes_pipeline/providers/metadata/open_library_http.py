"""One GET request to Open Library: within its rate limit, with an error for each way in which it can fail."""

import asyncio
import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from bookbytes_pipeline.domain.errors import Refused, Unavailable, UnusableAnswer
from bookbytes_pipeline.providers.http_body import read_body
from bookbytes_pipeline.providers.metadata.open_library_records import SOURCE
from bookbytes_pipeline.providers.metering import Meter
from bookbytes_pipeline.providers.retry_after import retry_after

REQUEST_TIMEOUT_S = 30
MAX_ANSWER_BYTES = 5_000_000
MAX_REDIRECTS = 5

REFUSAL = (
    "Open Library refused to answer (403). It answers only programs that name a contact: "
    "set OPENLIBRARY_CONTACT to your e-mail address or web page."
)


class ThrottledClient:
    """Requests documents, at most one every `spacing` seconds, whoever asks."""

    def __init__(self, client: httpx.AsyncClient, spacing: float) -> None:
        self.meter = Meter(SOURCE)
        self._client = client
        self._spacing = spacing
        self._next_turn = 0.0
        self._turns = asyncio.Lock()

    async def document(self, path: str) -> Mapping[str, Any] | None:
        """Return the JSON object at `path`, or None if Open Library has none.

        HTTP redirects are followed within the same host. Raises `Unavailable`, `UnusableAnswer` or `Refused`; does not
        retry.
        """
        url: httpx.URL | str = path
        for _ in range(MAX_REDIRECTS):
            await self._wait_for_turn()
            with self.meter.call():
                response, body = await self._get(url)
                if not response.has_redirect_location:
                    return _document(response, body)
                url = _same_host(response)
        raise UnusableAnswer("Open Library redirects without end. Try again later.")

    async def _get(self, url: httpx.URL | str) -> tuple[httpx.Response, bytes]:
        try:
            async with (
                asyncio.timeout(REQUEST_TIMEOUT_S),
                self._client.stream("GET", url, follow_redirects=False) as response,
            ):
                return response, await read_body(response.aiter_bytes(), MAX_ANSWER_BYTES, "Open Library")
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unavailable(f"Open Library cannot be reached ({_reason(error)}). Is this machine online?") from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise Unavailable("Open Library did not answer in time. Try again later.") from error
        except httpx.HTTPError as error:
            raise Unavailable(f"Open Library's answer was cut off ({_reason(error)}). Try again later.") from error

    async def _wait_for_turn(self) -> None:
        """Wait behind those who asked before; whoever gives up leaves no gap."""
        async with self._turns:
            await asyncio.sleep(self._next_turn - time.monotonic())
            self._next_turn = time.monotonic() + self._spacing


def _reason(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__


def _document(response: httpx.Response, body: bytes) -> Mapping[str, Any] | None:
    status, pause = response.status_code, retry_after(response.headers)
    if status == HTTPStatus.NOT_FOUND:
        return None  # HTML, plain text or JSON: the body of a 404 says no more than its number
    if status == HTTPStatus.FORBIDDEN:
        raise Refused(REFUSAL)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Unavailable("Open Library has received too many requests from here. Try again later.", retry_after=pause)
    if response.is_server_error:
        raise Unavailable(f"Open Library has a server error ({status}). Try again later.", retry_after=pause)
    if status != HTTPStatus.OK:
        message = f"Open Library gave an unexpected answer ({status}). Try again later."
        raise UnusableAnswer(message, retry_after=pause)
    return _json_object(body, pause)


def _json_object(body: bytes, pause: float | None) -> Mapping[str, Any]:
    """Return the object in `body`. A 200 may also hold the `repr` of a Python error, an HTML page or half a record."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnusableAnswer("Open Library's answer is not JSON. Try again later.", retry_after=pause) from error
    if not isinstance(document, dict):
        raise UnusableAnswer("Open Library's answer is not a record. Try again later.", retry_after=pause)
    return document


def _same_host(response: httpx.Response) -> httpx.URL:
    """Return the target of a redirect within the same host; a hotel's login page is a redirect to another one."""
    try:
        target = response.url.join(response.headers["Location"])
    except httpx.InvalidURL as error:
        raise UnusableAnswer("Open Library redirects to an invalid address. Try again later.") from error
    if target.host != response.url.host:
        raise UnusableAnswer("The request to Open Library was redirected to another host. Is this machine online?")
    return response.url.copy_with(raw_path=target.raw_path)
