"""A transcript as WebVTT, which players show line by line.

Format: https://www.w3.org/TR/webvtt1/
"""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import accumulate

from bookbytes_pipeline.domain.transcript import Cue

MAX_LINE_CHARS = 65
"""What the podcast namespace asks for: https://podcastindex.org/namespace/1.0"""
MAX_LINES = 2
MADE_BY_A_MACHINE = "AI-generated summary, read by a synthetic voice."
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def webvtt(cues: Sequence[Cue], seconds: float) -> str:
    """Return the transcript of a clip of that length: every sentence in order, a long one in several cues.

    A cue lasts until the next one begins, the last one until the clip ends, or none at all where there is no time left.
    """
    parts = [part for cue, end in zip(cues, _ends(cues, seconds), strict=True) for part in _parts(cue, end)]
    shown = "".join(f"\n{_time(start)} --> {_time(end)}\n{text}\n" for start, end, text in parts)
    return f"WEBVTT\n\nNOTE {MADE_BY_A_MACHINE}\n{shown}"


def _ends(cues: Sequence[Cue], seconds: float) -> list[float]:
    return [*(cue.start for cue in cues[1:]), seconds]


def _parts(cue: Cue, end: float) -> Iterator[tuple[float, float, str]]:
    """Yield a sentence as what fits on the screen at once, each part with its share of the time."""
    texts = _screens(cue.text)
    start = min(cue.start, end)
    shares = accumulate((len(text) for text in texts), initial=0)
    whole = sum(map(len, texts))
    times = [start + (end - start) * share / whole for share in shares]
    for text, begins, ends in zip(texts, times, times[1:], strict=False):
        yield begins, ends, text.translate(_HTML)


def _screens(sentence: str) -> list[str]:
    """Return a sentence in parts of one line or two, which are about equally long."""
    lines = textwrap.wrap(sentence, MAX_LINE_CHARS)
    screens = -(-len(lines) // MAX_LINES)
    for width in range(len(sentence) // len(lines), MAX_LINE_CHARS):
        narrower = textwrap.wrap(sentence, max(width, 1))
        if len(narrower) <= len(lines):
            lines = narrower
            break
    return ["\n".join(lines[number * MAX_LINES : (number + 1) * MAX_LINES]) for number in range(screens)]


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
