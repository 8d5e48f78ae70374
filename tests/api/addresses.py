"""Requests that come from many addresses, because attempts to log in are counted by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import httpx

from bookbytes_pipeline.settings import Settings
from tests.api.client import Api, serving_live

HEADER = "X-Forwarded-For"
"""How a reverse proxy on this machine tells the address; uvicorn believes it."""
_NUMBERS = count(1)


def new_address() -> str:
    """An address from which nobody has asked."""
    number = next(_NUMBERS)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@contextmanager
def serving_everywhere(settings: Settings) -> Iterator[Api]:
    """The application behind uvicorn; each request comes from a new address, unless it names one."""
    with serving_live(settings) as api:
        api.client.event_hooks = {"request": [_come_from_elsewhere]}
        yield api


def _come_from_elsewhere(request: httpx.Request) -> None:
    request.headers.setdefault(HEADER, new_address())
