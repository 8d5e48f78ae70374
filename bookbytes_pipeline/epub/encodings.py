"""The text of a page, in whatever encoding it was written and whatever it says about that."""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']|<meta[^>]{1,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_DECLARATION_BYTES = 4_096
_SAMPLE_BYTES = 64 * 1024
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
"""What browsers read instead of these names: the larger set of characters that they are used for."""
_ALIASES = {
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "unicode-1-1-utf-8": "utf-8",
}
_CONTROLS = re.compile(r"[\x00-\x08]")
MAX_BAD_BYTES_SHARE = 0.02
"""With more bytes that are not UTF-8, a page is not UTF-8, whatever it says."""
MAX_WESTERN_SHARE = 0.15
"""Accents and quotation marks are fewer bytes than this of a Western text; letters of other scripts are more."""
DEFAULT = "cp1252"
_FIRST_NOT_ASCII = 0x80


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text without byte order marks. `guessed` if neither the bytes nor a declaration say its encoding."""

    text: str
    encoding: str
    guessed: bool = False


def decode(content: bytes) -> DecodedText:
    """Return the text of a page or another XML file; what cannot be read becomes U+FFFD."""
    marked = next(((mark, name) for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)
    if marked:
        return _text(content[len(marked[0]) :], marked[1])
    if wide := _without_mark(content):
        return _text(content, wide)
    declared = _declared(content)
    if declared and declared.startswith(("iso2022", "hz")):
        return _text(content, declared)  # seven bits a byte, and so UTF-8 as well
    try:
        return DecodedText(_tidy(content.decode("utf-8")), "utf-8")
    except UnicodeDecodeError:
        return _not_utf_8(content, declared)


def _not_utf_8(content: bytes, declared: str | None) -> DecodedText:
    """Return the text by its declaration, or as UTF-8 with a few bytes of another encoding, or by its likeness."""
    if declared and not declared.startswith("utf"):
        return _text(content, declared)
    bad = content.decode("utf-8", "replace").count("\ufffd") / len(content)
    if bad <= MAX_BAD_BYTES_SHARE:
        return DecodedText(_tidy(content.decode("utf-8", "bookbytes.cp1252")), "utf-8")
    return _text(content, _likely(content[:_SAMPLE_BYTES]), guessed=True)


def _likely(sample: bytes) -> str:
    """Return the encoding that the bytes look like: of Western ones, where most letters are ASCII, cp1252."""
    if sum(byte >= _FIRST_NOT_ASCII for byte in sample) <= MAX_WESTERN_SHARE * len(sample):
        return DEFAULT
    likely = from_bytes(sample).best()
    return (_known(likely.encoding) if likely else None) or DEFAULT


def _text(content: bytes, encoding: str, *, guessed: bool = False) -> DecodedText:
    return DecodedText(_tidy(content.decode(encoding, "replace")), encoding, guessed)


def _tidy(text: str) -> str:
    """Without byte order marks in front, of which some files have two, and without controls, which no parser takes."""
    return _CONTROLS.sub("", text.lstrip("\ufeff"))


def _without_mark(content: bytes) -> str | None:
    """Return the encoding in two or four bytes that a file without a byte order mark is in, by its first "<"."""
    first = content[:4]
    wide = {b"<\0\0\0": "utf-32-le", b"\0\0\0<": "utf-32-be"}.get(first)
    return wide or {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(first[:2])


def _declared(content: bytes) -> str | None:
    found = _DECLARATION.search(content[:_DECLARATION_BYTES])
    return _known((found.group(1) or found.group(2)).decode("ascii")) if found else None


def _known(name: str) -> str | None:
    """Return the name of Python's codec for an encoding, None if it has none for text."""
    try:
        codec = codecs.lookup(_ALIASES.get(name.lower(), name))
        "".encode(codec.name)
    except LookupError:
        return None
    if codec.name.startswith(("utf-16", "utf-32", "utf-7", "idna", "punycode", "unicode", "raw")):
        return None  # not what these bytes are, or no encoding of a page
    return _SUPERSETS.get(codec.name, codec.name)


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Decode single bytes that are not UTF-8 as what Windows puts there: quotation marks and accents."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("bookbytes.cp1252", _as_cp1252)
