"""The one measure of length: words, in every script.

Where a script puts no spaces between words, two characters count as one: a Japanese or Chinese word has about two, so
that lengths in words mean the same in all languages.
"""

import re

UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f"
    r"\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese letters, as the inside of a character class."""

_UNSPACED_PUNCTUATION = r"\u3000-\u3004\u3008-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_NOT_SPACED = re.compile(rf"[{UNSPACED}{_UNSPACED_PUNCTUATION}]")
_UNSPACED_LETTER = re.compile(f"[{UNSPACED}]")
_WORD = re.compile(rf"[{UNSPACED}]{{1,2}}|[^\s{UNSPACED}{_UNSPACED_PUNCTUATION}]+")


def count_words(text: str) -> int:
    """Return the length of `text` in words: what stands between spaces, or pairs of characters without spaces."""
    if text.isascii() or not _NOT_SPACED.search(text):
        return len(text.split())
    return sum(1 for _ in _WORD.finditer(text))


def has_spaces(text: str) -> bool:
    """Return whether `text` is in a script that puts spaces between words: most of its letters are."""
    return text.isascii() or 2 * len(_UNSPACED_LETTER.findall(text)) < sum(map(str.isalpha, text))
