"""A text in pieces, each spoken by itself: how it is cut, and how the pieces come back together."""

import asyncio
import re
from collections.abc import Coroutine, Iterable, Iterator

from bookbytes_pipeline.domain.errors import BookBytesError, Refused
from bookbytes_pipeline.domain.narration import Narration

MAX_NARRATION_CHARS = 50_000
"""Close to an hour of speech: more is a mistake, and would be paid for or held in memory."""

_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"[.!?…][\"'”’»)\]]*\s|[。！？][”’」』）]*")  # noqa: RUF001 - of Asia
_WORD = re.compile(r"\s")
_ENDS = (_PARAGRAPH, _SENTENCE, _WORD)
"""Where a text may be cut, best first: between paragraphs, sentences, words."""


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


def split_text(text: str, max_chars: int) -> Iterator[str]:
    """`text` in order, in pieces of at most `max_chars` characters that end where a speaker would breathe."""
    text = text.strip()
    while len(text) > max_chars:
        end = _best_end(text[:max_chars])
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    yield text


def _best_end(text: str) -> int:
    """The best end in the second half of `text`: a cut in the first half would leave scraps such as a lone title."""
    for end in _ENDS:
        found = [match.end() for match in end.finditer(text, len(text) // 2 - 1)]
        if found:
            return found[-1]
    return len(text)


async def gather_ordered(recordings: Iterable[Coroutine[None, None, bytes]]) -> list[bytes]:
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
