"""What has to be true of a finished book; each check returns the fault as a sentence, or None."""

import re
from collections.abc import Iterable, Mapping, Sequence

from bookbytes_pipeline.domain.book import Book, Chapter
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.summary import Summary
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.writing.text_gate import lacks_passage

_BOXED_SET = re.compile(
    r"\b(?:box(?:ed)?[\s-]?set|slip-?case\w*|(?:\d+|two|three|four|five|six|seven)[\s-](?:books?|volumes?|vols?)[\s-]+set"
    r"|(?:books?|volumes?|vols?\.?)\s\d+\s?(?:-|\u2013|to|through)\s?\d+|collection set|set of \w+ (?:books|volumes)"
    r"|schuber|coffret|cofanetto|estuche)\b",
    re.IGNORECASE,
)

MIN_WORDS_PER_MINUTE, MAX_WORDS_PER_MINUTE = 70, 300
"""People read aloud at 140 to 180."""
MAX_SILENCE_S = 4.0
"""What a clip may have beyond its words: head, tail and pauses."""

MIN_AUDIBLE_LUFS = -45.0
"""Speech is levelled to -19; what is this quiet was silent to begin with."""


def several_books(book: Book) -> str | None:
    """A record is of one book, and not of a set that is sold in one box."""
    said = next((text for text in (book.title, book.subtitle, book.edition) if text and _BOXED_SET.search(text)), None)
    if said is None:
        return None
    return f"The catalogue's record of {book.isbn} is of a boxed set: {said!r}. Use the ISBN of one of its volumes."


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
    empty = (summary.number for summary in summaries if summary.known and not summary.text.strip())
    return _list_chapters("no words in the summary of", empty)


def odd_lengths(summaries: Iterable[Summary], asked: Mapping[int, int]) -> str | None:
    """A summary is about as long as it was asked to be."""
    known = (summary for summary in summaries if summary.known)
    odd = (summary.number for summary in known if not _is_as_long_as_asked(summary.words, asked[summary.number]))
    return _list_chapters("much shorter or longer than asked for:", odd)


def unsupported_claims(summaries: Iterable[Summary]) -> str | None:
    """The names and numbers of a summary stand in its chapter."""
    doubtful = (summary for summary in summaries if summary.unsupported)
    claims = [f"chapter {summary.number}: {', '.join(summary.unsupported)}" for summary in doubtful]
    return f"not found in the chapter's text: {'; '.join(claims)}" if claims else None


def faulty_summaries(summaries: Iterable[Summary]) -> str | None:
    """Nothing was found wrong with a summary that is kept."""
    faulty = [f"chapter {found.number}: {' '.join(found.review_reasons)}" for found in summaries if found.needs_review]
    return f"needs review: {'; '.join(faulty)}" if faulty else None


def unsupported_sentences(summaries: Iterable[Summary]) -> str | None:
    """Every sentence of a summary has a passage in its chapter."""
    numbers = (summary.number for summary in summaries if any(map(lacks_passage, summary.evidence)))
    return _list_chapters("sentences without a passage in", numbers)


def missing_clips(summaries: Iterable[Summary], clips: Iterable[Clip]) -> str | None:
    """Every chapter has a clip."""
    narrated = {clip.number for clip in clips}
    numbers = (summary.number for summary in summaries if summary.number not in narrated)
    fault = _list_chapters("no clip for", numbers)
    return f"{fault}: the language model does not know its contents; attach the book's text" if fault else None


def implausible_clips(summaries: Iterable[Summary], clips: Iterable[Clip]) -> str | None:
    """A clip lasts about as long as its words take to speak, so that none is cut short or stuck."""
    seconds = {clip.number: clip.seconds for clip in clips}
    narrated = (summary for summary in summaries if summary.number in seconds)
    odd = (summary.number for summary in narrated if not _fits(summary, seconds[summary.number]))
    return _list_chapters("the length does not fit the words of", odd)


def silent_clips(clips: Iterable[Clip]) -> str | None:
    """Every clip can be heard."""
    silent = (clip.number for clip in clips if clip.loudness < MIN_AUDIBLE_LUFS)
    return _list_chapters("nothing can be heard in", silent)


def _is_as_long_as_asked(words: int, asked: int) -> bool:
    return asked / 2 <= words <= asked * 1.5 + 20


def _fits(summary: Summary, seconds: float) -> bool:
    words = count_words(f"{summary.title} {summary.text}")
    return words / MAX_WORDS_PER_MINUTE * 60 <= seconds <= words / MIN_WORDS_PER_MINUTE * 60 + MAX_SILENCE_S


def _list_chapters(fault: str, numbers: Iterable[int]) -> str | None:
    found = ", ".join(map(str, numbers))
    return f"{fault} chapter {found}" if found else None
