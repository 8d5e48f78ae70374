"""One GET at Open Library: within its limits, and with every way in which it goes wrong told apart."""

import asyncio
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from bookbytes_pipeline.domain.errors import Refused, Unavailable, UnusableAnswer
from bookbytes_pipeline.providers.metadata.open_library_records import SOURCE
from bookbytes_pipeline.providers.metering import Meter

SECONDS_PER_REQUEST = 30
LARGEST_ANSWER = 5_000_000
MOST_HOPS = 5

REFUSAL = (
    "Open Library refused to answer (403). It answers only programs that say whom to write to: "
    "set OPENLIBRARY_CONTACT to your e-mail address or web page."
)


class ThrottledClient:
    """Where documents are asked for, one every `spacing` seconds at most, whoever asks."""

    def __init__(self, client: httpx.AsyncClient, spacing: float) -> None:
        self.meter = Meter(SOURCE)
        self._client = client
        self._spacing = spacing
        self._next_turn = 0.0

    async def document(self, path: str) -> Mapping[str, Any] | None:
        """The JSON object at `path`, or None where Open Library has none.

        HTTP redirects are followed within the same host. Raises `Unavailable`, `UnusableAnswer` or `Refused`; does not
        try again.
        """
        url: httpx.URL | str = path
        for _ in range(MOST_HOPS):
            await self._turn()
            with self.meter.call():
                response, body = await self._get(url)
                if not response.has_redirect_location:
                    return _judged(response, body)
                url = _same_host(response)
        raise UnusableAnswer("Open Library sent us round in circles. Try again later.")

    async def _get(self, url: httpx.URL | str) -> tuple[httpx.Response, bytes]:
        try:
            async with (
                asyncio.timeout(SECONDS_PER_REQUEST),
                self._client.stream("GET", url, follow_redirects=False) as response,
            ):
                return response, await _body(response)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unavailable(f"Open Library cannot be reached ({_reason(error)}). Is this machine online?") from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise Unavailable("Open Library did not answer in time. Try again later.") from error
        except httpx.HTTPError as error:
            raise Unavailable(f"Open Library's answer broke off ({_reason(error)}). Try again later.") from error

    async def _turn(self) -> None:
        now = time.monotonic()
        mine = max(now, self._next_turn)
        self._next_turn = mine + self._spacing
        await asyncio.sleep(mine - now)


def _reason(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise UnusableAnswer("Open Library sent more than a book's record can be. Try again later.")
    return bytes(body)


def _judged(response: httpx.Response, body: bytes) -> Mapping[str, Any] | None:
    status, retry_after = response.status_code, _retry_after(response)
    if status == HTTPStatus.NOT_FOUND:
        return None  # HTML, plain text or JSON: the body of a 404 says no more than its number
    if status == HTTPStatus.FORBIDDEN:
        raise Refused(REFUSAL)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Unavailable("Open Library has had too many requests from here. Try again later.", retry_after=retry_after)
    if response.is_server_error:
        raise Unavailable(f"Open Library is out of order ({status}). Try again later.", retry_after=retry_after)
    if status != HTTPStatus.OK:
        message = f"Open Library gave an answer we do not know ({status}). Try again later."
        raise UnusableAnswer(message, retry_after=retry_after)
    return _json_object(body, retry_after)


def _json_object(body: bytes, retry_after: float | None) -> Mapping[str, Any]:
    """The object in `body`. A 200 may also hold the `repr` of a Python error, an HTML page or half a record."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnusableAnswer("Open Library's answer is not JSON. Try again later.", retry_after=retry_after) from error
    if not isinstance(document, dict):
        raise UnusableAnswer("Open Library's answer is not a record. Try again later.", retry_after=retry_after)
    return document


def _same_host(response: httpx.Response) -> httpx.URL:
    """Where the redirect leads on the host we asked; a hotel's login page is a redirect too, to another one."""
    try:
        target = response.url.join(response.headers["Location"])
    except httpx.InvalidURL as error:
        raise UnusableAnswer("Open Library sent us to an address that is none. Try again later.") from error
    if target.host != response.url.host:
        raise UnusableAnswer("Open Library was asked, and we were sent to another host. Is this machine online?")
    return response.url.copy_with(raw_path=target.raw_path)


def _retry_after(response: httpx.Response) -> float | None:
    """The pause in seconds that the answer asks for, as a number or as a date; None if it names none."""
    asked = response.headers.get("Retry-After", "")
    if asked.isdecimal() and asked.isascii():
        return float(asked)
    try:
        moment = parsedate_to_datetime(asked)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
