"""The table of contents of an Open Library edition, in every shape in which it is stored or served."""

import ast
from collections.abc import Mapping
from typing import Any

from bookbytes_pipeline.domain.book import ContentsRow
from bookbytes_pipeline.providers.metadata.open_library_text import stripped

MAX_ROWS = 1_000
MAX_ROW_CHARS = 2_000
MAX_LEVEL = 20


def contents(rows: Any) -> tuple[ContentsRow, ...]:
    """The rows that say anything, at most 1,000. A row may be a string or an object with any of its parts missing."""
    if not isinstance(rows, list):
        return ()
    read = (_row(row) for row in rows[:MAX_ROWS])
    return tuple(row for row in read if row.title or row.label)


def _row(row: Any) -> ContentsRow:
    if not isinstance(row, Mapping):
        return _row({"title": row}) if isinstance(row, str) else ContentsRow("")
    if printed := _printed_row(row.get("title")):
        return _row(printed)
    title = stripped(row.get("title") or row.get("value"), MAX_ROW_CHARS)
    return ContentsRow(title, stripped(row.get("label")), _level(row.get("level")))


def _printed_row(title: Any) -> Mapping[str, Any] | None:
    """The row that was printed into its own title as a Python dict, as an importer once did for whole books."""
    if not (isinstance(title, str) and title.startswith("{") and len(title) <= MAX_ROW_CHARS):
        return None
    try:
        row = ast.literal_eval(title)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    once = isinstance(row, dict) and not str(row.get("title", "")).startswith("{")
    return row if once else None


def _level(level: Any) -> int:
    try:
        return min(max(int(level), 0), MAX_LEVEL)
    except (TypeError, ValueError, OverflowError):
        return 0
