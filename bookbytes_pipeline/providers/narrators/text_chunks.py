"""A text in pieces, each spoken by itself: how it is cut, and how the pieces come back together."""

import asyncio
import re
from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeVar

from bookbytes_pipeline.domain.errors import BookBytesError, Refused
from bookbytes_pipeline.domain.narration import Narration

ResultT = TypeVar("ResultT")

MAX_NARRATION_CHARS = 50_000
"""Close to an hour of speech: more is a mistake, and would be paid for or held in memory."""

_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"[.!?…][\"'”’»)\]]*\s|[。！？][”’」』）]*")  # noqa: RUF001 - of Asia
_CLAUSE = re.compile(r"[,;:—–][\"'”’»)\]]*\s|[、，；：،؛]\s?")  # noqa: RUF001 - of Asia and Arabia
_SPACE = re.compile(r"\s")
_LONGEST_WORD = 50
"""Characters beyond the limit that are looked at, so that a word is seen whole."""
_ENDS = (_SENTENCE, _CLAUSE, _SPACE)
"""Where a paragraph may be cut, best first. Where there is none of them, as in Thai, between two words."""


def checked_text(narration: Narration) -> str:
    """The text of `narration`; raises `Refused` where it has no word or more than anyone would listen to."""
    if not has_words(narration.text):
        raise Refused("There is nothing to speak: the narration has no words.")
    if len(narration.text) > MAX_NARRATION_CHARS:
        raise Refused(
            f"The narration has {len(narration.text):,} characters; at most {MAX_NARRATION_CHARS:,} are spoken as one "
            "clip. Ask for shorter summaries."
        )
    return narration.text


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit in `text`, so that a voice has something to say."""
    return any(map(str.isalnum, text))


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A text to be spoken by itself, without line breaks; `ends_paragraph` if a paragraph ends with it."""

    text: str
    ends_paragraph: bool


def text_pieces(narration: Narration, max_chars: int) -> list[TextPiece]:
    """Return the narration's text in pieces of at most `max_chars` characters that end where a speaker would breathe.

    No piece reaches over the end of a paragraph; as few as possible lie in it. Pieces without words are left out.
    Raises `Refused` as `checked_text` does.
    """
    pieces: list[TextPiece] = []
    for paragraph in _PARAGRAPH.split(checked_text(narration)):
        texts = [text for text in split_text(" ".join(paragraph.split()), max_chars) if has_words(text)]
        pieces += [TextPiece(text, text is texts[-1]) for text in texts]
    return pieces


def split_text(text: str, max_chars: int) -> Iterator[str]:
    """`text` in order, in pieces of at most `max_chars` characters, cut at the end of a sentence if possible."""
    text = text.strip()
    while len(text) > max_chars:
        end = _best_end(text[: max_chars + _LONGEST_WORD], max_chars)
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    yield text


def _best_end(text: str, max_chars: int) -> int:
    """The best end up to `max_chars`, in their second half: else there would be scraps such as a lone title."""
    for end in _ENDS:
        found = [match.end() for match in end.finditer(text, max_chars // 2 - 1, max_chars + 1)]
        if fitting := [end for end in found if len(text[:end].rstrip()) <= max_chars]:
            return fitting[-1]
    return _end_of_word(text, max_chars)


def _end_of_word(text: str, max_chars: int) -> int:
    """The end of the last word that fits, as dictionaries know words, else of the last letter with its marks."""
    from icu4py.breakers import CharacterBreaker, WordBreaker  # noqa: PLC0415 - megabytes, for scripts without spaces

    for breaker in (WordBreaker, CharacterBreaker):
        ends = accumulate(len(part) for part in breaker(text, "root"))
        if fitting := [end for end in ends if end <= max_chars and end < len(text)]:
            return fitting[-1]
    return max_chars


async def gather_ordered(recordings: Iterable[Coroutine[Any, Any, ResultT]]) -> list[ResultT]:
    """Return the results of `recordings` in their order; the first to fail cancels the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(recording) for recording in recordings]
    except ExceptionGroup as group_error:
        failure = _first_known_error(group_error)
    else:
        return [task.result() for task in tasks]
    raise failure


def _first_known_error(group: ExceptionGroup[Exception]) -> Exception:
    return next((error for error in group.exceptions if isinstance(error, BookBytesError)), group.exceptions[0])
