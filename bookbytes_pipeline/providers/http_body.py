"""Bodies of HTTP answers, read up to a limit."""

from collections.abc import AsyncIterable

from bookbytes_pipeline.domain.errors import UnusableAnswer


async def read_body(chunks: AsyncIterable[bytes], max_bytes: int, server: str) -> bytes:
    """Return all of `chunks`; raises `UnusableAnswer` as soon as they are more than `max_bytes`."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise UnusableAnswer(f"{server} sent more than {max_bytes:,} bytes in one answer. Try again later.")
    return bytes(body)
