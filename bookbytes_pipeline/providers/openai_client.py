"""The client of the openai package, made for the first call: importing it takes a second, and a run may make none."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_KEYLESS = "none"
"""Sent to a server without keys: given nothing, the package would take OPENAI_API_KEY and show it to that server."""


def load_package() -> None:
    """Import what the first call needs, for those who know that there will be one and have nothing else to do yet."""
    from openai.resources.chat import AsyncChat, AsyncCompletions  # noqa: F401, PLC0415 - only where it is called


@asynccontextmanager
async def client_when_needed(
    api_key: str,
    base_url: str | None,
    timeout: float,  # noqa: ASYNC109 - of each call to the server, not of this function
) -> "AsyncIterator[Callable[[], AsyncOpenAI]]":
    """Yield a function that returns the client for `base_url`, always the same one, which is closed at the end.

    `api_key` is empty for a server that wants none; a call takes at most `timeout` seconds, and is made once.
    """

    @cache
    def client() -> "AsyncOpenAI":
        from openai import AsyncOpenAI  # noqa: PLC0415 - only where it is called

        return AsyncOpenAI(api_key=api_key or _KEYLESS, base_url=base_url, timeout=timeout, max_retries=0)

    try:
        yield client
    finally:
        if client.cache_info().currsize:
            await client().close()
