"""The plain paragraphs of a text with HTML or Markdown in it.

Every pattern reads a text once from left to right (no nested repetition, bounded look-ahead): the text is not trusted.
"""

import html
import re
import unicodedata

_TAGS = (
    "a|abbr|b|big|body|center|cite|code|dd|del|dfn|dl|dt|em|figcaption|figure|font|footer|head|header|html|i|img|ins|"
    "kbd|main|mark|nav|q|s|samp|small|span|strike|strong|sub|sup|tbody|td|tfoot|th|thead|tt|u|var"
)
_BLOCKS = "article|blockquote|div|h[1-6]|hr|li|ol|p|pre|section|table|title|tr|ul"
_HIDDEN = re.compile(r"<!--.{0,2000}?-->|<(script|style)\b[^<>]*>.{0,9000}?</\1\s*>", re.DOTALL | re.IGNORECASE)
_RAISED = re.compile(r"<sup\b[^<>]*>(?:<[^<>]*>)?[\[(]?(\d{1,3})[\])]?(?:<[^<>]*>)?</sup>", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:{_BLOCKS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s?/?>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

_NEWLINE = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co"}
_NEEDED = {"\n", "\t", "\u200c", "\u200d"}
"""Invisible as well, but needed: Persian and Indian spelling uses the (non-)joiners."""

_OPENING = "([{“‘«¿¡"  # noqa: RUF001 - a quotation mark in print
_PICTURE = (
    "\U0001f000-\U0001f0ff\U0001f170-\U0001faff"
    "\u2600-\u266c\u2670-\u2775\u2795-\u2797\u27b0\u27bf"  # without sharps, flats, circled numbers and arrows
    "\u231a\u231b\u23e9-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2b1b\u2b1c\u2b50\u2b55"
)
"""Emoji, the signs of which they consist, and other pictures, as the inside of a character class."""

_KEYCAP = re.compile(r"[0-9#*]\ufe0f?\u20e3|[©®™]\ufe0f")
_EMOJI = "\U0001f000"
"""What stands for an emoji that consists of characters of text."""
_RUN = rf"[{_PICTURE}][{_PICTURE}\ufe0e\ufe0f\u200d"
_EMOJIS = re.compile(rf"[ \t]?{_RUN} \t]*")
_BRACKETED_EMOJIS = re.compile(rf"[ \t]?[(\[][ \t]?{_RUN} \t]*[)\]]")
_LEADING = re.compile(rf"^[ \t]?(?:{_RUN}]*|[→➔➙-➯➱-➾⇒])[ \t]+(?=\S)", re.MULTILINE)
"""What stands in front of a line like a bullet."""

_DEFINITION = re.compile(r"\s*\[[^\[\]]{1,40}\]:\s.*")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})\s*[\w+#-]*\s*")
_RULE = re.compile(r"[\s|:=*_-]*")
_QUOTE = re.compile(r"\s*(?:>\s?)+")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*)")
_HEADING_END = re.compile(r"\s#+\s*$")
_ITEM = re.compile(r"\s*(?:(?:[-*+]\s+|[•◦‣▪]\s*)(?:\[[ xX]\]\s+)?|(?=\d{1,3}[.)]\s))(.*)")
"""A bullet is removed; a number is spoken."""

_ROW = re.compile(r"\s*\|(.*)\|\s*")
_SENTENCE = "\0"
"""Before a paragraph that is to end as a sentence does; the text itself has no control characters by then."""

_IMAGE = re.compile(r"!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])")
_CITATION = re.compile(r"\[\[?\^?\d{1,3}\]?\]\([^()]*\)")
_LINK = re.compile(r"\[([^\[\]]+)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\])")
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)([^*_~]+)(?<=\S)\1")
_STARS = re.compile(
    r"(?<![\w*\\])\*+(?=[^\s*])"  # before a word
    r"|(?<=[^\s*\\])(?<!\s[A-Z])(?<!^[A-Z])\*+(?![\w*])",  # after one, but not that of A*
    re.ASCII,  # no spaces in Chinese: its characters must not count as one word with the star between them
)
_UNDERLINES = re.compile(r"(?<![\w\\])_+(?=[^\s_])|(?<=[^\s_\\])_+(?!\w)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~$-])")
_END = re.compile(r"[.!?:;…。！？：；][\"'”’»)\]」』）]*$")  # noqa: RUF001 - of Asia


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of `text`, each on one line; headings, list items and table rows are paragraphs of their own."""
    lines = _visible(html.unescape(_without_tags(text))).split("\n")
    blocks = re.split(r"\n\s*\n", "\n".join(map(_unwrapped, lines)))
    return [paragraph for paragraph in map(_paragraph, blocks) if paragraph]


def ended(sentence: str) -> str:
    """`sentence` with a full stop, unless it ends with a mark of its own."""
    return sentence if _END.search(sentence) else f"{sentence}."


def _without_tags(text: str) -> str:
    text = _RAISED.sub(lambda match: match[1].translate(_SUPERSCRIPTS), _HIDDEN.sub("", text))
    return _TAG.sub("", _BLOCK.sub("\n\n", _BREAK.sub("\n", text)))


def _visible(text: str) -> str:
    text = _without_emoji(unicodedata.normalize("NFC", _NEWLINE.sub("\n", text)))
    return "".join(char for char in text if char in _NEEDED or unicodedata.category(char) not in _INVISIBLE)


def _without_emoji(text: str) -> str:
    text = _KEYCAP.sub(_EMOJI, text)
    return _EMOJIS.sub(_gap, _BRACKETED_EMOJIS.sub("", _LEADING.sub("• ", text)))


def _gap(emojis: re.Match[str]) -> str:
    """A space, where words would touch without the emoji."""
    before, after = (emojis.string[max(place, 0) : place + 1] for place in (emojis.start() - 1, emojis.end()))
    touching = after.isalnum() or emojis[0][-1].isspace()
    return " " if before and not before.isspace() and before not in _OPENING and touching else ""


def _unwrapped(line: str) -> str:
    """`line` without what Markdown puts at its start, set apart by blank lines as far as it is a block of its own."""
    quoted = _QUOTE.match(line)
    line = line[quoted.end() :] if quoted else line
    if any(pattern.fullmatch(line) for pattern in (_RULE, _FENCE, _DEFINITION)):
        return ""
    if heading := _HEADING.fullmatch(line):
        return f"\n{_SENTENCE}{_HEADING_END.sub('', heading[1])}\n"
    if item := _ITEM.fullmatch(line):
        return f"\n{_SENTENCE}{item[1]}"
    if row := _ROW.fullmatch(line):
        return f"\n{_SENTENCE}{', '.join(cell.strip() for cell in row[1].split('|') if cell.strip())}\n"
    return line


def _paragraph(block: str) -> str:
    plain = " ".join(_without_marks(block.replace(_SENTENCE, "")).split())
    return ended(plain) if plain and _SENTENCE in block else plain


def _without_marks(text: str) -> str:
    text = _LINK.sub(r"\1", _CITATION.sub("", _IMAGE.sub("", text)))
    text = _STRONG.sub(r"\2", text.replace("`", ""))
    return _ESCAPED.sub(r"\1", _UNDERLINES.sub("", _STARS.sub("", text)))
