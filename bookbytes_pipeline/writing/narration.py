"""Text to be spoken: without what a listener should not hear, and without what a voice cannot read well."""

import re

from bookbytes_pipeline.domain.numerals import numeral_value
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.writing.markup import ended, paragraphs_of

_URL = r"(?:https?://|ftp://|www\.)(?:[^\s<>()\[\]{}\"“”«»]|\([^\s()]*\))+"
_MAIL = r"(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_ADDRESS = re.compile(rf"{_URL}|{_MAIL}", re.IGNORECASE)
_BRACKETS = re.compile(r"\s?[(\[<]((?:[^()\[\]<>]|\([^()\s]*\))*)[)\]>]")
_ADDRESS_ENDS = ".,;:!?…'’"  # noqa: RUF001 - an apostrophe in print
_FEW_WORDS = 2
"""Beside an address in brackets, so many only introduce it: (see https://...), (available at www...)."""

_NOTE = re.compile(
    r"\s?\[(?:\^[^\[\]\s]{1,20}|(?:(?:note|fn|nb|n)\.?\s?)?\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,20})\]"  # noqa: RUF001
    r"|【\d[^【】]{0,40}】"
    r"|(?:(?<=[^\W\d_]{2})|(?<=[.,;:!?…\"'”’»]))\(\d{1,3}\)"  # noqa: RUF001 - (12) after a space is text
    r"|[†‡]+",
    re.IGNORECASE,
)
_RAISED_NOTE = re.compile(
    r"(?<![\d⁰¹²³⁴-⁹⁻])(?<!\b[^\W\d_])(?<!\b[kcmd]m)(?<!\b(?:ft|mi|yd|mc))"  # 10⁶, x², km² and mc² mean something
    r"[⁰¹²³⁴-⁹]+"
)

_CHAPTER = {
    "cs": "{}. kapitola",
    "da": "Kapitel {}",
    "de": "Kapitel {}",
    "en": "Chapter {}",
    "es": "Capítulo {}",
    "fi": "Luku {}",
    "fr": "Chapitre {}",
    "it": "Capitolo {}",
    "ja": "第{}章",
    "ko": "제{}장",
    "nb": "Kapittel {}",
    "nl": "Hoofdstuk {}",
    "no": "Kapittel {}",
    "pl": "Rozdział {}",
    "pt": "Capítulo {}",
    "ro": "Capitolul {}",
    "ru": "Глава {}",
    "sv": "Kapitel {}",
    "tr": "Bölüm {}",
    "uk": "Розділ {}",
    "zh": "第{}章",
}
"""How a chapter with a number is called; in other languages the number stands alone."""

_DOTS = re.compile(r"\.(?:\s?\.){2,}|…{2,}")
_DOTS_TO_WORD = re.compile(r"…(?=\w)")
_DASH = re.compile(r"\s?(?:(?<!-)-{2,3}(?!-)|[—―]+)\s?")
_LOOSE = re.compile(r"\s+([.,;:!?…)\]])(?=\s|$)")


def spoken(text: str) -> str:
    """`text` as it is to be spoken: plain paragraphs separated by blank lines, empty if there are no words in it.

    Markup, footnote marks and web and mail addresses are gone; dots and dashes are one character each.
    """
    paragraphs = map(_speakable, paragraphs_of(text))
    return "\n\n".join(paragraph for paragraph in paragraphs if any(map(str.isalnum, paragraph)))


def narration_text(number: int, title: str, summary: str, language: str) -> str:
    """A chapter as it is to be spoken: its title (its number, where that has no words) and its summary.

    A bare number is spoken as a chapter's, in `language`, a BCP 47 tag: "Chapter 4" for `IV`.
    """
    name = " ".join(spoken(title).split()) or str(number)
    return f"{ended(_numbered(name, language))}\n\n{spoken(summary)}".rstrip()


def _numbered(title: str, language: str) -> str:
    """Say what a number in the title counts, whether alone, before a subtitle or behind the name of a part."""
    chapter = _CHAPTER.get(language.lower().partition("-")[0])
    return ": ".join(_counted(part, chapter) for part in title.split(": ")) if chapter else title


def _counted(part: str, chapter: str) -> str:
    number = numeral_value(part.rstrip(".")) if part.isupper() or part.rstrip(".").isdecimal() else None
    return chapter.format(number) if number else part


def _speakable(paragraph: str) -> str:
    text = _ADDRESS.sub(_what_ends_it, _BRACKETS.sub(_without_address, paragraph))
    text = _RAISED_NOTE.sub("", _NOTE.sub("", text))
    text = _DASH.sub(" — ", _DOTS_TO_WORD.sub("… ", _DOTS.sub("…", text)))
    return _LOOSE.sub(r"\1", " ".join(text.split()))


def _what_ends_it(address: re.Match[str]) -> str:
    """The full stop or comma after an address, which belongs to the sentence."""
    return address[0][len(address[0].rstrip(_ADDRESS_ENDS)) :]


def _without_address(brackets: re.Match[str]) -> str:
    """Brackets without the address in them, or nothing where there is little else."""
    content, addresses = _ADDRESS.subn("", brackets[1])
    if not addresses:
        return brackets[0]
    if count_words(content) <= _FEW_WORDS and not any(map(str.isdigit, content)):
        return ""
    return f" ({content.strip(' ,;:')})"
