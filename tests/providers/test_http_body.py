"""Bodies are read up to a limit."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.providers.http_body import read_body


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def test_an_answer_of_the_allowed_size_is_taken() -> None:
    """Up to the limit, everything is kept."""
    assert asyncio.run(read_body(_chunks(b"ab", b"cd"), 4, "The server")) == b"abcd"


def test_an_answer_that_does_not_end_is_not_kept_in_memory() -> None:
    """Reading stops at the limit."""
    with pytest.raises(UnusableAnswer, match="The server sent more than 3 bytes"):
        asyncio.run(read_body(_chunks(b"ab", b"cd"), 3, "The server"))
