"""Response bodies are read up to a limit."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.providers.http_body import read_body


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def test_a_body_of_the_allowed_size_is_returned() -> None:
    """Up to the limit, the whole body is returned."""
    assert asyncio.run(read_body(_chunks(b"ab", b"cd"), 4, "The server")) == b"abcd"


def test_an_endless_body_is_not_kept_in_memory() -> None:
    """Reading stops at the limit."""
    with pytest.raises(UnusableAnswer, match="The server sent more than 3 bytes"):
        asyncio.run(read_body(_chunks(b"ab", b"cd"), 3, "The server"))
