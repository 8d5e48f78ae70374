"""The fenced blocks of the documentation, for the tests that execute them."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[1]
_FENCED = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page in this language."""
    found = _FENCED.finditer((PROJECT / page).read_text(encoding="utf-8"))
    return [block["body"] for block in found if block["language"] == language]
