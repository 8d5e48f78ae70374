"""Open Library's free text, made fit for a page, a prompt and a database."""

import html
import re
import unicodedata
from typing import Any

MAX_LINE_CHARS = 1_000
MAX_DESCRIPTION_CHARS = 4_000

# Libraries romanise Cyrillic with a ligature in two halves (U+FE20, U+FE21). Fonts and voices know the whole one.
_HALF_MARKS = str.maketrans({"\ufe20": "\u0361", "\ufe21": None, "\ufe22": "\u0360", "\ufe23": None})

# NUL is refused by PostgreSQL, a lone surrogate by UTF-8; neither belongs in a text.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_FOOTNOTE = re.compile(r"^ {0,8}\[[^\]\n]{1,100}\]: ?\S+.*$", re.MULTILINE)
_SOURCE = re.compile(r"\(\[source\]\[[^\]\n]{1,100}\]\.?\)", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]\n]{1,500})\](?:\[[^\[\]\n]{0,100}\]|\([^()\s]{1,1000}\))")
_MEDIUM = re.compile(
    r"\s?\[(?:electronic resource|microform|text \(large print\)|large print|sound recording)\]",
    re.IGNORECASE,
)
_PUNCTUATION_BETWEEN_FIELDS = re.compile(r"\s[/:;=,]$")
_INVERTED_WITH_YEARS = re.compile(
    r"([^,\d]{1,80}), ([^,\d]{1,80}), (?:b\. |ca\. |approximately )?\d{4}\??(?:-(?:\d{4}\??)?)?\.?"
)
_PARAGRAPHS = re.compile(r"\n\s*\n")


def line(value: Any, max_chars: int = MAX_LINE_CHARS) -> str:
    """One line of plain text out of a string or `{"type": "/type/text", "value": ...}`; empty for anything else."""
    return _cut(" ".join(_plain(value).split()), max_chars)


def stripped(value: Any, max_chars: int = MAX_LINE_CHARS) -> str:
    """As `line`, without the HTML that some people typed."""
    return line(html.unescape(_TAG.sub(" ", _plain(value))), max_chars)


def without_marc(title: str) -> str:
    """A title without what library cards add: the medium in brackets, and the sign before the next field."""
    plain = html.unescape(_MEDIUM.sub("", title)).strip()
    return _PUNCTUATION_BETWEEN_FIELDS.sub("", plain).strip() or title


def as_spoken(name: str) -> str:
    """A name as a title page has it: `Twain, Mark, 1835-1910` becomes Mark Twain. Without years, its order stays."""
    card = _INVERTED_WITH_YEARS.fullmatch(name)
    return f"{card[2].strip()} {card[1].strip()}" if card else name


def description(value: Any) -> str | None:
    """Paragraphs separated by blank lines, at most 4,000 characters, Markdown links reduced to their words."""
    text = _plain(value)[: 4 * MAX_DESCRIPTION_CHARS]
    text = _LINK.sub(r"\1", _FOOTNOTE.sub("", _SOURCE.sub("", text)))
    paragraphs = (line(paragraph, MAX_DESCRIPTION_CHARS) for paragraph in _PARAGRAPHS.split(text))
    return _cut("\n\n".join(filter(None, paragraphs)), MAX_DESCRIPTION_CHARS) or None


def _plain(value: Any) -> str:
    text = value.get("value") if isinstance(value, dict) else value
    if not isinstance(text, str):
        return ""
    printable = _UNPRINTABLE.sub("", text.translate(_HALF_MARKS))
    return unicodedata.normalize("NFC", printable).replace("\r\n", "\n").replace("\r", "\n")


def _cut(text: str, max_chars: int) -> str:
    if len(text) <= max_chars:
        return text
    return text[: max_chars - 1].rsplit(maxsplit=1)[0] + "…"
