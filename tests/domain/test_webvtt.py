"""Transcripts as WebVTT, read back by an independent reader."""

from io import StringIO
from itertools import pairwise

import pytest
import webvtt

from bookbytes_pipeline.domain.transcript import Cue
from bookbytes_pipeline.domain.webvtt import MAX_LINE_CHARS, MAX_LINES
from bookbytes_pipeline.domain.webvtt import webvtt as written

LONG = "The maps of the time, drawn in London by people who had never left it, showed nothing of the kind; " * 4
SENTENCES = (
    "Springs",
    "Rivers & lakes: 3 < 4 --> 5 > 2.",
    LONG.strip(),
    "水は低きに流れる。" * 20,
    "x" * 200,
    "The end.",
)
CUES = tuple(Cue(0.5 + 7.25 * number, text) for number, text in enumerate(SENTENCES))


def captions(cues: tuple[Cue, ...], seconds: float) -> list[webvtt.Caption]:
    """The transcript as its reader has it."""
    return list(webvtt.from_buffer(StringIO(written(cues, seconds))).captions)


def words(texts: list[str]) -> str:
    """All that is said, without the breaks."""
    return "".join("".join(texts).split())


def test_every_sentence_is_there_in_order() -> None:
    """However long it is, and whatever signs are in it."""
    found = captions(CUES, 60.0)

    texts = [caption.raw_text for caption in found]
    shown = words(texts).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert words(list(SENTENCES)) == shown


def test_cues_are_short_and_follow_each_other() -> None:
    """At most two lines of 65 characters; none begins before another ends, and the last ends with the clip."""
    found = captions(CUES, 43.0)

    lines = [line for caption in found for line in caption.lines]
    times = [(caption.start_in_seconds, caption.end_in_seconds) for caption in found]
    assert max(len(line.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) for line in lines) <= 65
    assert max(len(caption.lines) for caption in found) <= MAX_LINES
    assert all(start <= end for start, end in times)
    assert all(end <= start for (_, end), (start, _) in pairwise(times))
    assert 43 == times[-1][1]


@pytest.mark.parametrize("seconds", [0.0, 10.0])
def test_a_clip_that_ends_early_ends_its_transcript(seconds: float) -> None:
    """No time is after its end."""
    times = [line for line in written(CUES[-1:], seconds).split("\n") if "-->" in line]

    assert all(line.endswith(f"00:{int(seconds):02d}.000") for line in times)


def test_it_says_that_a_machine_wrote_it() -> None:
    """In a note, which players do not show."""
    content = written(CUES, 60.0)

    assert content.startswith("WEBVTT\n\nNOTE AI-generated summary, read by a synthetic voice.\n\n")


def test_lines_of_a_long_sentence_are_about_equally_long() -> None:
    """No line has a single word."""
    lines = [line for caption in captions((Cue(0.0, LONG.strip()),), 30.0) for line in caption.lines]

    assert min(map(len, lines)) > MAX_LINE_CHARS // 2


def test_long_clips_have_hours() -> None:
    """As the format has them."""
    assert "01:02:03.500 --> 01:02:04.000" in written((Cue(3723.5, "Late."),), 3724.0)
