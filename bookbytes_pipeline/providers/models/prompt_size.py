"""The fewest tokens that a prompt can have, so that a server that read fewer did not read all of it."""

import re

from bookbytes_pipeline.domain.words import UNSPACED

_CHARS_PER_TOKEN = 8
"""No tokenizer has more in any language: English has four to five."""
_MIN_CHARS = 6_000
"""A shorter prompt fits into every context, and a cached part of it may not be counted."""
_MAX_UNSPACED_SHARE = 0.1
"""In scripts without spaces servers count in too many ways."""
MIN_CONTEXT_TOKENS = 500
"""A server that counts fewer does not count what it reads: no context is so small."""
_UNSPACED = re.compile(f"[{UNSPACED}]")


def least_tokens(prompt: str) -> int:
    """Return how many tokens `prompt` has at least; 0 where that cannot be told."""
    if len(prompt) < _MIN_CHARS or len(_UNSPACED.findall(prompt)) > _MAX_UNSPACED_SHARE * len(prompt):
        return 0
    return len(prompt) // _CHARS_PER_TOKEN
