"""What a summary says around the words of a query."""

from collections.abc import Sequence

from bookbytes_pipeline.domain.search_words import Word, is_beginning, places

_BEFORE, _CHARS = 60, 200
"""Characters before the first match, and in all at most, without the ellipses."""


def excerpt(summary: str, words: Sequence[Word]) -> str:
    """Return at most 200 characters of `summary`, cut between words, from just before the first match.

    An ellipsis stands where something is left out. Without a match they are its first.
    """
    plain = " ".join(summary.split())
    pieces = [piece for word in words for piece in word.pieces]
    first = next((start for start, text in places(plain) if any(is_beginning(piece, text) for piece in pieces)), 0)
    start = _next_word(plain, max(0, min(first - _BEFORE, len(plain) - _CHARS)), first)
    end = start + _CHARS
    if end < len(plain):
        end = max(plain.rfind(" ", first + 1, end + 1), 0) or end
    return f"{'…' if start else ''}{plain[start:end]}{'…' if end < len(plain) else ''}"


def _next_word(text: str, start: int, before: int) -> int:
    """Return where a word begins at or after `start`, and before `before`, if one does there."""
    if start == 0 or text[start - 1] == " ":
        return start
    space = text.find(" ", start, before)
    return start if space < 0 else space + 1
