"""What has to be true of a finished book; each answers with the fault as a sentence, or nothing."""

from collections.abc import Iterable, Mapping, Sequence

from bookbytes_pipeline.domain.book import Chapter
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.summary import Summary

SLOWEST, FASTEST = 70, 300
"""Words a minute; people read aloud at 140 to 180."""
SILENCE = 4.0
"""Seconds that a clip may have beyond its words: head, tail and pauses."""

AUDIBLE = -45.0
"""LUFS. Speech is levelled to -19; what is this quiet was silent to begin with."""


def numbering_fault(chapters: Sequence[Chapter]) -> str | None:
    """A book has chapters, numbered from 1 without gaps."""
    if not chapters:
        return "The book has no chapters."
    numbers = [chapter.number for chapter in chapters]
    if numbers != list(range(1, len(numbers) + 1)):
        return f"The chapters are numbered {numbers}, not from 1 without gaps."
    return None


def empty_summaries(summaries: Iterable[Summary]) -> str | None:
    """Every chapter that the model knows has a summary."""
    return _listed(
        "no words in the summary of", (one.number for one in summaries if one.known and not one.text.strip())
    )


def odd_lengths(summaries: Iterable[Summary], asked: Mapping[int, int]) -> str | None:
    """A summary is about as long as it was asked to be."""
    odd = (one.number for one in summaries if one.known and not _as_asked(one.words, asked[one.number]))
    return _listed("much shorter or longer than asked for:", odd)


def unsupported_claims(summaries: Iterable[Summary]) -> str | None:
    """The names and numbers of a summary stand in its chapter."""
    doubts = [f"chapter {one.number}: {', '.join(one.unsupported)}" for one in summaries if one.unsupported]
    return f"not found in the chapter's text: {'; '.join(doubts)}" if doubts else None


def missing_clips(summaries: Iterable[Summary], clips: Iterable[Clip]) -> str | None:
    """Every chapter has a clip."""
    heard = {clip.number for clip in clips}
    silent = _listed("no clip for", (one.number for one in summaries if one.number not in heard))
    return f"{silent}: the language model does not know what stands there; attach the book's text" if silent else None


def implausible_clips(summaries: Iterable[Summary], clips: Iterable[Clip]) -> str | None:
    """A clip lasts about as long as its words take to speak, so that none is cut short or stuck."""
    seconds = {clip.number: clip.seconds for clip in clips}
    spoken = ((one, seconds[one.number]) for one in summaries if one.number in seconds)
    return _listed("the length does not fit the words of", (one.number for one, took in spoken if not _fits(one, took)))


def silent_clips(clips: Iterable[Clip]) -> str | None:
    """Every clip can be heard."""
    return _listed("nothing can be heard in", (clip.number for clip in clips if clip.loudness < AUDIBLE))


def _as_asked(words: int, asked: int) -> bool:
    return asked / 2 <= words <= asked * 1.5 + 20


def _fits(summary: Summary, seconds: float) -> bool:
    words = _spoken_words(f"{summary.title} {summary.text}")
    return words / FASTEST * 60 <= seconds <= words / SLOWEST * 60 + SILENCE


def _spoken_words(text: str) -> int:
    """Words to be spoken; scripts without spaces are counted as two characters a word."""
    words = len(text.split())
    return words if words * 15 > len(text) else len(text) // 2


def _listed(fault: str, numbers: Iterable[int]) -> str | None:
    found = ", ".join(map(str, numbers))
    return f"{fault} chapter {found}" if found else None
