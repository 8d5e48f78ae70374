"""Cutting a text for a narrator, and telling MP3 from everything else."""

import asyncio

import pytest

from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.providers.narrators.mp3 import is_mp3
from bookbytes_pipeline.providers.narrators.text_chunks import gather_ordered, split_text
from tests.fakes.sound import mp3


@pytest.mark.parametrize(
    ("text", "chunks"),
    [
        ("Short enough.", ["Short enough."]),
        ("It ends here. It starts again.", ["It ends here.", "It starts again."]),
        ("“It ends here.” It starts again.", ["“It ends here.”", "It starts again."]),
        ("No sentence ends in this one at all", ["No sentence ends in", "this one at all"]),
        ("Pneumonoultramicroscopicsilico", ["Pneumonoultramicrosc", "opicsilico"]),
        ("第一句话在这里结束。第二句话也在这里结束。", ["第一句话在这里结束。", "第二句话也在这里结束。"]),
        ("Hi. Then one much longer goes on", ["Hi. Then one much", "longer goes on"]),
    ],
)
def test_a_text_is_split_at_natural_pauses(text: str, chunks: list[str]) -> None:
    """Chunks of at most 20 characters end with a sentence, else a clause, else a word, and are never tiny."""
    assert chunks == list(split_text(text, 20))


def test_the_first_failure_is_raised_and_ends_the_others() -> None:
    """The error itself is raised, not a group, and the tasks still running are cancelled."""
    ended: list[str] = []

    async def waiting() -> bytes:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")
        return b""

    async def failing() -> bytes:
        await asyncio.sleep(0)
        raise UnusableAnswer("No audio.")

    with pytest.raises(UnusableAnswer, match="No audio"):
        asyncio.run(_gathered(waiting(), failing()))

    assert ended == ["cancelled"]


async def _gathered(*recordings: object) -> list[bytes]:
    return await gather_ordered(recordings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (mp3(0.3), True),
        (mp3(0.3, tagged=True), True),
        (b"", False),
        (b"ID3", False),
        (b"ID3\x04\x00\x00\x00\x00\x00\x02..", False),
        (b"RIFF\x00\x00\x00\x00WAVE", False),
        (b'{"error": "no"}', False),
        (b"<html>", False),
        (b"\xff\xd8\xff\xe0JFIF", False),
    ],
)
def test_mp3_is_distinguished_from_everything_else(data: bytes, *, expected: bool) -> None:
    """Only frames of MPEG layer III, with or without a tag before them, count as MP3."""
    assert expected == is_mp3(data)
