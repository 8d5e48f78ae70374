"""Requests that come from many addresses, because login attempts are counted per address."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import httpx

from bookbytes_pipeline.settings import Settings
from tests.api.client import Api, serving_live

HEADER = "X-Forwarded-For"
"""How a reverse proxy on this machine passes on the client's address; uvicorn trusts it."""
_NUMBERS = count(1)


def new_address() -> str:
    """An address that has sent no request yet."""
    number = next(_NUMBERS)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@contextmanager
def serving_everywhere(settings: Settings) -> Iterator[Api]:
    """The application behind uvicorn; each request comes from a new address, unless it sets one."""
    with serving_live(settings) as api:
        api.client.event_hooks = {"request": [_use_new_address]}
        yield api


def _use_new_address(request: httpx.Request) -> None:
    request.headers.setdefault(HEADER, new_address())
