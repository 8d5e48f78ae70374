"""What small models get wrong in JSON although its meaning is clear, put right.

Nothing is invented: an object that breaks off stays broken, and one from which text would be lost is not taken.
"""

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

_MAX_CHARS, _MAX_BRACKETS, _MAX_QUOTES = 100_000, 200, 2_000
"""More than any answer has. The library takes minutes over some kilobytes of braces or quotes."""

_MAX_DEPTH = 3
"""How deep the answer may lie in another object: `{"result": {"answer": {...}}}`."""

_BEGINNINGS = 3
_KEPT = 0.9
"""How much of what the model wrote must be in the repaired object; the rest is keys that nobody asked for."""

_CLOSED = re.compile(
    r"(?:[\"'\u201d\u2019\]}\d]|true|false|null|none)\s*(?:,\s*)?\}"
    r"(?=[\s}\]`;.]*(?:$|[^\s\"'\u201d\u2019,:}\]`;.]))",
    re.IGNORECASE,
)
"""The end of an object, unless more of an object follows: a brace in mid-string closes nothing."""


def repaired(text: str, schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects that `text` may have been meant to be, the likeliest first."""
    end = _end(text)
    if end is None:
        return
    from json_repair import loads  # noqa: PLC0415 - only for answers that are broken

    for start in _beginnings(text[:end], schema):
        if text.count("{", start) > text.count("}", start):
            continue
        try:
            found = loads(text[start:end], skip_json_loads=True)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and _is_whole(found, text[start:end], schema):
            yield found


def breaks_off(text: str) -> bool:
    """Whether no object in `text` is closed after the last one was opened."""
    return _end(text) is None


def mentions(text: str, schema: Mapping[str, Any]) -> bool:
    """Whether an object with a key of `schema` begins in `text`."""
    return _beginning(schema).search(text) is not None


def objects_within(found: Any, depth: int = _MAX_DEPTH) -> Iterator[dict[str, Any]]:
    """`found` and the objects in it, outermost and last first: some models wrap the answer, or echo the schema."""
    if isinstance(found, dict):
        yield found
        for value in reversed(found.values()) if depth else ():
            yield from objects_within(value, depth - 1)


def _beginning(schema: Mapping[str, Any]) -> re.Pattern[str]:
    keys = "|".join(re.escape(key) for key in schema.get("properties", {}))
    return re.compile(rf"\{{\s*[\"'\u201c\u201d]?(?:{keys or '(?!)'})[\"'\u201c\u201d]?\s*:")


def _beginnings(text: str, schema: Mapping[str, Any]) -> list[int]:
    """Where the answer may begin: at the last object with one of its keys, else at the first brace."""
    starts = [found.start() for found in _beginning(schema).finditer(text)]
    first = text.find("{")
    return [*reversed(starts[-_BEGINNINGS:]), *([first] if first >= 0 else [])]


def _end(text: str) -> int | None:
    """Where the last object in `text` was closed; None if it was not, or if `text` is longer than any answer."""
    quotes, brackets = (sum(map(text.count, signs)) for signs in ("\"'", "{}[]"))
    if len(text) > _MAX_CHARS or quotes > _MAX_QUOTES or brackets > _MAX_BRACKETS:
        return None
    last = next(iter(deque(_CLOSED.finditer(text), maxlen=1)), None)
    return last.end() if last and text.rfind("{") < last.start() else None


def _is_whole(found: dict[str, Any], source: str, schema: Mapping[str, Any]) -> bool:
    """Whether nearly all letters of `source` are in what will be read: misread quotes turn text into keys."""
    known = schema.get("properties", {})
    parts = [{key: part[key] for key in part if key in known} for part in objects_within(found)]
    most = max(_letters(json.dumps(part, ensure_ascii=False)) for part in parts)
    return most >= _KEPT * _letters(re.sub(r"\\u[0-9a-fA-F]{4}", "x", source))


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
