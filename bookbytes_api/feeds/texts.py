"""Texts of a feed: without what XML forbids, and no longer than apps read."""

import re
from html import escape

MAX_DESCRIPTION_BYTES = 4000
MAX_CHARS = 255
"""Of a title, and of whatever else has no limit of its own."""
MAX_NAME_CHARS = 128
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELLIPSIS = "…"


def shortened(text: str, limit: int = MAX_CHARS) -> str:
    """Return text on one line of at most `limit` characters."""
    line = " ".join(_legal(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + _ELLIPSIS


def description(*paragraphs: str) -> str:
    """Return plain text as a description of at most 4000 bytes, in which `<` and `&` are those of HTML.

    Apps read descriptions as HTML, so that a summary of a book on HTML would lose its tags.
    """
    text = "\n\n".join(filter(None, map(_legal, paragraphs)))
    whole = escape(text, quote=False)
    return whole if len(whole.encode()) <= MAX_DESCRIPTION_BYTES else _cut(text)


def _legal(text: str) -> str:
    return _FORBIDDEN.sub("", text).strip()


def _cut(text: str) -> str:
    """Return as many characters as there is room for, up to the end of a word where there are words."""
    room = MAX_DESCRIPTION_BYTES - len(_ELLIPSIS.encode())
    kept = text[:room]
    while len(escape(kept, quote=False).encode()) > room:
        surplus = len(escape(kept, quote=False).encode()) - room
        kept = kept[: -max(1, surplus // 5)]
    words = kept.rpartition(" ")[0]
    end = words if len(words) > len(kept) // 2 else kept
    return escape(end.rstrip(), quote=False) + _ELLIPSIS
